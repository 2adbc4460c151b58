//! The sandbox keeps what every provider keeps.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::sync::Arc;

use billing_core::payments::{Channel, CheckoutSession, PaymentRefs, WebhookHeaders};
use billing_core::ports::PaymentProvider;
use billing_core::subscriptions::Subscription;
use billing_core::values::{AccountId, Money, OrderId, Period, Timestamp};
use billing_sandbox::{Sandbox, SandboxConfig, SandboxEvent, SandboxPurchase, SandboxSession};
use billing_testkit::builders::{a_plan, a_subscription, noon};
use billing_testkit::contract::provider::{ProviderStage, Trouble};
use billing_testkit::{Delivery, ManualClock, SequentialIds};
use serde_json::{Value, json};
use uuid::Uuid;

struct Stage {
    ours: Sandbox,
    strange: Sandbox,
}

fn sandbox(secret: &str) -> Sandbox {
    let config = SandboxConfig {
        secret: secret.into(),
        public_url: "http://shop.test".to_owned(),
        webhook_url: "http://127.0.0.1:1/payment/webhook/sandbox".to_owned(),
    };
    Sandbox::try_new(config, Arc::new(ManualClock::at(noon()))).unwrap()
}

fn stage() -> Stage {
    let [ours, strange] = ["a", "b"].map(|letter| sandbox(&letter.repeat(32)));
    Stage { ours, strange }
}

fn session() -> SandboxSession {
    SandboxSession {
        order: OrderId::from_uuid(Uuid::from_u128(1)),
        account: AccountId::from_uuid(Uuid::from_u128(2)),
        item: "Pro".to_owned(),
        plan_price: Some("p:monthly".to_owned()),
        months: 1,
        trial_days: 0,
        price: Money::new(999, "usd".parse().unwrap()),
        list_price: None,
        reduced_payments: None,
        success_url: "https://shop.test/".to_owned(),
        cancel_url: "https://shop.test/".to_owned(),
        expires_at: noon().plus_seconds(60),
    }
}

impl ProviderStage for Stage {
    fn provider(&self) -> &dyn PaymentProvider {
        &self.ours
    }

    fn now(&self) -> Timestamp {
        noon()
    }

    fn product(&self) -> Option<String> {
        Some("p:monthly".to_owned())
    }

    fn pays(&self, _: &CheckoutSession, _: OrderId) {}

    fn subscribed(&self) -> Subscription {
        let ids = SequentialIds::new();
        let period = Period { start: noon(), end: noon().plus_days(30) };
        let account = AccountId::from_uuid(Uuid::from_u128(2));
        Subscription {
            channel: Channel::named("sandbox"),
            period: Some(period),
            ..a_subscription(account, &a_plan("pro", &ids), "sub_sandbox_1", &ids)
        }
    }

    fn paid(&self) -> PaymentRefs {
        PaymentRefs::of_payment("ch_sandbox_1")
    }

    fn spoils(&self, _: Trouble) -> Option<&'static str> {
        None
    }

    fn event(&self) -> Value {
        let paid = SandboxPurchase::paid(&session(), noon());
        let (_, renewed) = paid.renewed(noon().plus_days(31)).unwrap();
        json!(renewed.last().unwrap())
    }

    fn kind_field(&self) -> &'static str {
        "type"
    }

    fn content(&self) -> &'static str {
        "/data"
    }

    fn delivers(&self, event: &Value, at: Timestamp, stranger: bool) -> Delivery {
        let signer = if stranger { &self.strange } else { &self.ours };
        let sample: SandboxEvent = serde_json::from_value(self.event()).unwrap();
        // What is no event any more is signed as one would be.
        let event: SandboxEvent = serde_json::from_value(event.clone()).unwrap_or(sample);
        let headers = signer.sign(&event, at).map(|(name, value)| (name.to_owned(), value.into_bytes()));
        Delivery { headers: WebhookHeaders::new(headers), body: event.body() }
    }

    fn is_dated(&self) -> bool {
        true
    }
}

billing_testkit::provider_contract!(stage);
