//! Due changes.

use std::sync::Arc;

use billing_core::ledger::{Actor, Command, EntryType, GrantCredits, Refusal, read_as_of};
use billing_core::values::{AccountId, Timestamp};

use super::super::world::{World, amounts};
use crate::builders::{a_grant, a_posting, a_spend, give, noon};
use crate::{SequentialIds, Stores};

fn ending(fact: &str, amount: i64, expires_at: Timestamp) -> Command {
    Command::Grant(GrantCredits { expires_at: Some(expires_at), ..give(fact, amount) })
}

fn beginning(fact: &str, amount: i64, effective_at: Timestamp) -> Command {
    Command::Grant(GrantCredits { effective_at: Some(effective_at), ..give(fact, amount) })
}

/// The balance at `now`, computed in memory from the stored state.
async fn available_at(world: &World, account: AccountId, now: Timestamp) -> i64 {
    let state = world.store.state(account).await.unwrap().unwrap();
    // Ids of entries that are only imagined; they must not meet real ones.
    read_as_of(state, now, &SequentialIds::starting_at(1 << 40)).balance.available().get()
}

/// Credits cannot be spent from the moment of their expiry on, even if no job has run; a microsecond before they can.
pub async fn expired_credits_cannot_be_spent(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let end = noon().plus_days(1);
    let commands = vec![ending("f", 10, end)];
    world.post_one(a_posting(account, "g", commands)).await.unwrap();
    let before = Timestamp::from_micros(end.micros() - 1);
    world.post_one_at(a_spend(account, "in-time", 4), before).await.unwrap();
    let refused = world.post_one_at(a_spend(account, "late", 1), end).await;
    let Err(Refusal::InsufficientCredits { available, .. }) = refused else {
        panic!("spent what had expired: {refused:?}")
    };
    assert_eq!(available.get(), 0);
    world.is_sound().await;
}

/// A reader sees due changes before they are persisted.
pub async fn a_reader_sees_expiry_before_it_is_written(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let end = noon().plus_days(1);
    world.post_one(a_posting(account, "g", vec![ending("f", 10, end)])).await.unwrap();
    world.post_one(a_grant(account, "stays", 3)).await.unwrap();
    let kept = world.balance(account).await;
    assert_eq!((kept.posted.get(), kept.next_change_at), (13, Some(end)));
    assert_eq!(available_at(&world, account, noon()).await, 13);
    assert_eq!(available_at(&world, account, end).await, 3);
    // Reading wrote nothing.
    assert_eq!(world.balance(account).await, kept);
    world.is_sound().await;
}

/// The next posting persists expiries, with their own times.
pub async fn an_expiry_entry_has_its_own_moment(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let (end, later) = (noon().plus_days(1), noon().plus_days(5));
    world.post_one(a_posting(account, "g", vec![ending("f", 10, end)])).await.unwrap();
    let posted = world.post_one_at(a_grant(account, "next", 1), later).await.unwrap();
    assert_eq!(amounts(&posted), [1], "what time did is not the posting's");
    let history = world.history(account).await;
    let expiry = &history.lines.entries[1];
    assert_eq!((&expiry.kind, expiry.amount.get(), expiry.seq), (&EntryType::EXPIRY, -10, 2));
    assert_eq!((expiry.effective_at, expiry.recorded_at), (end, later));
    assert_eq!((&expiry.actor, &expiry.posting_key), (&Actor::Time, &None));
    assert_eq!(expiry.grant, Some(history.kept.grants[0].id));
    assert!(!history.kept.grants[0].is_live());
    world.is_sound().await;
}

/// Only the rest of a grant expires.
pub async fn only_what_is_left_expires(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let end = noon().plus_days(1);
    world
        .post_one(a_posting(account, "g", vec![ending("half", 10, end), ending("gone", 5, end)]))
        .await
        .unwrap();
    world.post_one(a_spend(account, "s", 12)).await.unwrap();
    world.post_one_at(a_grant(account, "next", 1), end).await.unwrap();
    let history = world.history(account).await;
    let lines: Vec<_> = history.lines.entries.iter().map(|entry| entry.amount.get()).collect();
    assert_eq!(lines, [10, 5, -12, -3, 1]);
    world.is_sound().await;
}

