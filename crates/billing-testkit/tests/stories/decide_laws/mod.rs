//! Properties of decisions that hold for any facts about a subscription, in any order and repeated any number of times.

mod life;
mod world;

use billing_core::catalog::RolloverMode;
use billing_core::payments::{Fact, Payment};
use proptest::prelude::*;

use life::lives;
use world::World;

/// The `facts` in the order of `keys`.
fn shuffled(facts: Vec<Fact>, keys: &[u32]) -> Vec<Fact> {
    let mut keyed: Vec<_> = keys.iter().copied().chain(std::iter::repeat(0)).zip(facts).collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, fact)| fact).collect()
}

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Delivering each fact twice in a row, and all of them once more at the end, has the same result as delivering
    /// each once.
    #[test]
    fn applying_a_fact_twice_changes_nothing(life in lives()) {
        block(async {
            let once = World::lives(&life, |facts| facts).await;
            let twice = |facts: Vec<Fact>| -> Vec<Fact> {
                let doubled = facts.iter().flat_map(|fact| [fact.clone(), fact.clone()]);
                doubled.chain(facts.clone()).collect()
            };
            let twice = World::lives(&life, twice).await;
            prop_assert_eq!(once.granted().await, twice.granted().await);
            prop_assert_eq!(once.seen().await, twice.seen().await);
            twice.shop.is_sound("ada").await;
            Ok(())
        })?;
    }

    /// The facts have the same result in any order; so an older state never overwrites a newer one. Ended credits do
    /// not come back, so balances are compared only while the last paid period, or the grace period of its renewal, has
    /// not ended. A rollover is what was left when the next period, or the end of the subscription, was reported (ADR
    /// 20), so its amount depends on the order.
    #[test]
    fn any_order_of_the_same_facts_ends_the_same(
        life in lives(), keys in prop::collection::vec(any::<u32>(), 24)
    ) {
        block(async {
            let in_order = World::lives(&life, |facts| facts).await;
            let shuffled = World::lives(&life, |facts| shuffled(facts, &keys)).await;
            let mut seen = [in_order.seen().await, shuffled.seen().await];
            let last = seen[0].payments.iter().filter_map(Payment::whole_period).map(|paid| paid.end).max();
            let rolls_over = life.rollover == RolloverMode::RollOver;
            if rolls_over || last.is_none_or(|end| end.plus_days(2) < life.now()) {
                for one in &mut seen {
                    one.balances.clear();
                }
            }
            prop_assert_eq!(&seen[0], &seen[1]);
            shuffled.shop.is_sound("ada").await;
            Ok(())
        })?;
    }

    /// Payments never grant more than their plan's credits, times the quantity, for each paid period.
    #[test]
    fn payments_bring_no_more_than_the_plan_for_each_paid_period(
        life in lives(), keys in prop::collection::vec(any::<u32>(), 24)
    ) {
        block(async {
            let world = World::lives(&life, |facts| shuffled(facts, &keys)).await;
            let credits = |payment: &Payment| {
                let plan = payment.covers.as_ref().map(|covered| covered.plan);
                if plan == Some(world.max.id) { world.max.credits_included } else { world.shop.plan.credits_included }
            };
            let periods = world.payments().await;
            let of_trial = if life.tried { 100 } else { 0 };
            // The credits that a renewal pays for in the period before.
            let with_renewal = |paid: &Payment| {
                paid.whole_period().is_some() && paid.covers.as_ref().is_some_and(|covers| covers.change.is_some())
            };
            let rest = world.max.credits_included.get() - world.shop.plan.credits_included.get();
            let of_rest = |paid: &Payment| if with_renewal(paid) { rest } else { 0 };
            let most = periods.iter().map(|paid| credits(paid).get() + of_trial + of_rest(paid)).sum::<i64>();
            let most = most.max(of_trial) * i64::from(life.quantity);
            let granted = world.granted().await;
            prop_assert!(granted <= most, "{granted} of {most}");
            Ok(())
        })?;
    }

    /// Every payment grants, is reversed, or is left to an operator.
    #[test]
    fn every_payment_is_explained(life in lives(), keys in prop::collection::vec(any::<u32>(), 24)) {
        block(async {
            let world = World::lives(&life, |facts| shuffled(facts, &keys)).await;
            for payment in world.payments().await {
                let explained = payment.paid.minor == 0
                    || !payment.grant_keys.is_empty()
                    || payment.is_reversed()
                    || world.is_left_to_an_operator(&payment).await;
                prop_assert!(explained, "{payment:?}");
            }
            Ok(())
        })?;
    }
}
