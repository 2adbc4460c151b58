//! Grants and spends.

use std::sync::Arc;

use billing_core::ledger::{Command, Refusal};
use billing_core::values::{AccountId, Credits};
use uuid::Uuid;

use super::super::world::{World, amounts};
use crate::Stores;
use crate::builders::{a_grant, a_posting, a_spend, give, noon, take};

/// Granted credits can be spent, and each outcome has the available balance.
pub async fn what_was_given_can_be_spent(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let granted = world.post_one(a_grant(account, "g", 100)).await.unwrap();
    assert_eq!((amounts(&granted), granted.available.get(), granted.replayed), (vec![100], 100, false));
    assert_eq!(granted.grants.len(), 1);
    let spent = world.post_one(a_spend(account, "s", 30)).await.unwrap();
    assert_eq!((amounts(&spent), spent.available.get(), spent.replayed), (vec![-30], 70, false));
    let entry = &spent.entries[0];
    assert_eq!((entry.seq, entry.balance_after.get(), entry.available_after.get()), (2, 70, 70));
    assert_eq!((entry.account, entry.effective_at, entry.recorded_at), (account, noon(), noon()));
    let kept = world.balance(account).await;
    assert_eq!((kept.posted.get(), kept.held.get(), kept.debt.get(), kept.seq), (70, 0, 0, 2));
    world.is_sound().await;
}

/// A spend may take the whole balance.
pub async fn the_last_credit_can_be_spent(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 5).await;
    let spent = world.post_one(a_spend(account, "s", 5)).await.unwrap();
    assert_eq!(spent.available.get(), 0);
    assert_eq!(world.history(account).await.kept.grants.iter().filter(|grant| grant.is_live()).count(), 0);
    world.is_sound().await;
}

/// A spend is all or nothing, and its refusal has the numbers.
pub async fn a_spend_beyond_the_balance_takes_nothing(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 10).await;
    let refused = world.post_one(a_spend(account, "s", 11)).await;
    let numbers = Refusal::InsufficientCredits {
        required: Credits::new(11),
        available: Credits::new(10),
        held: Credits::ZERO,
    };
    assert_eq!(refused, Err(numbers));
    let kept = world.balance(account).await;
    assert_eq!((kept.posted.get(), kept.seq), (10, 1));
    world.is_sound().await;
}

/// A spend can draw on several grants, with an allocation for each.
pub async fn a_spend_draws_on_as_many_grants_as_it_needs(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    for key in ["a", "b", "c"] {
        world.post_one(a_grant(account, key, 10)).await.unwrap();
    }
    let spent = world.post_one(a_spend(account, "s", 25)).await.unwrap();
    assert_eq!(amounts(&spent), [-25]);
    let history = world.history(account).await;
    let taken: Vec<_> =
        history.lines.allocations.iter().filter(|part| part.seq == 4).map(|part| part.amount.get()).collect();
    assert_eq!(taken, [-10, -10, -5]);
    let left: Vec<_> = history.kept.grants.iter().map(|grant| grant.remaining.get()).collect();
    assert_eq!(left, [0, 0, 5]);
    world.is_sound().await;
}

/// Later commands of a posting see the effects of earlier ones.
pub async fn a_posting_can_spend_what_it_gives(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let commands = vec![Command::Grant(give("f", 10)), Command::Spend(take(4)), Command::Spend(take(6))];
    let posted = world.post_one(a_posting(account, "p", commands)).await.unwrap();
    assert_eq!((amounts(&posted), posted.available.get()), (vec![10, -4, -6], 0));
    world.is_sound().await;
}

/// If one command of a posting is refused, none is applied.
pub async fn a_posting_is_carried_out_whole_or_not_at_all(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 10).await;
    let commands = vec![Command::Spend(take(6)), Command::Grant(give("f", 1)), Command::Spend(take(6))];
    let refused = world.post_one(a_posting(account, "p", commands)).await;
    assert!(matches!(refused, Err(Refusal::InsufficientCredits { .. })), "{refused:?}");
    let kept = world.balance(account).await;
    assert_eq!((kept.posted.get(), kept.seq), (10, 1));
    // The fact is free as well.
    world.post_one(a_posting(account, "q", vec![Command::Grant(give("f", 1))])).await.unwrap();
    world.is_sound().await;
}

/// A posting without a command is refused.
pub async fn a_posting_without_commands_is_refused(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    assert_eq!(world.post_one(a_posting(account, "p", Vec::new())).await, Err(Refusal::Empty));
    world.is_sound().await;
}

/// A posting to an unknown account is refused, and the rest of the batch is applied.
pub async fn an_unknown_account_does_not_fail_the_batch(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let known = world.account("ada").await;
    let unknown = AccountId::from_uuid(Uuid::from_u128(404));
    let batch = vec![a_grant(known, "a", 1), a_grant(unknown, "a", 1), a_grant(known, "b", 1)];
    let outcomes = world.post(batch).await;
    assert_eq!(outcomes[1], Err(Refusal::UnknownAccount { account: unknown }));
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
    assert_eq!(world.available(known).await, 2);
    assert_eq!(world.store.balance(unknown).await.unwrap(), None);
    world.is_sound().await;
}

/// Accounts do not share credits.
pub async fn accounts_do_not_share_credits(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.rich_account("ada", 10).await, world.rich_account("bob", 1).await);
    let refused = world.post_one(a_spend(bob, "s", 2)).await;
    assert!(matches!(refused, Err(Refusal::InsufficientCredits { .. })), "{refused:?}");
    world.post_one(a_spend(ada, "s", 2)).await.unwrap();
    assert_eq!((world.available(ada).await, world.available(bob).await), (8, 1));
    world.is_sound().await;
}
