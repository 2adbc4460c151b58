//! Extreme amounts.

use std::sync::Arc;

use billing_core::ledger::{Command, GrantCredits, Refusal};
use billing_core::values::Credits;

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_grant, a_posting, a_spend, give, noon};

const MAX: i64 = Credits::MAX_AMOUNT.get();

/// Amounts go from 1 to 2^53 − 1.
pub async fn amounts_have_two_ends(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    for amount in [0, -1, MAX + 1, i64::MAX, i64::MIN] {
        let refusal = Refusal::InvalidAmount { amount: Credits::new(amount) };
        assert_eq!(world.post_one(a_grant(account, "g", amount)).await, Err(refusal.clone()));
        assert_eq!(world.post_one(a_spend(account, "s", amount)).await, Err(refusal));
    }
    world.post_one(a_grant(account, "g", MAX)).await.unwrap();
    let spent = world.post_one(a_spend(account, "s", MAX)).await.unwrap();
    assert_eq!((spent.entries[0].amount.get(), spent.available.get()), (-MAX, 0));
    world.is_sound().await;
}

/// A balance far beyond the precision of a double is exact.
pub async fn large_balances_are_exact(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    for number in 0..5 {
        world.post_one(a_grant(account, &format!("g{number}"), MAX)).await.unwrap();
    }
    world.post_one(a_spend(account, "s", 2)).await.unwrap();
    assert_eq!(world.available(account).await, 5 * MAX - 2);
    world.is_sound().await;
}

/// A grant that would overflow 64 bits is refused; one credit less is not.
pub async fn a_balance_does_not_overflow(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    // 1024 times 2^53 − 1 is 2^63 − 1024.
    let commands = (0..1024).map(|number| Command::Grant(give(&format!("g{number}"), MAX)));
    world.post_one(a_posting(account, "g", commands.collect())).await.unwrap();
    assert_eq!(world.available(account).await, i64::MAX - 1023);
    assert_eq!(world.post_one(a_grant(account, "much", 1024)).await, Err(Refusal::BalanceOutOfRange));
    world.post_one(a_grant(account, "just-right", 1023)).await.unwrap();
    assert_eq!(world.available(account).await, i64::MAX);
    world.is_sound().await;
}

/// Upcoming credits count towards the limit when they are granted: due changes must never fail.
pub async fn credits_of_later_cannot_overflow_a_balance(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let account = world.account("ada").await;
    let begin = noon().plus_days(1);
    let later = |fact: String, amount: i64| {
        Command::Grant(GrantCredits { effective_at: Some(begin), ..give(&fact, amount) })
    };
    let commands = (0..1024).map(|number| later(format!("g{number}"), MAX));
    world.post_one(a_posting(account, "g", commands.collect())).await.unwrap();
    let refused = world.post_one(a_posting(account, "h", vec![later("h".to_owned(), 1024)])).await;
    assert_eq!(refused, Err(Refusal::BalanceOutOfRange));
    assert_eq!(world.post_one(a_grant(account, "i", 1024)).await, Err(Refusal::BalanceOutOfRange));
    let spent = world.post_one_at(a_spend(account, "s", 1), begin).await.unwrap();
    assert_eq!(spent.available.get(), i64::MAX - 1024);
    world.is_sound().await;
}
