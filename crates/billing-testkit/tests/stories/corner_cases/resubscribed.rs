//! A customer whose subscription has ended subscribes again.

use billing_core::subscriptions::SubscriptionRole;

use super::every_order::{balances, in_every_order};
use super::*;

fn days(days: i64) -> Timestamp {
    noon().plus_days(days)
}

/// The state of a second subscription of the same buyer, which started at `began`.
fn second(order: &Order, began: Timestamp, status: SubscriptionStatus, at: Timestamp) -> Fact {
    state(order, Interval::Monthly, 0, status, at, |fact| {
        "sub_2".clone_into(&mut fact.id);
        fact.order_hint = None;
        fact.started_at = began;
        fact.period = Some(Period { start: began, end: began.plus_days(31) });
        fact.ended_at = status.is_final().then_some(at);
    })
}

fn second_pays(order: &Order, began: Timestamp) -> Fact {
    let mut fact = paid(order, "in_2", Interval::Monthly, 0);
    "sub_2".clone_into(&mut fact.subscription);
    fact.order_hint = None;
    fact.lines[0].period = Period { start: began, end: began.plus_days(31) };
    Fact::PeriodPaid(fact)
}

fn ended(order: &Order, at: Timestamp) -> Fact {
    state(order, Interval::Monthly, 0, Canceled, at, |fact| fact.ended_at = Some(at))
}

/// The roles by reference, the holder of the slot, and the balances.
async fn seen(shop: &Shop) -> (Vec<(String, SubscriptionRole)>, Option<String>, Vec<i64>) {
    let account = shop.store.account(AccountRef::External(&an_external_id("ada"))).await.unwrap().unwrap();
    let all = shop.store.subscriptions(account.id).await.unwrap();
    let mut roles: Vec<_> = all.into_iter().map(|one| (one.provider_id, one.role)).collect();
    roles.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    let slot = account.active_subscription.map(|name| name.id);
    (roles, slot, balances(shop, &[20]).await)
}

#[tokio::test]
async fn who_subscribes_again_after_the_end_is_subscribed_in_every_order() {
    for began in [5, 6] {
        let found = in_every_order(
            async || {
                let shop = Shop::open().await;
                let order = orders_plan(&shop, Interval::Monthly).await.order;
                shop.clock.set(days(6).plus_seconds(60));
                let facts = vec![
                    state(&order, Interval::Monthly, 0, Active, noon(), |_| {}),
                    Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0)),
                    ended(&order, days(5)),
                    second(&order, days(began), Active, days(began)),
                    second_pays(&order, days(began)),
                ];
                (shop, facts)
            },
            async |shop| seen(shop).await,
        )
        .await;
        let roles = ["sub_1", "sub_2"].map(|id| (id.to_owned(), SubscriptionRole::Active)).to_vec();
        assert_eq!(found, (roles, Some("sub_2".to_owned()), vec![2000, 2000]), "{began}");
    }
}

#[tokio::test]
async fn who_subscribes_beside_a_live_one_is_a_duplicate_also_when_that_has_ended_later() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    shop.clock.set(days(6));
    shop.hears("s2", second(&order, days(4), Active, days(4))).await;
    shop.hears("p2", second_pays(&order, days(4))).await;
    shop.hears("end", ended(&order, days(5))).await;
    let (roles, slot, balances) = seen(&shop).await;
    assert_eq!((roles[1].1, slot, balances[0]), (SubscriptionRole::Duplicate, None, 0));
}

#[tokio::test]
async fn what_went_back_as_a_duplicates_stays_so() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    shop.clock.set(days(6));
    shop.hears("s2", second(&order, days(6), Active, days(6))).await;
    shop.hears("p2", second_pays(&order, days(6))).await;
    assert_eq!(shop.billing.run_due(Job::Duplicates).await.unwrap().done, 1);
    shop.hears("end", ended(&order, days(5))).await;
    let (roles, slot, balances) = seen(&shop).await;
    assert_eq!((roles[1].1, slot, balances[0]), (SubscriptionRole::DuplicateRefunded, None, 0));
}

#[tokio::test]
async fn who_subscribes_beside_one_that_is_known_by_its_payments_alone_is_a_duplicate() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    // The renewal's invoice is reported, the subscription's own event never. Its stored period is over with all grace.
    shop.clock.set(period(Interval::Monthly, 1).start.plus_seconds(60));
    shop.hears("p_next", Fact::PeriodPaid(paid(&order, "in_next", Interval::Monthly, 1))).await;
    let began = period(Interval::Monthly, 0).end.plus_days(20);
    shop.clock.set(began.plus_seconds(60));
    shop.hears("s2", second(&order, began, Active, began)).await;
    shop.hears("p2", second_pays(&order, began)).await;
    let (roles, slot, _) = seen(&shop).await;
    assert_eq!((roles[1].1, slot.as_deref()), (SubscriptionRole::Duplicate, Some("sub_1")));
}

