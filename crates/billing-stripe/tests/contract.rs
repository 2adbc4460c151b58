//! Stripe's adapter keeps what every provider keeps.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::time::Duration;

use billing_core::payments::{CheckoutSession, PaymentRefs, WebhookHeaders};
use billing_core::ports::PaymentProvider;
use billing_core::subscriptions::Subscription;
use billing_core::values::{AccountId, OrderId, Timestamp};
use billing_stripe::{SIGNATURE_HEADER, StripeConfig, StripeProvider, sign};
use billing_testkit::builders::{a_plan, a_subscription, noon};
use billing_testkit::contract::provider::{ProviderStage, Trouble};
use billing_testkit::fixtures::stripe::{Shape, Story, StoryIds, stripe_story};
use billing_testkit::http_fakes::stripe::{Fault, StripeFake};
use billing_testkit::{Delivery, SequentialIds};
use serde_json::Value;
use uuid::Uuid;

const SECRET: &str = "whsec_ours";
/// How often a call is tried in all.
const TRIES: usize = 3;

struct Stage {
    fake: StripeFake,
    provider: StripeProvider,
}

fn stage() -> Stage {
    let fake = StripeFake::start(noon());
    let config = StripeConfig {
        api_base: fake.base_url(),
        retry_base: Duration::from_millis(1),
        ..StripeConfig::new(StripeFake::SECRET_KEY.into(), vec![SECRET.into()])
    };
    Stage { provider: StripeProvider::try_new(config).unwrap(), fake }
}

/// The event of this type in the story of a first period.
fn told(kind: &str) -> Value {
    let mut events =
        stripe_story(Story::SubscriptionFirst, Shape::PostBasil, &StoryIds::sample(), noon()).into_iter();
    serde_json::from_slice(&events.find(|event| event.kind == kind).unwrap().body).unwrap()
}

impl ProviderStage for Stage {
    fn provider(&self) -> &dyn PaymentProvider {
        &self.provider
    }

    fn now(&self) -> Timestamp {
        noon()
    }

    fn product(&self) -> Option<String> {
        Some("price_Ours".to_owned())
    }

    fn pays(&self, session: &CheckoutSession, _: OrderId) {
        self.fake.pay(&session.id, "pi_1");
    }

    fn subscribed(&self) -> Subscription {
        let described = told("customer.subscription.created")["data"]["object"].clone();
        let ids = SequentialIds::new();
        let account = AccountId::from_uuid(Uuid::from_u128(2));
        let id = described["id"].as_str().unwrap().to_owned();
        self.fake.put_subscription(described);
        a_subscription(account, &a_plan("pro", &ids), &id, &ids)
    }

    fn paid(&self) -> PaymentRefs {
        self.fake.put_payment("pi_1", None, (999, "usd"));
        PaymentRefs::of_payment("pi_1")
    }

    fn spoils(&self, trouble: Trouble) -> Option<&'static str> {
        let refused = Fault::Refuse { status: 400, code: Some("nope"), should_retry: None };
        let (fault, times) = match trouble {
            Trouble::Refuses => (refused, 1),
            Trouble::Down => (Fault::server_error(), TRIES),
            Trouble::Lost => (Fault::CutAfterEffect, TRIES),
        };
        (0..times).for_each(|_| self.fake.inject(fault.clone()));
        Some("Injected")
    }

    fn event(&self) -> Value {
        told("invoice.paid")
    }

    fn kind_field(&self) -> &'static str {
        "type"
    }

    fn content(&self) -> &'static str {
        "/data/object"
    }

    fn delivers(&self, event: &Value, at: Timestamp, stranger: bool) -> Delivery {
        let body = event.to_string().into_bytes();
        let signature = sign(if stranger { "whsec_theirs" } else { SECRET }, at, &body);
        let header = (SIGNATURE_HEADER.to_owned(), signature.into_bytes());
        Delivery { headers: WebhookHeaders::new([header]), body }
    }

    fn is_dated(&self) -> bool {
        true
    }
}

billing_testkit::provider_contract!(stage);
