//! Idempotency keys.

use std::sync::Arc;

use billing_core::ledger::{Actor, Command, GrantCredits, Posting, Refusal, Stage};
use billing_core::values::AccountId;

use super::super::world::World;
use super::twin::hold;
use crate::Stores;
use crate::builders::{a_grant, a_posting, a_spend, give, noon, page, take};

fn a_hold(account: AccountId, key: &str, amount: i64) -> Posting {
    a_posting(account, key, vec![hold(amount, 900)])
}

/// The same request under the same key answers the first outcome, at any time.
pub async fn a_repetition_answers_the_first_outcome(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 100).await;
    let first = world.post_one(a_spend(account, "s", 30)).await.unwrap();
    world.post_one(a_spend(account, "other", 70)).await.unwrap();
    let again = world.post_one_at(a_spend(account, "s", 30), noon().plus_days(40)).await.unwrap();
    assert!(again.replayed);
    assert_eq!((&again.entries, again.available.get()), (&first.entries, 70));
    assert_eq!(world.balance(account).await.seq, 3);
    world.is_sound().await;
}

/// A replayed grant answers its entries and its grant.
pub async fn a_repeated_grant_gives_nothing_more(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let first = world.post_one(a_grant(account, "g", 10)).await.unwrap();
    let again = world.post_one(a_grant(account, "g", 10)).await.unwrap();
    assert!(again.replayed && !first.replayed);
    assert_eq!((again.entries, again.grants), (first.entries, first.grants));
    assert_eq!(world.available(account).await, 10);
    world.is_sound().await;
}

/// A replay answers all of a posting's entries, in order.
pub async fn a_repetition_answers_every_entry_of_the_posting(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let commands =
        || vec![Command::Grant(give("a", 5)), Command::Spend(take(2)), Command::Grant(give("b", 7))];
    let first = world.post_one(a_posting(account, "p", commands())).await.unwrap();
    world.post_one(a_spend(account, "s", 10)).await.unwrap();
    let again = world.post_one(a_posting(account, "p", commands())).await.unwrap();
    assert_eq!((again.entries, again.available), (first.entries, first.available));
    let ids = |grants: &[billing_core::ledger::Grant]| grants.iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(ids(&again.grants), ids(&first.grants));
    world.is_sound().await;
}

/// A key is applied once within a batch, too.
pub async fn a_repetition_within_a_batch_is_one_posting(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 100).await;
    let outcomes = world.post(vec![a_spend(account, "s", 30); 3]).await;
    let replayed: Vec<_> = outcomes.iter().map(|outcome| outcome.as_ref().unwrap().replayed).collect();
    assert_eq!(replayed, [false, true, true]);
    let entries = |place: usize| &outcomes[place].as_ref().unwrap().entries;
    assert_eq!(entries(0), entries(2));
    assert_eq!(world.available(account).await, 70);
    world.is_sound().await;
}

/// A batch may replay one earlier posting more than once: each replay answers the whole first outcome.
pub async fn several_repetitions_within_a_batch_answer_the_first_outcome(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let both = a_posting(account, "p", vec![Command::Grant(give("a", 5)), Command::Spend(take(2))]);
    let first = world.post_one(both.clone()).await.unwrap();
    let ids = |grants: &[billing_core::ledger::Grant]| grants.iter().map(|one| one.id).collect::<Vec<_>>();
    for again in world.post(vec![both; 3]).await {
        let again = again.unwrap();
        assert!(again.replayed);
        assert_eq!((&again.entries, again.available), (&first.entries, first.available));
        assert_eq!(ids(&again.grants), ids(&first.grants));
    }
    assert_eq!(world.balance(account).await.seq, 2);
    world.is_sound().await;
}

/// Another request under a used key is refused and changes nothing, in a later batch or the same.
pub async fn another_request_under_a_used_key_is_refused(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 100).await;
    let batch = vec![a_spend(account, "s", 30), a_spend(account, "s", 31)];
    assert_eq!(world.post(batch).await[1], Err(Refusal::KeyReused));
    assert_eq!(world.post_one(a_grant(account, "s", 1)).await, Err(Refusal::KeyReused));
    assert_eq!(world.available(account).await, 70);
    world.is_sound().await;
}

