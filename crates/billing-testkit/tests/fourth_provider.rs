//! A provider that nobody has heard of: an adapter, and a line where the service is put together.

use std::sync::Arc;

use async_trait::async_trait;
use billing_core::Billing;
use billing_core::Job;
use billing_core::orders::{OrderRefs, OrderStatus};
use billing_core::payments::{
    AllowedOrigins, Capabilities, Channel, CheckoutFact, CheckoutOutcome, CheckoutRequest, CheckoutSession,
    Fact, WebhookEvent, WebhookHeaders,
};
use billing_core::ports::{
    Checkout, Invoices, PaymentProvider, Portal, ProviderError, Refunds, Subscriptions, Webhooks,
};
use billing_core::requests::PurchaseItem;
use billing_core::values::Timestamp;
use billing_core::webhooks::{InboxEvent, WebhookRefusal};
use billing_testkit::builders::{ALLOWED_ORIGIN, a_checkout, a_pack_draft, an_external_id, noon};
use billing_testkit::{ManualClock, MemoryStore, SequentialIds};

const SHELLS: Channel = Channel::named("shells");

/// Takes sea shells, at a counter. Whoever paid brings a note that says for which checkout.
struct Shells;

#[async_trait]
impl Checkout for Shells {
    async fn create_checkout(&self, request: &CheckoutRequest) -> Result<CheckoutSession, ProviderError> {
        let (id, expires_at) = (format!("counter_{}", request.order), request.expires_at);
        Ok(CheckoutSession { url: format!("https://shells.example.com/{id}"), id, expires_at })
    }
}

impl Portal for Shells {}
impl Subscriptions for Shells {}
impl Invoices for Shells {}
impl Refunds for Shells {}

impl Webhooks for Shells {
    fn verify(
        &self,
        headers: &WebhookHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<WebhookEvent, WebhookRefusal> {
        let id = headers.get("shells-note").ok_or(WebhookRefusal::BadSignature)?.to_owned();
        Ok(WebhookEvent { id, kind: "paid".to_owned(), created_at: now, body: body.to_vec() })
    }

    fn read(&self, event: &InboxEvent) -> Result<Fact, String> {
        let session = String::from_utf8(event.body.clone()).map_err(|problem| problem.to_string())?;
        let payment = Some(event.event_id.clone());
        Ok(Fact::Checkout(CheckoutFact {
            session,
            outcome: CheckoutOutcome::Paid,
            subscription_mode: false,
            total: None,
            customer: None,
            refs: OrderRefs { payment, ..OrderRefs::default() },
            order_hint: None,
        }))
    }
}

impl PaymentProvider for Shells {
    fn channel(&self) -> Channel {
        SHELLS
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::NONE
    }
}

#[tokio::test]
async fn a_fourth_provider_is_an_adapter_and_a_line_of_wiring() {
    let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(ManualClock::at(noon())));
    let billing = Billing::builder(store, clock, Arc::new(SequentialIds::new()))
        .provider(Arc::new(Shells))
        .allowed_origins(AllowedOrigins::parse([ALLOWED_ORIGIN]).unwrap())
        .build();
    let pack = billing.publish_pack(None, &a_pack_draft("small")).await.unwrap();
    let ask = a_checkout("ada", SHELLS, PurchaseItem::Pack(pack.id), None);
    let started = billing.start_checkout(&ask).await.unwrap();

    let note = WebhookHeaders::new([("Shells-Note".to_owned(), b"note_1".to_vec())]);
    billing.receive_webhook(SHELLS, &note, started.session.id.as_bytes()).await.unwrap();
    assert_eq!(billing.run_due(Job::Inbox).await.unwrap().done, 1);
    let ada = an_external_id("ada");
    assert_eq!(billing.order(&ada, started.order.id).await.unwrap().status, OrderStatus::Completed);
    assert_eq!(billing.balance(&ada).await.unwrap().available, pack.credits);
}
