//! The host changes its grace periods.

use std::sync::Arc;

use billing_core::Billing;
use billing_testkit::{ScriptedProvider, SequentialIds};

use super::*;

/// The same shop with other grace periods, for later facts.
fn with_grace(shop: Shop, renewal: u16, past_due: u16) -> Shop {
    let provider = Arc::new(ScriptedProvider::new(Channel::named("stripe")));
    let ids = Arc::new(SequentialIds::starting_at(1_000_000));
    let billing = Billing::builder(shop.store.clone(), shop.clock.clone(), ids)
        .provider(provider.clone())
        .renewal_grace_days(renewal)
        .past_due_grace_days(past_due)
        .build();
    Shop { billing, provider, ..shop }
}

fn past_due(order: &Order, at: Timestamp) -> Fact {
    state(order, Interval::Monthly, 1, PastDue, at, |_| {})
}

#[tokio::test]
async fn what_was_given_before_the_settings_changed_follows_them_from_the_next_fact_on() {
    let end = period(Interval::Monthly, 0).end;
    let rolls = RolloverPolicy { mode: RolloverMode::RollOver, cap: Some(Credits::new(2000)) };
    for (rollover, renewal, past_due_days, lives) in
        [(EXPIRE, 7, 20, 20), (EXPIRE, 1, 2, 2), (rolls, 7, 20, 7), (rolls, 1, 20, 1)]
    {
        let (shop, order) = begun(Interval::Monthly, rollover).await;
        let shop = with_grace(shop, renewal, past_due_days);
        shop.clock.set(end.plus_seconds(60));
        shop.hears("due", past_due(&order, end.plus_seconds(60))).await;
        shop.clock.set(end.plus_days(lives).plus_seconds(-1));
        assert_eq!(shop.balance("ada").await, 2000, "{renewal} {past_due_days} {rollover:?}");
        let account =
            shop.store.account(AccountRef::External(&an_external_id("ada"))).await.unwrap().unwrap();
        let grants = {
            use billing_core::ports::LedgerReports;
            shop.store.grants(account.id, &page(100, 0)).await.unwrap().items
        };
        let ends: Vec<_> = grants.iter().map(|grant| grant.expires_at.unwrap()).collect();
        assert_eq!(ends, [end.plus_days(lives)], "{renewal} {past_due_days} {rollover:?}");
        shop.is_sound("ada").await;
    }
}

#[tokio::test]
async fn what_was_given_before_the_settings_changed_ends_with_the_renewal_as_ever() {
    for days in [1, 9] {
        let (shop, order) = begun(Interval::Monthly, EXPIRE).await;
        let shop = with_grace(shop, days, 14);
        let next = period(Interval::Monthly, 1).start;
        shop.clock.set(next.plus_seconds(60));
        shop.hears("p2", Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1))).await;
        shop.clock.advance(1);
        assert_eq!(shop.balance("ada").await, 2000, "{days}");
        shop.is_sound("ada").await;
    }
}

#[tokio::test]
async fn an_operators_end_stays_whatever_the_settings() {
    let to = noon().plus_days(90);
    let (shop, order) = extended(to).await;
    let shop = with_grace(shop, 9, 20);
    let end = period(Interval::Monthly, 0).end;
    for (number, days) in [(0, 0), (1, 1)] {
        let at = end.plus_days(days).plus_seconds(60);
        shop.clock.set(at);
        shop.hears(&format!("due_{number}"), past_due(&order, at)).await;
    }
    shop.clock.set(to.plus_seconds(-1));
    assert_eq!(shop.balance("ada").await, 2000);
    shop.clock.set(to);
    assert_eq!(shop.balance("ada").await, 0);
}
