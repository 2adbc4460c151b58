//! Rollover, late usage, and fractions.

use std::sync::Arc;

use billing_core::ledger::{CaptureHold, Charge, Command, GrantCredits, Rollover, SpendCredits, Stage};
use billing_core::ports::AccountRef;
use billing_core::values::{Credits, GrantId};

use super::super::world::amounts;
use super::twin::{after, capture, ending, grant, on_both, spend};
use crate::Stores;
use crate::builders::{take, take_usage, usage};

fn metered(meter: &str, millionths: i64) -> Command {
    Command::Spend(take_usage(vec![usage(meter, millionths)]))
}

/// The rest at a grant's end rolls over up to its cap, once; the remainder expires.
pub async fn what_rolls_over_lives_on_up_to_its_cap(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        let rollover = Some(Rollover { cap: Credits::new(30), until: after(200) });
        story.done(0, Command::Grant(GrantCredits { rollover, ..ending("a", 100, 100) })).await;
        story.done(1, spend(20)).await;
        assert_eq!(story.done(100, spend(5)).await, 25);
        assert_eq!(story.refused(200, spend(1)).await.code(), "insufficient_credits");
        assert_eq!(story.done(201, grant("b", 1)).await, 1);
        let kinds: Vec<_> = story.world.history(story.account).await.lines.entries;
        let kinds: Vec<_> = kinds.iter().map(|entry| entry.kind.as_str().to_owned()).collect();
        assert_eq!(kinds, ["grant", "usage", "rollover", "rollover", "expiry", "usage", "expiry", "grant"]);
        story
    })
    .await;
}

/// Usage from before a grant's end may be reported late, within its grace period; other spends cannot use it then.
pub async fn late_usage_still_draws_on_an_ended_grant(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, Command::Grant(GrantCredits { late_seconds: 50, ..ending("a", 10, 100) })).await;
        let late = |amount, moment| {
            Command::Spend(SpendCredits { occurred_at: Some(after(moment)), ..take(amount) })
        };
        assert_eq!(story.refused(110, spend(1)).await.code(), "insufficient_credits");
        assert_eq!(story.refused(110, late(1, 100)).await.code(), "insufficient_credits");
        assert_eq!(story.refused(110, late(1, 111)).await.code(), "invalid_occurred_at");
        assert_eq!(story.done(110, late(4, 99)).await, 0);
        let kept = story.world.balance(story.account).await;
        assert_eq!((kept.posted.get(), kept.late.get()), (6, 6));
        assert_eq!(story.refused(150, late(1, 99)).await.code(), "insufficient_credits");
        assert_eq!(story.done(151, grant("b", 1)).await, 1);
        assert_eq!(story.world.balance(story.account).await.posted.get(), 1);
        story
    })
    .await;
}

/// A grant can be extended, even in its grace period; not one that is over.
pub async fn a_grant_can_be_extended_until_it_is_over(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        let late = GrantCredits { late_seconds: 50, ..ending("a", 10, 100) };
        let a: GrantId = story.at(0, vec![Command::Grant(late)]).await.unwrap().grants[0].id;
        let extend = |grant, end: Option<i64>| Command::ExtendGrant { grant, expires_at: end.map(after) };
        assert_eq!(story.done(120, extend(a, Some(300))).await, 10);
        assert_eq!(story.refused(121, extend(a, Some(200))).await.code(), "invalid_expiry");
        assert_eq!(story.done(299, spend(1)).await, 9);
        assert_eq!(story.refused(350, extend(a, None)).await.code(), "grant_over");
        let b = story.at(351, vec![Command::Grant(ending("b", 10, 400))]).await.unwrap().grants[0].id;
        assert_eq!(story.done(352, extend(b, None)).await, 10);
        assert_eq!(story.done(9000, spend(10)).await, 0);
        let grants = story.world.history(story.account).await.kept.grants;
        assert_eq!(grants.iter().filter(|grant| grant.stage == Stage::Expired).count(), 1);
        story
    })
    .await;
}

/// Fractions of a credit are carried per meter until they make a whole credit.
pub async fn fractions_are_carried_until_they_make_a_credit(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, grant("a", 10)).await;
        let nothing_yet = story.at(1, vec![metered("tokens", 400_000)]).await.unwrap();
        assert_eq!(amounts(&nothing_yet), [0_i64; 0]);
        assert_eq!(story.done(2, metered("seconds", 900_000)).await, 10);
        assert_eq!(story.done(3, metered("tokens", 400_000)).await, 10);
        let whole = story.at(4, vec![metered("tokens", 1_400_000)]).await.unwrap();
        assert_eq!(amounts(&whole), [-2]);
        let held = story.hold(5, 5, 900).await;
        let charge = Some(Charge::Usage(vec![usage("tokens", 1_800_000)]));
        let settle = CaptureHold { charge, last: true, ..capture(held, 1) };
        assert_eq!(story.done(6, Command::Capture(settle)).await, 6);
        story
    })
    .await;
}

/// Postings to a frozen account are refused until it is unfrozen.
pub async fn a_frozen_account_moves_nothing(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, grant("a", 10)).await;
        let freeze = async |why: Option<&str>| {
            let account = story.world.store.account(AccountRef::Id(story.account)).await.unwrap().unwrap();
            let frozen = why.map(str::to_owned);
            let account = billing_core::accounts::Account { frozen, ..account };
            story
                .world
                .write(billing_core::changes::Changes { accounts: vec![account], ..Default::default() })
                .await;
        };
        freeze(Some("sums differ")).await;
        assert_eq!(story.refused(1, spend(1)).await.code(), "account_frozen");
        freeze(None).await;
        assert_eq!(story.done(2, spend(1)).await, 9);
        story
    })
    .await;
}