/// Postings with and without entries share the account's keys.
pub async fn a_key_of_a_hold_is_taken_for_spends_and_the_other_way_round(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 100).await;
    world.post_one(a_hold(account, "h", 10)).await.unwrap();
    world.post_one(a_spend(account, "s", 1)).await.unwrap();
    for taken in ["h", "s"] {
        // The account is in the cache of the process that wrote it last.
        world.post_one(a_spend(account, &format!("before-{taken}"), 1)).await.unwrap();
        assert_eq!(world.post_one(a_spend(account, taken, 2)).await, Err(Refusal::KeyReused), "{taken}");
        assert_eq!(world.post_one(a_hold(account, taken, 3)).await, Err(Refusal::KeyReused), "{taken}");
        let batch = vec![a_spend(account, taken, 2), a_spend(account, &format!("beside-{taken}"), 1)];
        let outcomes = world.post(batch).await;
        assert_eq!((outcomes[0].clone(), outcomes[1].is_ok()), (Err(Refusal::KeyReused), true), "{taken}");
    }
    assert!(world.post_one(a_hold(account, "h", 10)).await.unwrap().replayed);
    assert!(world.post_one(a_spend(account, "s", 1)).await.unwrap().replayed);
    assert_eq!(world.available(account).await, 100 - 10 - 1 - 4);
    world.is_sound().await;
}

/// The rest of a grant is correct for any alternation of spends and other postings, and for any grant that they draw
/// on.
pub async fn what_is_left_of_grants_is_right_whoever_writes_them(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 20).await;
    let left = async || {
        let grants = world.store.grants(account, &page(10, 0)).await.unwrap().items;
        let mut left: Vec<_> = grants.iter().map(|grant| grant.remaining.get()).collect();
        left.sort_unstable();
        left
    };
    world.post_one(a_spend(account, "1", 3)).await.unwrap();
    world.post_one(a_spend(account, "2", 4)).await.unwrap();
    assert_eq!(left().await, [13]);
    // It burns sooner, so that the next spend draws on it, and the one after on both.
    let sooner = GrantCredits { expires_at: Some(noon().plus_days(3)), ..give("sooner", 10) };
    world.post_one(a_posting(account, "g", vec![Command::Grant(sooner)])).await.unwrap();
    world.post_one(a_spend(account, "3", 4)).await.unwrap();
    assert_eq!(left().await, [6, 13]);
    world.post_one(a_hold(account, "h", 2)).await.unwrap();
    world.post_one(a_spend(account, "4", 5)).await.unwrap();
    assert_eq!(left().await, [2, 12]);
    world.post_one(a_spend(account, "5", 1)).await.unwrap();
    assert_eq!(left().await, [2, 11]);
    world.is_sound().await;
}

/// A spend after a grant's end draws on another grant and persists that the first one waits for late usage.
pub async fn a_spend_writes_down_what_time_did_to_the_grant_drawn_on_before(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let late = |fact: &str| GrantCredits {
        expires_at: Some(noon().plus_days(2)),
        late_seconds: 5 * 86_400,
        ..give(fact, 10)
    };
    let granted = vec![Command::Grant(give("a", 10)), Command::Grant(late("b")), Command::Grant(late("c"))];
    world.post_one(a_posting(account, "g", granted)).await.unwrap();
    world.post_one(a_spend(account, "1", 3)).await.unwrap();
    for (day, key) in [(3, "2"), (4, "3")] {
        world.post_one_at(a_spend(account, key, 1), noon().plus_days(day)).await.unwrap();
        let mut grants = world.store.grants(account, &page(10, 0)).await.unwrap().items;
        grants.sort_by_key(|grant| grant.id);
        let stages: Vec<_> = grants.iter().map(|grant| grant.stage).collect();
        assert_eq!(stages, [Stage::Active, Stage::Late, Stage::Late]);
        let left: i64 = grants.iter().map(|grant| grant.remaining.get()).sum();
        assert_eq!(left, 30 - 3 - (day - 2));
    }
    world.is_sound().await;
}

/// The actor is not part of the fingerprint: a repeated request by another actor is a replay.
pub async fn the_fingerprint_alone_says_whether_a_request_is_the_same(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 100).await;
    world.post_one(a_spend(account, "s", 30)).await.unwrap();
    let mut again = a_spend(account, "s", 30);
    again.actor = Actor::User;
    assert!(world.post_one(again).await.unwrap().replayed);
    world.is_sound().await;
}

/// A refusal leaves the key unused: after a top-up the same request succeeds.
pub async fn a_refusal_leaves_the_key_free(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    for _ in 0..2 {
        let refused = world.post_one(a_spend(account, "s", 30)).await;
        assert!(matches!(refused, Err(Refusal::InsufficientCredits { .. })), "{refused:?}");
    }
    world.post_one(a_grant(account, "g", 100)).await.unwrap();
    let spent = world.post_one(a_spend(account, "s", 30)).await.unwrap();
    assert_eq!((spent.replayed, spent.available.get()), (false, 70));
    world.is_sound().await;
}

/// Two accounts can use the same key.
pub async fn a_key_belongs_to_one_account(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.rich_account("ada", 10).await, world.rich_account("bob", 10).await);
    for account in [ada, bob] {
        assert!(!world.post_one(a_spend(account, "s", 1)).await.unwrap().replayed);
    }
    assert_eq!((world.available(ada).await, world.available(bob).await), (9, 9));
    world.is_sound().await;
}
