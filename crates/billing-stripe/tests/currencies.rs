//! Currencies without decimals, with three, and those that Stripe counts in its own way: from the price to the refund.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[expect(dead_code, reason = "not every test needs all of it")]
mod common;

use std::sync::Arc;
use std::time::Duration;

use billing_core::catalog::Interval;
use billing_core::orders::OrderStatus;
use billing_core::payments::{AllowedOrigins, Channel, Payment};
use billing_core::ports::{AccountRef, BillingReads, PaymentQuery};
use billing_core::requests::{PurchaseItem, StartedCheckout};
use billing_core::values::{Currency, Money};
use billing_core::{Billing, Job};
use billing_stripe::{StripeConfig, StripeProvider, sign};
use billing_testkit::builders::{
    ALLOWED_ORIGIN, a_checkout, a_pack_draft, a_plan_draft, an_external_id, monthly_price, noon,
};
use billing_testkit::fixtures::stripe::{FixtureEvent, Shape, Story, StoryIds, stripe_story};
use billing_testkit::http_fakes::stripe::StripeFake;
use billing_testkit::{ManualClock, MemoryStore, SequentialIds};
use common::{SECRET, headers};

/// A currency, what something costs in its smallest unit, and what Stripe calls that.
const PRICES: [(&str, i64, i64); 7] = [
    ("USD", 999, 999),
    ("JPY", 500, 500),
    ("KRW", 1, 1),
    ("KWD", 5120, 5120),
    ("TND", 10, 10),
    ("ISK", 500, 50_000),
    ("UGX", 3700, 370_000),
];
const PRICE: &str = "price_1Monthly";

struct Shop {
    store: Arc<MemoryStore>,
    billing: Billing,
    clock: Arc<ManualClock>,
    fake: StripeFake,
}

impl Shop {
    fn open() -> Self {
        let (clock, fake) = (Arc::new(ManualClock::at(noon())), StripeFake::start(noon()));
        let config = StripeConfig {
            api_base: fake.base_url(),
            retry_base: Duration::from_millis(1),
            ..StripeConfig::new(StripeFake::SECRET_KEY.into(), vec![SECRET.into()])
        };
        let store = Arc::new(MemoryStore::new());
        let ids = Arc::new(SequentialIds::starting_at(1 << 40));
        let billing = Billing::builder(store.clone(), clock.clone(), ids)
            .provider(Arc::new(StripeProvider::try_new(config).unwrap()))
            .allowed_origins(AllowedOrigins::parse([ALLOWED_ORIGIN]).unwrap())
            .build();
        Self { store, billing, clock, fake }
    }

    /// A pack at this price.
    async fn pack(&self, price: Money) -> PurchaseItem {
        let mut draft = a_pack_draft("small");
        (draft.price, draft.currency) = (price.minor, price.currency);
        PurchaseItem::Pack(self.billing.publish_pack(None, &draft).await.unwrap().id)
    }

    /// A plan at this price for a month.
    async fn plan(&self, price: Money) -> PurchaseItem {
        let mut draft = a_plan_draft("pro");
        (draft.price_monthly, draft.currency) = (price.minor, price.currency);
        draft.prices = monthly_price(Channel::named("stripe"), PRICE);
        PurchaseItem::Plan(self.billing.publish_plan(None, &draft).await.unwrap().id, Interval::Monthly)
    }

    async fn buys(&self, wanted: PurchaseItem) -> StartedCheckout {
        self.billing.start_checkout(&a_checkout("ada", Channel::named("stripe"), wanted, None)).await.unwrap()
    }

    /// What Stripe tells of it, in its own unit.
    fn told(
        &self,
        story: Story,
        started: &StartedCheckout,
        amount: i64,
        currency: &str,
    ) -> Vec<FixtureEvent> {
        let ids = StoryIds {
            order_id: started.order.id.to_string(),
            customer: self.fake.customers()[0].id.clone(),
            session: started.session.id.clone(),
            price: PRICE.to_owned(),
            amount,
            currency: currency.to_lowercase(),
            ..StoryIds::sample()
        };
        stripe_story(story, Shape::PostBasil, &ids, noon().plus_seconds(120))
    }

    async fn hears(&self, event: &FixtureEvent) {
        self.clock.advance(event.created_at.seconds_since(self.billing.now()).max(0));
        let signature = sign(SECRET, self.billing.now(), &event.body);
        self.billing
            .receive_webhook(Channel::named("stripe"), &headers(&signature), &event.body)
            .await
            .unwrap();
        let report = self.billing.run_due(Job::Inbox).await.unwrap();
        assert_eq!(report.failed, 0, "{}", event.name);
    }

    async fn settles(&self) {
        for _ in 0..5 {
            self.clock.advance(60);
            assert_eq!(self.billing.run_due(Job::Inbox).await.unwrap().failed, 0);
        }
    }

    async fn credits(&self) -> i64 {
        self.billing.balance(&an_external_id("ada")).await.unwrap().available.get()
    }

