//! Reversals, clawbacks and debt.

use std::sync::Arc;

use billing_core::accounts::Account;
use billing_core::changes::Changes;
use billing_core::ledger::{
    ClawBack, ClawbackPolicy, Command, Refusal, ReverseSpend, Shortfall, SpendCredits, Stage, Taken,
};
use billing_core::ports::AccountRef;
use billing_core::values::{Credits, EntryId, GrantId, Metadata};

use super::super::world::amounts;
use super::twin::{Story, after, capture, ending, grant, hold, on_both, spend};
use crate::Stores;
use crate::builders::take;

fn reverse(entry: EntryId, amount: Option<i64>) -> Command {
    Command::Reverse(ReverseSpend {
        taken: Taken::Entry(entry),
        amount: amount.map(Credits::new),
        refund_expires_at: after(100_000),
        description: "The job failed".to_owned(),
        metadata: Metadata::default(),
    })
}

fn claw_back(grant: GrantId, total: i64, policy: ClawbackPolicy) -> Command {
    let description = "Refunded".to_owned();
    Command::Clawback(ClawBack { grant, total: Credits::new(total), policy, description })
}

async fn overdraft(story: &Story, limit: i64) {
    let account = story.world.store.account(AccountRef::Id(story.account)).await.unwrap().unwrap();
    let account = Account { overdraft_limit: Credits::new(limit), ..account };
    story.world.write(Changes { accounts: vec![account], ..Changes::default() }).await;
}

async fn grant_of(story: &Story, fact: &str, amount: i64) -> GrantId {
    story.at(0, vec![grant(fact, amount)]).await.unwrap().grants[0].id
}

async fn debt(story: &Story) -> i64 {
    story.world.balance(story.account).await.debt.get()
}

/// A spend returns to its grants, the last one first, and no more than was taken.
pub async fn a_spend_goes_back_to_its_grants(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, Command::Grant(ending("soon", 10, 500))).await;
        story.done(0, grant("later", 10)).await;
        let spent = story.at(1, vec![spend(15)]).await.unwrap().entries[0].id;
        assert_eq!(story.done(2, reverse(spent, Some(7))).await, 12);
        let left = story.world.history(story.account).await.kept.grants;
        assert_eq!(left.iter().map(|grant| grant.remaining.get()).collect::<Vec<_>>(), [2, 10]);
        let [required, left] = [9, 8].map(Credits::new);
        let refused = story.refused(3, reverse(spent, Some(9))).await;
        assert_eq!(refused, Refusal::ReversedBefore { required, left });
        assert_eq!(story.done(4, reverse(spent, None)).await, 20);
        assert_eq!(story.refused(5, reverse(spent, None)).await.code(), "already_reversed");
        story
    })
    .await;
}

/// The part of an ended grant returns as a new grant.
pub async fn a_spend_of_an_ended_grant_comes_back_on_its_own(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        story.done(0, Command::Grant(ending("a", 10, 60))).await;
        let spent = story.at(1, vec![spend(10)]).await.unwrap().entries[0].id;
        let back = story.at(61, vec![reverse(spent, None)]).await.unwrap();
        assert_eq!(amounts(&back), [10]);
        assert_eq!((back.grants.len(), back.grants[0].expires_at), (1, Some(after(100_000))));
        story
    })
    .await;
}

/// Only spends can be reversed, and only on their own account.
pub async fn only_spends_can_be_reversed(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        let given = story.at(0, vec![grant("a", 10)]).await.unwrap().entries[0].id;
        assert_eq!(story.refused(1, reverse(given, None)).await.code(), "not_reversible");
        let other = story.world.rich_account("bob", 10).await;
        let foreign = crate::builders::a_spend(other, "s", 5);
        let foreign = story.world.post_one_at(foreign, after(1)).await.unwrap().entries[0].id;
        assert_eq!(story.refused(2, reverse(foreign, None)).await.code(), "transaction_not_found");
        story
    })
    .await;
}

/// An account may have debt up to its limit; new credits repay it first.
pub async fn what_is_owed_is_repaid_first(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        overdraft(&story, 20).await;
        story.done(0, grant("a", 10)).await;
        let spent = story.at(1, vec![spend(25)]).await.unwrap();
        assert_eq!((spent.available.get(), debt(&story).await), (-15, 15));
        assert_eq!(story.refused(2, spend(6)).await.code(), "insufficient_credits");
        assert_eq!(story.refused(2, hold(6, 60)).await.code(), "insufficient_credits");
        assert_eq!(story.done(3, grant("b", 12)).await, -3);
        assert_eq!(debt(&story).await, 3);
        // Of the 25, 15 were owed; 12 of those are repaid by now and come back as credits of their own.
        assert_eq!(story.done(4, reverse(spent.entries[0].id, None)).await, 22);
        assert_eq!(debt(&story).await, 0);
        story
    })
    .await;
}

