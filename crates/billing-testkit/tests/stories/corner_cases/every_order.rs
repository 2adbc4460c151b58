//! The same facts in every order of delivery.

use std::fmt::Debug;

use super::*;

/// Every permutation of `count` indices.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let with_last = |order: Vec<usize>| {
        (0..count).map(move |place| {
            let mut longer = order.clone();
            longer.insert(place, count - 1);
            longer
        })
    };
    orders(count - 1).into_iter().flat_map(with_last).collect()
}

/// Delivers the facts of `begin` in every order, each of them once, twice or three times, each order to its own shop;
/// checks that `seen` returns the same at the end, and returns it.
pub(super) async fn in_every_order<T: Debug + PartialEq>(
    begin: impl AsyncFn() -> (Shop, Vec<Fact>),
    seen: impl AsyncFn(&Shop) -> T,
) -> T {
    let count = begin().await.1.len();
    let mut first = None;
    for (number, order) in orders(count).into_iter().enumerate() {
        let (shop, facts) = begin().await;
        for place in &order {
            for again in 0..=(place + number) % 3 {
                shop.hears(&format!("evt_{place}_{again}"), facts[*place].clone()).await;
            }
        }
        // Events that waited for another are retried.
        for _ in 0..6 {
            shop.clock.advance(600);
            shop.works().await;
        }
        let now = seen(&shop).await;
        shop.is_sound("ada").await;
        match &first {
            None => first = Some(now),
            Some(first) => assert_eq!(*first, now, "{order:?}"),
        }
    }
    first.unwrap()
}

/// The balance now, and after each of `days`.
pub(super) async fn balances(shop: &Shop, days: &[i64]) -> Vec<i64> {
    let mut all = vec![shop.balance("ada").await];
    for days in days {
        shop.clock.advance(days * 86_400);
        all.push(shop.balance("ada").await);
    }
    all
}