/// Several expiries are written in order of time.
pub async fn expiries_are_written_in_order(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let days = |days| noon().plus_days(days);
    let commands = vec![ending("c", 3, days(3)), ending("a", 1, days(1)), ending("b", 2, days(2))];
    world.post_one(a_posting(account, "g", commands)).await.unwrap();
    world.post_one_at(a_grant(account, "next", 9), days(10)).await.unwrap();
    let history = world.history(account).await;
    let lines: Vec<_> =
        history.lines.entries[3..].iter().map(|entry| (entry.amount.get(), entry.effective_at)).collect();
    assert_eq!(lines, [(-1, days(1)), (-2, days(2)), (-3, days(3)), (9, days(10))]);
    world.is_sound().await;
}

/// An upcoming grant counts from its start on.
pub async fn a_grant_of_later_counts_from_its_moment_on(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let begin = noon().plus_days(30);
    let commands = vec![beginning("f", 10, begin)];
    let posted = world.post_one(a_posting(account, "g", commands)).await.unwrap();
    assert_eq!((amounts(&posted), posted.available.get(), posted.grants.len()), (vec![], 0, 1));
    let kept = world.balance(account).await;
    assert_eq!((kept.posted.get(), kept.seq, kept.next_change_at), (0, 0, Some(begin)));
    let early = world.post_one_at(a_spend(account, "early", 1), begin.plus_seconds(-1)).await;
    assert!(matches!(early, Err(Refusal::InsufficientCredits { .. })), "{early:?}");
    assert_eq!(available_at(&world, account, begin).await, 10);
    let spent = world.post_one_at(a_spend(account, "s", 4), begin.plus_days(2)).await.unwrap();
    assert_eq!(spent.available.get(), 6);
    let entry = &world.history(account).await.lines.entries[0];
    assert_eq!((&entry.kind, entry.amount.get(), entry.effective_at), (&EntryType::GRANT, 10, begin));
    world.is_sound().await;
}

/// A replayed posting of an upcoming grant answers the same, also after its start.
pub async fn a_repeated_grant_of_later_still_has_no_entries(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let begin = noon().plus_days(30);
    let posting = a_posting(account, "g", vec![beginning("f", 10, begin)]);
    world.post_one(posting.clone()).await.unwrap();
    world.post_one_at(a_spend(account, "s", 4), begin).await.unwrap();
    let again = world.post_one_at(posting, begin.plus_days(1)).await.unwrap();
    assert!(again.replayed);
    assert_eq!((amounts(&again), again.available.get(), again.grants.len()), (vec![], 0, 1));
    world.is_sound().await;
}

/// A year of monthly grants, posted at once, starts and ends month by month.
pub async fn months_paid_ahead_come_and_go_by_time(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let month = |count: i64| noon().plus_days(30 * count);
    let commands = (0..12).map(|count| {
        Command::Grant(GrantCredits {
            effective_at: Some(month(count)),
            expires_at: Some(month(count + 1)),
            ..give(&format!("month {count}"), 100)
        })
    });
    world.post_one(a_posting(account, "year", commands.collect())).await.unwrap();
    for count in 0..12 {
        assert_eq!(available_at(&world, account, month(count)).await, 100, "month {count}");
    }
    assert_eq!(available_at(&world, account, month(12)).await, 0);
    let spent = world.post_one_at(a_spend(account, "s", 30), month(6).plus_seconds(1)).await.unwrap();
    assert_eq!(world.drawn_on(account, spent.entries[0].seq).await, ["month 6"]);
    world.is_sound().await;
}

/// A grant that would end before its start is refused.
pub async fn a_grant_that_ends_before_it_begins_is_refused(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let refused = world.post_one(a_posting(account, "g", vec![ending("f", 1, noon())])).await;
    assert_eq!(refused, Err(Refusal::ExpiresTooEarly { expires_at: noon() }));
    let backwards = Command::Grant(GrantCredits {
        effective_at: Some(noon().plus_days(2)),
        expires_at: Some(noon().plus_days(1)),
        ..give("f", 1)
    });
    let refused = world.post_one(a_posting(account, "g", vec![backwards])).await;
    assert_eq!(refused, Err(Refusal::ExpiresTooEarly { expires_at: noon().plus_days(1) }));
    world.is_sound().await;
}

/// A clock that goes back does not take the account back in time.
pub async fn time_never_runs_backwards_for_an_account(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let later = noon().plus_days(1);
    world.post_one_at(a_grant(account, "g", 10), later).await.unwrap();
    let spent = world.post_one_at(a_spend(account, "s", 1), noon()).await.unwrap();
    assert_eq!(spent.entries[0].effective_at, later);
    assert_eq!(world.balance(account).await.last_at, later);
    world.is_sound().await;
}