    async fn status(&self, started: &StartedCheckout) -> OrderStatus {
        self.billing.order(&an_external_id("ada"), started.order.id).await.unwrap().status
    }

    async fn payment(&self) -> Payment {
        let account =
            self.store.account(AccountRef::External(&an_external_id("ada"))).await.unwrap().unwrap();
        let mut all =
            self.store.payments(PaymentQuery::Latest { account: account.id, limit: 10 }).await.unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
}

fn money(minor: i64, code: &str) -> Money {
    let currency: Currency = code.parse().unwrap();
    Money::new(minor, currency)
}

#[tokio::test]
async fn a_pack_costs_what_it_costs_from_the_price_to_the_refund() {
    for (code, price, amount) in PRICES {
        let (shop, price) = (Shop::open(), money(price, code));
        let started = shop.buys(shop.pack(price).await).await;
        assert_eq!(started.order.price, price);
        let asked = &shop.fake.sessions()[0];
        assert_eq!(asked.amount_total, Some(amount), "{code}: in Stripe's unit");
        assert_eq!(asked.currency.as_deref(), Some(&*code.to_lowercase()));
        let events = shop.told(Story::RefundedInParts, &started, amount, code);
        shop.hears(&events[0]).await;
        assert_eq!(
            (shop.credits().await, shop.status(&started).await),
            (1000, OrderStatus::Completed),
            "{code}"
        );
        assert_eq!(shop.payment().await.paid, price, "{code}: in our unit again");
        // Three, eight and ten tenths, each rounded down by Stripe: as many credits go as money did, rounded down.
        let mut refunds = events[1..].iter();
        for tenths in [3, 8, 10] {
            shop.hears(refunds.next().unwrap()).await;
            shop.hears(refunds.next().unwrap()).await;
            // A unit of Stripe's that is smaller than ours cannot be refunded in parts of it.
            let gone = shop.payment().await.permanently_reversed();
            let exact = amount * tenths / 10 * price.minor;
            assert_eq!(gone, exact / amount, "{code} {tenths}");
            assert_eq!(shop.credits().await, 1000 - 1000 * gone / price.minor, "{code} {tenths}");
        }
        assert_eq!((shop.credits().await, shop.status(&started).await), (0, OrderStatus::Refunded), "{code}");
    }
}

#[tokio::test]
async fn a_plans_month_is_paid_and_refunded_in_its_own_currency() {
    for (code, price, amount) in PRICES {
        let (shop, price) = (Shop::open(), money(price, code));
        let started = shop.buys(shop.plan(price).await).await;
        assert_eq!(started.order.price, price);
        let events = shop.told(Story::SubscriptionRefunded, &started, amount, code);
        let (refund, before) = events.split_last().unwrap();
        for event in before {
            shop.hears(event).await;
        }
        shop.settles().await;
        assert_eq!((shop.credits().await, shop.payment().await.paid), (2000, price), "{code}");
        shop.hears(refund).await;
        shop.settles().await;
        assert_eq!((shop.credits().await, shop.status(&started).await), (0, OrderStatus::Refunded), "{code}");
        assert_eq!(shop.payment().await.permanently_reversed(), price.minor, "{code}");
    }
}

#[tokio::test]
async fn what_stripe_does_not_take_exactly_is_not_rounded_but_refused() {
    // Of three decimals the last has to be 0, and the ariary has no parts there.
    for (code, price) in [("KWD", 5123), ("BHD", 1), ("TND", 9_999_999_999), ("MGA", 1050)] {
        let shop = Shop::open();
        let ask = a_checkout("ada", Channel::named("stripe"), shop.pack(money(price, code)).await, Some("k"));
        let refused = shop.billing.start_checkout(&ask).await.unwrap_err();
        assert_eq!(refused.code(), "provider_refused", "{code}");
        assert_eq!(shop.fake.sessions(), [], "{code}: nothing near it was asked for instead");
        let orders =
            shop.billing.orders(&an_external_id("ada"), &billing_testkit::builders::page(10, 0)).await;
        assert_eq!(orders.unwrap().items[0].status, OrderStatus::Failed, "{code}");
    }
}

#[tokio::test]
async fn money_of_another_currency_takes_no_credits() {
    let shop = Shop::open();
    let started = shop.buys(shop.pack(money(999, "USD")).await).await;
    shop.hears(&shop.told(Story::RefundedInParts, &started, 999, "USD")[0]).await;
    // As many yen are worth much less.
    for event in &shop.told(Story::RefundedInParts, &started, 999, "JPY")[1..] {
        let mut event = event.clone();
        event.body = String::from_utf8(event.body).unwrap().replace("evt_", "evt_jpy").into_bytes();
        shop.hears(&event).await;
    }
    shop.settles().await;
    assert_eq!((shop.credits().await, shop.status(&started).await), (1000, OrderStatus::Completed));
}
