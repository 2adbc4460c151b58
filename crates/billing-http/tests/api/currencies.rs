//! Sums in currencies without decimals and with three, from the price list to the invoice.

use actix_web::http::Method;
use billing_core::Job;
use billing_core::changes::Changes;
use billing_core::credentials::Scope;
use billing_core::orders::OrderRefs;
use billing_core::payments::{
    Channel, CheckoutFact, CheckoutOutcome, Fact, PaymentRefs, PaymentReversal, PaymentReversalUpdate,
};
use billing_core::ports::CatalogReads;
use billing_core::subscriptions::Subscription;
use billing_core::values::{Money, Period};
use billing_testkit::builders::{a_subscription, noon};
use serde_json::{Value, json};

use crate::common::World;

/// A currency, a price in its smallest unit, the same for people, and three tenths of it, rounded down.
const PRICES: [(&str, i64, &str, i64); 5] = [
    ("JPY", 500, "500", 150),
    ("KWD", 5120, "5.120", 1536),
    ("USD", 999, "9.99", 299),
    ("KRW", 9_999_999_999, "9999999999", 2_999_999_999),
    ("TND", 10, "0.010", 3),
];

async fn hears(world: &World, id: &str, fact: Fact) {
    let delivery = world.provider.event(id, fact);
    world.billing.receive_webhook(Channel::named("stripe"), &delivery.headers, &delivery.body).await.unwrap();
    let report = world.billing.run_due(Job::Inbox).await.unwrap();
    assert_eq!((report.done, report.failed), (1, 0), "{id}");
}

/// The only order and the only invoice of ada.
async fn shown(world: &World, key: &str) -> (Value, Value) {
    let orders = world.get(key, "/orders").await.data();
    let invoices = world.get(key, "/v1/billing/invoices").await.json();
    (orders[0].clone(), invoices["invoices"][0].clone())
}

#[actix_web::test]
async fn a_sum_is_the_same_in_the_price_list_the_order_and_the_invoice() {
    for (code, price, _, part) in PRICES {
        let world = World::new();
        let key = world.key_of("ada", &[Scope::BillingRead, Scope::BillingWrite]).await;
        let pack = json!({ "slug": "small", "name": "Small", "price": price, "currency": code.to_lowercase(),
            "credits": 1000 });
        let pack = world.operator(Method::POST, "/admin/billing/packs").json(&pack).send().await.data();
        let listed = &world.get(&key, "/credits/packs").await.data()[0];
        assert_eq!((&listed["price"], &listed["currency"]), (&json!(price), &json!(code)));

        let wanted = json!({ "channel": "stripe", "type": "credits", "pack_id": pack["id"],
            "success_url": "https://app.example.com/a", "cancel_url": "https://app.example.com/b" });
        world.post(&key, "/payment/create-session", &wanted).await.data();
        let asked = world.provider.asked_checkouts().remove(0);
        let money = Money::new(price, code.parse().unwrap());
        assert_eq!(asked.price, money, "the provider is asked for it");

        let session = billing_testkit::ScriptedProvider::session_of(&asked).id;
        let refs = OrderRefs { payment: Some("pi_1".to_owned()), ..OrderRefs::default() };
        let paid = CheckoutFact {
            session,
            outcome: CheckoutOutcome::Paid,
            subscription_mode: false,
            total: Some(money),
            customer: asked.customer,
            refs,
            order_hint: None,
        };
        hears(&world, "evt_paid", Fact::Checkout(paid)).await;
        let (order, invoice) = shown(&world, &key).await;
        for shown in [&order, &invoice] {
            assert_eq!((&shown["amount"], &shown["currency"]), (&json!(price), &json!(code)), "{shown}");
        }
        assert_eq!((&invoice["status"], &invoice["amount_refunded"]), (&json!("paid"), &json!(0)));

        // Three tenths go back, and as many of the credits as that is of what was paid.
        let back = PaymentReversal {
            payment: PaymentRefs::of_payment("pi_1"),
            update: PaymentReversalUpdate::RefundedInAll(Money::new(part, money.currency)),
        };
        hears(&world, "evt_back", Fact::Reversal(back)).await;
        let (order, invoice) = shown(&world, &key).await;
        assert_eq!(
            (&invoice["amount"], &invoice["amount_refunded"]),
            (&json!(price), &json!(part)),
            "{code}"
        );
        assert_eq!(invoice["status"], "partially_refunded");
        assert_eq!(order["status"], "partially_refunded");
        let left = 1000 - i64::try_from(1000 * i128::from(part) / i128::from(price)).unwrap();
        assert_eq!(world.balance("ada").await.0, left, "{code}");
    }
}

#[actix_web::test]
async fn a_plans_price_is_shown_to_people_with_the_decimals_of_its_currency() {
    for (code, price, text, _) in PRICES {
        let world = World::new();
        let plan = json!({ "slug": "pro", "name": "Pro", "price_monthly": price, "currency": code,
            "credits_included": 100, "stripe_price_id_monthly": "price_1" });
        let plan = world.operator(Method::POST, "/admin/billing/plans").json(&plan).send().await.data();
        let key = world.key_of("ada", &[Scope::BillingRead]).await;
        let listed = &world.get(&key, "/subscription/plans").await.data()[0];
        assert_eq!((&listed["price_monthly"], &listed["currency"]), (&json!(price), &json!(code)));
        assert_eq!(listed["prices"][0]["amount"], json!(price));

        let account = world.account("ada").await;
        let plan = world.store.plan(plan["id"].as_str().unwrap().parse().unwrap()).await.unwrap().unwrap();
        let subscription = Subscription {
            period: Some(Period { start: noon(), end: noon().plus_days(30) }),
            ..a_subscription(account.id, &plan, "sub_1", &*world.ids)
        };
        world.commit(Changes { subscriptions: vec![subscription], ..Changes::default() }).await;
        let overview = world.get(&key, "/v1/billing/overview").await.data();
        assert_eq!(overview["subscription"]["plan"]["price"], text, "{code}");
        assert_eq!(overview["billing"]["upcoming_invoice"]["amount"], text, "{code}");
        assert_eq!(overview["billing"]["upcoming_invoice"]["currency"], code);
        // Document B speaks of no sums, so it has none to get wrong.
        let summary = world.get(&key, "/v1/billing/summary").await;
        assert!(!summary.text().contains(code), "{}", summary.text());
    }
}

#[actix_web::test]
async fn a_price_with_parts_of_the_smallest_unit_is_no_price() {
    let world = World::new();
    for price in [json!(0.5), json!("500"), json!(9.99), json!(-1), json!(10_000_000_000_i64)] {
        let pack =
            json!({ "slug": "small", "name": "Small", "price": price, "currency": "JPY", "credits": 1 });
        let refused = world.operator(Method::POST, "/admin/billing/packs").json(&pack).send().await;
        assert_eq!(refused.status, 400, "{price}: {}", refused.text());
    }
}
