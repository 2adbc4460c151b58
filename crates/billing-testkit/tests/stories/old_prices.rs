//! A plan's price changes while customers pay, or are about to pay, the previous one.

use billing_core::catalog::{Interval, Plan, PlanPrices};
use billing_core::payments::{Channel, CheckoutOutcome, Fact};
use billing_core::requests::PlanDraft;
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::Credits;
use billing_testkit::builders::{
    a_pack_draft, a_plan_draft, an_external_id, creem_product, monthly_price, noon,
};

use super::shop::{DONE, Shop, told};
use super::subscriptions::{catches_up, orders_plan, paid, period, subscribed};

/// Publishes the plan with other `prices`, and more credits than before.
async fn priced_anew(shop: &Shop, prices: PlanPrices) -> Plan {
    let draft = PlanDraft {
        prices,
        price_monthly: 3000,
        credits_included: Credits::new(3000),
        ..PlanDraft::from(&shop.plan)
    };
    shop.billing.publish_plan(Some(shop.plan.id), &draft).await.unwrap()
}

#[tokio::test]
async fn a_renewal_at_an_old_price_grants_what_was_agreed() {
    for prices in [monthly_price(Channel::named("stripe"), "price_new"), PlanPrices::default()] {
        let shop = Shop::open().await;
        let order = orders_plan(&shop, Interval::Monthly).await.order;
        let news = [
            subscribed(&order, SubscriptionStatus::Active, noon()),
            Fact::PeriodPaid(paid(&order, "in_1", Interval::Monthly, 0)),
        ];
        for (number, fact) in news.into_iter().enumerate() {
            assert_eq!(shop.hears(&format!("evt_{number}"), fact).await, DONE);
        }
        let plan = priced_anew(&shop, prices).await;
        shop.clock.set(period(Interval::Monthly, 1).start);
        let renewal = Fact::PeriodPaid(paid(&order, "in_2", Interval::Monthly, 1));
        assert_eq!(shop.hears("evt_renewal", renewal).await, DONE);
        assert_eq!(shop.balance("ada").await, 2000);
        let summary = shop.billing.summary(&an_external_id("ada")).await.unwrap();
        assert_eq!(summary.subscription.unwrap().plan.unwrap().id, plan.id);
        shop.is_sound("ada").await;
    }
}

#[tokio::test]
async fn a_checkout_that_was_open_while_the_price_changed_grants_what_was_agreed() {
    let shop = Shop::open().await;
    let started = orders_plan(&shop, Interval::Monthly).await;
    priced_anew(&shop, monthly_price(Channel::named("stripe"), "price_new")).await;
    let news = [
        told(&started, CheckoutOutcome::Paid),
        Fact::PeriodPaid(paid(&started.order, "in_1", Interval::Monthly, 0)),
        subscribed(&started.order, SubscriptionStatus::Active, noon()),
    ];
    for (number, fact) in news.into_iter().enumerate() {
        shop.hears(&format!("evt_{number}"), fact).await;
    }
    catches_up(&shop).await;
    assert_eq!(shop.balance("ada").await, 2000);
    shop.is_sound("ada").await;
}

#[tokio::test]
async fn a_price_that_was_sold_once_is_not_sold_as_anything_else() {
    let shop = Shop::open().await;
    priced_anew(&shop, monthly_price(Channel::named("stripe"), "price_new")).await;
    for taken in ["price_month", "price_new"] {
        let draft =
            PlanDraft { prices: monthly_price(Channel::named("stripe"), taken), ..a_plan_draft("other") };
        let refused = shop.billing.publish_plan(None, &draft).await.unwrap_err();
        assert_eq!(refused.code(), "provider_price_taken");
        assert_eq!(
            refused.to_string(),
            format!(
                "`{taken}` of stripe stands for the plan `pro`, monthly; a price stands for one item for good"
            )
        );
    }
    // The same holds on every channel, and between plans and packs.
    let mut pack = a_pack_draft("large");
    pack.prices = creem_product("prod_1");
    shop.billing.publish_pack(None, &pack).await.unwrap();
    let draft =
        PlanDraft { prices: monthly_price(Channel::named("creem"), "prod_1"), ..a_plan_draft("other") };
    let refused = shop.billing.publish_plan(None, &draft).await.unwrap_err();
    assert_eq!(refused.code(), "provider_price_taken");
    pack.slug = "larger".to_owned();
    assert_eq!(shop.billing.publish_pack(None, &pack).await.unwrap_err().code(), "provider_price_taken");
    // It may be sold again as the plan that it stands for.
    priced_anew(&shop, monthly_price(Channel::named("stripe"), "price_month")).await;
}
