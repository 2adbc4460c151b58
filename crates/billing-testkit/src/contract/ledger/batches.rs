//! A batch is equivalent to its postings one at a time.

use std::sync::Arc;

use billing_core::ledger::{Outcome, Refusal};
use billing_core::values::AccountId;

use super::super::world::{World, amounts};
use crate::Stores;
use crate::builders::{a_grant, a_spend};

/// An empty batch succeeds.
pub async fn an_empty_batch_has_no_outcomes(store: Arc<dyn Stores>) {
    assert_eq!(World::new(store).post(Vec::new()).await, []);
}

/// Outcomes are in the batch's order, for any accounts.
pub async fn outcomes_come_in_the_order_of_the_batch(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let batch = vec![a_grant(bob, "1", 1), a_grant(ada, "2", 2), a_spend(bob, "3", 1), a_grant(bob, "4", 4)];
    let outcomes = world.post(batch).await;
    let answers: Vec<_> = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().unwrap())
        .map(|posted| (posted.account, amounts(posted), posted.available.get()))
        .collect();
    let expected = [(bob, vec![1], 1), (ada, vec![2], 2), (bob, vec![-1], 0), (bob, vec![4], 4)];
    assert_eq!(answers, expected);
    world.is_sound().await;
}

/// A posting can spend what an earlier one in the batch granted.
pub async fn a_posting_sees_what_came_before_it_in_the_batch(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let batch = vec![a_spend(account, "early", 5), a_grant(account, "g", 5), a_spend(account, "late", 5)];
    let outcomes = world.post(batch).await;
    assert!(matches!(outcomes[0], Err(Refusal::InsufficientCredits { .. })), "{outcomes:?}");
    assert!(outcomes[1].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
    assert_eq!(world.available(account).await, 0);
    world.is_sound().await;
}

/// A refused posting does not affect its neighbours.
pub async fn a_refusal_does_not_touch_its_neighbours(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.rich_account("ada", 10).await;
    let batch = vec![a_spend(account, "a", 4), a_spend(account, "b", 7), a_spend(account, "c", 6)];
    let accepted: Vec<_> = world.post(batch).await.iter().map(Result::is_ok).collect();
    assert_eq!(accepted, [true, false, true]);
    let kept = world.balance(account).await;
    assert_eq!((kept.posted.get(), kept.seq), (0, 3));
    world.is_sound().await;
}

/// A batch gives the same outcomes as its postings one at a time.
pub async fn a_batch_equals_its_postings_one_at_a_time(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let together = [world.account("ada").await, world.account("bob").await];
    let apart = [world.account("cleo").await, world.account("dora").await];
    let batch = world.post(mixed(together)).await;
    let mut single = Vec::new();
    for posting in mixed(apart) {
        single.push(world.post_one(posting).await);
    }
    assert_eq!(told(&batch), told(&single));
    for (one, other) in together.into_iter().zip(apart) {
        let (one, other) = (world.history(one).await, world.history(other).await);
        let lines = |history: &billing_core::ledger::audit::History| {
            let line = |entry: &billing_core::ledger::Entry| (entry.seq, entry.amount, entry.balance_after);
            history.lines.entries.iter().map(line).collect::<Vec<_>>()
        };
        assert_eq!(lines(&one), lines(&other));
        assert_eq!(one.kept.balance.buckets, other.kept.balance.buckets);
    }
    world.is_sound().await;
}

fn mixed([ada, bob]: [AccountId; 2]) -> Vec<billing_core::ledger::Posting> {
    vec![
        a_grant(ada, "1", 10),
        a_spend(bob, "2", 1),
        a_spend(ada, "3", 4),
        a_grant(bob, "4", 3),
        a_spend(ada, "3", 4),
        a_spend(ada, "3", 5),
        a_spend(ada, "6", 7),
        a_spend(bob, "2", 1),
        a_grant(ada, "1", 11),
        a_spend(ada, "9", 6),
    ]
}

/// An outcome without ids: the amounts, the available balance, and whether it is a replay.
type Told = Result<(Vec<i64>, i64, bool), &'static str>;

fn told(outcomes: &[Outcome]) -> Vec<Told> {
    let posted = |outcome: &Outcome| match outcome {
        Ok(posted) => Ok((amounts(posted), posted.available.get(), posted.replayed)),
        Err(refusal) => Err(refusal.code()),
    };
    outcomes.iter().map(posted).collect()
}

/// A large batch over many accounts is applied completely.
pub async fn a_batch_can_be_large(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let mut accounts = Vec::new();
    for number in 0..20 {
        accounts.push(world.account(&format!("account-{number}")).await);
    }
    let grants = accounts.iter().map(|account| a_grant(*account, "g", 100));
    let spends = (0..480).map(|number| {
        let account = accounts[usize::try_from(number % 20).unwrap()];
        a_spend(account, &format!("s{number}"), 1 + number % 3)
    });
    let outcomes = world.post(grants.chain(spends).collect()).await;
    assert!(outcomes.iter().all(Result::is_ok));
    let mut left = 0;
    for account in &accounts {
        left += world.available(*account).await;
    }
    let taken: i64 = (0..480).map(|number| 1 + number % 3).sum();
    assert_eq!(left, 2000 - taken);
    world.is_sound().await;
}
