//! Creem's adapter keeps what every provider keeps.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::time::Duration;

use billing_core::payments::{Channel, CheckoutSession, PaymentRefs, WebhookHeaders};
use billing_core::ports::PaymentProvider;
use billing_core::subscriptions::Subscription;
use billing_core::values::{AccountId, OrderId, Timestamp};
use billing_creem::{CreemConfig, CreemProvider, SIGNATURE_HEADER, sign};
use billing_testkit::builders::{a_plan, a_subscription, noon};
use billing_testkit::contract::provider::{ProviderStage, Trouble};
use billing_testkit::fixtures::creem::{CreemIds, CreemStory, creem_story};
use billing_testkit::http_fakes::creem::{CreemFake, CreemFault};
use billing_testkit::{Delivery, SequentialIds};
use serde_json::{Value, json};
use uuid::Uuid;

const SECRET: &str = "whsec_ours";

struct Stage {
    fake: CreemFake,
    provider: CreemProvider,
}

fn stage() -> Stage {
    let fake = CreemFake::start();
    let config = CreemConfig {
        api_base: fake.base_url(),
        retry_base: Duration::from_millis(1),
        ..CreemConfig::new(CreemFake::API_KEY.into(), vec![SECRET.into()])
    };
    Stage { provider: CreemProvider::try_new(config).unwrap(), fake }
}

/// The event of this type in `story`.
fn told(story: CreemStory, kind: &str, ids: &CreemIds) -> Value {
    let mut events = creem_story(story, ids, noon()).into_iter();
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
        Some("prod_Ours".to_owned())
    }

    fn pays(&self, session: &CheckoutSession, order: OrderId) {
        let ids = CreemIds { order_id: order.to_string(), session: session.id.clone(), ..CreemIds::sample() };
        let completed = told(CreemStory::RefundedInParts, "checkout.completed", &ids);
        self.fake.put_checkout(completed["object"].clone());
    }

    fn subscribed(&self) -> Subscription {
        let told = told(CreemStory::FirstPeriod, "subscription.paid", &CreemIds::sample());
        let described = told["object"].clone();
        let ids = SequentialIds::new();
        let account = AccountId::from_uuid(Uuid::from_u128(2));
        let id = described["id"].as_str().unwrap().to_owned();
        self.fake.put_subscription(described);
        let kept = a_subscription(account, &a_plan("pro", &ids), &id, &ids);
        Subscription { channel: Channel::named("creem"), ..kept }
    }

    fn paid(&self) -> PaymentRefs {
        self.fake.put_transaction(json!({
            "id": "tran_1", "object": "transaction", "status": "paid", "currency": "USD",
            "amount": 999, "amount_paid": 999, "refunded_amount": null,
        }));
        PaymentRefs::of_payment("tran_1")
    }

    fn spoils(&self, trouble: Trouble) -> Option<&'static str> {
        self.fake.inject(match trouble {
            Trouble::Refuses => CreemFault::Refuse(400),
            Trouble::Down => CreemFault::Refuse(500),
            Trouble::Lost => CreemFault::CutAfterEffect,
        });
        Some("Injected")
    }

    fn event(&self) -> Value {
        told(CreemStory::FirstPeriod, "subscription.paid", &CreemIds::sample())
    }

    fn kind_field(&self) -> &'static str {
        "eventType"
    }

    fn content(&self) -> &'static str {
        "/object"
    }

    fn delivers(&self, event: &Value, _: Timestamp, stranger: bool) -> Delivery {
        let body = event.to_string().into_bytes();
        let code = sign(if stranger { "whsec_theirs" } else { SECRET }, &body);
        let header = (SIGNATURE_HEADER.to_owned(), code.into_bytes());
        Delivery { headers: WebhookHeaders::new([header]), body }
    }

    /// Creem's own header signs the body and nothing else.
    fn is_dated(&self) -> bool {
        false
    }
}

billing_testkit::provider_contract!(stage);