/// A hold may use the overdraft, too; the uncovered part becomes debt at the capture.
pub async fn a_hold_on_the_overdraft_is_owed_when_captured(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        overdraft(&story, 20).await;
        story.done(0, grant("a", 10)).await;
        let held = story.hold(1, 25, 900).await;
        assert_eq!(story.world.available(story.account).await, -15);
        assert_eq!(story.refused(2, spend(6)).await.code(), "insufficient_credits");
        assert_eq!(story.done(3, grant("b", 5)).await, -10);
        assert_eq!(story.done(4, Command::Capture(capture(held, 25))).await, -10);
        assert_eq!(debt(&story).await, 10);
        story
    })
    .await;
}

/// A partial spend takes what is available without debt; if nothing is available it is refused.
pub async fn a_partial_spend_takes_what_is_there(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        overdraft(&story, 100).await;
        story.done(0, grant("a", 10)).await;
        let part = || Command::Spend(SpendCredits { shortfall: Shortfall::TakeWhatIsThere, ..take(25) });
        assert_eq!(amounts(&story.at(1, vec![part()]).await.unwrap()), [-10]);
        assert_eq!(debt(&story).await, 0);
        assert_eq!(story.refused(2, part()).await.code(), "insufficient_credits");
        story
    })
    .await;
}

/// A clawback states a total, so it is idempotent; spent credits become debt.
pub async fn a_grant_taken_back_takes_what_is_left_and_owes_the_rest(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        let bought = grant_of(&story, "a", 100).await;
        story.done(1, spend(70)).await;
        assert_eq!(story.done(2, claw_back(bought, 20, ClawbackPolicy::Debt)).await, 10);
        assert_eq!(story.done(3, claw_back(bought, 20, ClawbackPolicy::Debt)).await, 10);
        assert_eq!(story.done(4, claw_back(bought, 500, ClawbackPolicy::Debt)).await, -70);
        assert_eq!(debt(&story).await, 70);
        assert_eq!(story.done(5, grant("b", 75)).await, 5);
        story
    })
    .await;
}

/// With write-off a clawback takes the rest of the grant only; held credits stay.
pub async fn a_grant_taken_back_may_stop_at_what_is_left(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        let bought = grant_of(&story, "a", 100).await;
        let held = story.hold(1, 40, 900).await;
        story.done(2, spend(50)).await;
        assert_eq!(story.done(3, claw_back(bought, 100, ClawbackPolicy::WriteOff)).await, 0);
        assert_eq!((debt(&story).await, story.world.balance(story.account).await.held.get()), (0, 40));
        story.done(4, Command::Capture(capture(held, 15))).await;
        assert_eq!(story.done(5, Command::Release { hold: held }).await, 25);
        story
    })
    .await;
}

/// A voided grant loses its rest, and later the credits released by holds; an upcoming one never counts.
pub async fn a_grant_called_off_is_gone(store: Arc<dyn Stores>) {
    on_both(store, async |story| {
        let void = |grant| Command::Void { grant, description: "Entered twice".to_owned() };
        let wrong = grant_of(&story, "a", 100).await;
        let held = story.hold(1, 30, 900).await;
        story.done(2, spend(20)).await;
        assert_eq!(story.done(3, void(wrong)).await, 0);
        assert_eq!(story.refused(4, void(wrong)).await.code(), "grant_over");
        story.done(5, Command::Capture(capture(held, 10))).await;
        let released = story.at(6, vec![Command::Release { hold: held }]).await.unwrap();
        assert_eq!(amounts(&released), [-20]);

        let later = billing_core::ledger::GrantCredits {
            effective_at: Some(after(50)),
            ..crate::builders::give("b", 9)
        };
        let later = story.at(7, vec![Command::Grant(later)]).await.unwrap().grants[0].id;
        story.done(8, void(later)).await;
        assert_eq!(story.done(60, grant("c", 1)).await, 1);
        let voided = story.world.history(story.account).await.kept.grants;
        assert_eq!(voided.iter().filter(|grant| grant.stage == Stage::Voided).count(), 2);
        story
    })
    .await;
}