async fn may_subscribe(shop: &Shop) -> bool {
    let plan = PurchaseItem::Plan(shop.plan.id, Interval::Monthly);
    let ask = a_checkout("ada", Channel::named("stripe"), plan, Some("again"));
    match shop.billing.start_checkout(&ask).await {
        Ok(_) => true,
        Err(refused) => {
            assert_eq!(refused.code(), "already_subscribed");
            false
        }
    }
}

#[tokio::test]
async fn a_late_description_of_a_period_that_is_long_over_takes_no_slot() {
    let shop = Shop::open().await;
    let order = orders_plan(&shop, Interval::Monthly).await.order;
    shop.clock.set(days(200));
    shop.hears("late", state(&order, Interval::Monthly, 0, Active, noon(), |_| {})).await;
    let (_, slot, _) = seen(&shop).await;
    assert_eq!(slot, None);
    assert!(may_subscribe(&shop).await);
}

#[tokio::test]
async fn a_late_description_keeps_nobody_from_a_new_subscription_in_any_order() {
    let found = in_every_order(
        async || {
            let shop = Shop::open().await;
            let order = orders_plan(&shop, Interval::Monthly).await.order;
            shop.clock.set(days(200).plus_seconds(60));
            let facts = vec![
                state(&order, Interval::Monthly, 0, Active, noon(), |_| {}),
                Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0)),
                second(&order, days(200), Active, days(200)),
                second_pays(&order, days(200)),
            ];
            (shop, facts)
        },
        async |shop| seen(shop).await,
    )
    .await;
    let roles = ["sub_1", "sub_2"].map(|id| (id.to_owned(), SubscriptionRole::Active)).to_vec();
    assert_eq!(found, (roles, Some("sub_2".to_owned()), vec![2000, 2000]));
}

type Change = fn(&mut SubscriptionFact);

#[tokio::test]
async fn time_alone_ends_what_was_to_end_and_what_was_never_renewed() {
    let end = period(Interval::Monthly, 0).end;
    let cases: [(SubscriptionStatus, Change, Timestamp); 4] = [
        (Active, |fact| fact.cancel_at_period_end = true, end),
        (SubscriptionStatus::Trialing, |fact| fact.cancel_at = Some(noon().plus_days(7)), days(7)),
        (Active, |_| {}, end.plus_days(14)),
        (PastDue, |_| {}, end.plus_days(14)),
    ];
    for (status, change, over) in cases {
        let shop = Shop::open().await;
        let order = orders_plan(&shop, Interval::Monthly).await.order;
        shop.hears("now", state(&order, Interval::Monthly, 0, status, days(1), change)).await;
        shop.clock.set(over.plus_seconds(-1));
        assert!(!may_subscribe(&shop).await, "{status}");
        shop.clock.set(over);
        let shown = shop.billing.summary(&an_external_id("ada")).await.unwrap().subscription.unwrap();
        let shown = shown.subscription;
        assert_eq!((shown.status, shown.ended_at), (Canceled, Some(over)), "{status}");
        assert!(may_subscribe(&shop).await, "{status}");
        // A subscription that starts then is no duplicate.
        shop.clock.set(over.plus_seconds(60));
        shop.hears("s2", second(&order, over, Active, over)).await;
        shop.hears("p2", second_pays(&order, over)).await;
        let (roles, slot, balances) = seen(&shop).await;
        assert_eq!((roles[1].1, slot.as_deref()), (SubscriptionRole::Active, Some("sub_2")), "{status}");
        assert_eq!(balances[0], 2000, "{status}");
    }
}

#[tokio::test]
async fn what_was_paid_beyond_its_period_has_not_lapsed() {
    let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
    shop.clock.set(period(Interval::Monthly, 1).start.plus_seconds(60));
    shop.hears("p2", Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1))).await;
    // The renewal is known by its payment only.
    shop.clock.set(period(Interval::Monthly, 1).start.plus_days(20));
    assert!(!may_subscribe(&shop).await);
    let shown = shop.billing.summary(&an_external_id("ada")).await.unwrap().subscription.unwrap();
    assert_ne!(shown.subscription.status, Canceled);
}
