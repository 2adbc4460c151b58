//! The environment of a provider under test.

use billing_core::catalog::Interval;
use billing_core::payments::{
    Capability, CheckoutRequest, CheckoutSession, CustomerRequest, Fact, PaymentRefs, Purchase,
};
use billing_core::ports::{PaymentProvider, ProviderError};
use billing_core::subscriptions::Subscription;
use billing_core::values::{AccountId, InboxEventId, Money, OrderId, Timestamp};
use billing_core::webhooks::{InboxEvent, InboxState, WebhookRefusal};
use serde_json::Value;
use uuid::Uuid;

use crate::Delivery;
use crate::builders::ALLOWED_ORIGIN;

/// A provider in a fresh environment.
pub trait ProviderStage: Send + Sync {
    /// The provider.
    fn provider(&self) -> &dyn PaymentProvider;
    /// The current time.
    fn now(&self) -> Timestamp;
    /// The provider's reference of a known pack or plan.
    fn product(&self) -> Option<String>;
    /// Simulates the payment of the checkout of `order`. Only for providers whose checkouts can be read.
    fn pays(&self, session: &CheckoutSession, order: OrderId);
    /// A live subscription known to the provider, for the request's customer.
    fn subscribed(&self) -> Subscription;
    /// A payment of 9.99 dollars known to the provider.
    fn paid(&self) -> PaymentRefs;
    /// Makes the next call fail like this, with all its retries. Returns the provider's message; none if there is no
    /// network in between.
    fn spoils(&self, trouble: Trouble) -> Option<&'static str>;
    /// An event with a fact.
    fn event(&self) -> Value;
    /// The field with an event's type.
    fn kind_field(&self) -> &'static str;
    /// The JSON pointer to an event's object.
    fn content(&self) -> &'static str;
    /// A delivery of `event`, signed at `at` with the shared secret or, as a `stranger`, with another one.
    fn delivers(&self, event: &Value, at: Timestamp, stranger: bool) -> Delivery;
    /// Whether signatures have a time.
    fn is_dated(&self) -> bool;
}

/// A fault of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The provider refuses, with a message.
    Refuses,
    /// The provider has an internal error.
    Down,
    /// The provider executes the call, and the response is lost.
    Lost,
}

pub(super) fn can(stage: &dyn ProviderStage, this: Capability) -> bool {
    stage.provider().capabilities().can(this)
}

/// Checks that an unsupported operation says so; returns the result of a supported one.
pub(super) fn told_truly<T: std::fmt::Debug>(
    stage: &dyn ProviderStage,
    this: Capability,
    answer: Result<T, ProviderError>,
) -> Option<T> {
    if can(stage, this) {
        return Some(answer.unwrap());
    }
    let refused = matches!(answer, Err(ProviderError::Unsupported(_)));
    assert!(refused, "{this} is not in the table: {answer:?}");
    None
}

pub(super) fn usd(minor: i64) -> Money {
    Money::new(minor, "usd".parse().unwrap())
}

pub(super) fn the_account() -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(11))
}

pub(super) fn the_order() -> OrderId {
    OrderId::from_uuid(Uuid::from_u128(12))
}

pub(super) fn a_customer() -> CustomerRequest {
    let (email, name) = (Some("ada@example.com".to_owned()), Some("Ada".to_owned()));
    CustomerRequest { account: the_account(), replaces: None, email, name }
}

/// A checkout request for a pack with the provider's reference.
pub(super) async fn a_pack(stage: &dyn ProviderStage) -> CheckoutRequest {
    let customer = if can(stage, Capability::Customers) {
        Some(stage.provider().create_customer(&a_customer()).await.unwrap())
    } else {
        None
    };
    CheckoutRequest {
        order: the_order(),
        account: the_account(),
        customer,
        email: Some("ada@example.com".to_owned()),
        purchase: Purchase::Pack { name: "1,000 credits".to_owned(), product: stage.product() },
        price: usd(999),
        discount: None,
        success_url: format!("{ALLOWED_ORIGIN}/paid"),
        cancel_url: format!("{ALLOWED_ORIGIN}/pricing"),
        expires_at: stage.now().plus_seconds(23 * 3600).whole_seconds(),
    }
}

/// The same for a plan, with another order.
pub(super) async fn a_plan(stage: &dyn ProviderStage) -> CheckoutRequest {
    let purchase = Purchase::Plan {
        name: "Pro".to_owned(),
        interval: Interval::Monthly,
        price: stage.product(),
        trial_days: 0,
    };
    let order = OrderId::from_uuid(Uuid::from_u128(14));
    CheckoutRequest { order, purchase, ..a_pack(stage).await }
}

/// The fact of a delivery: verified, stored, read.
pub(super) fn read_event(
    stage: &dyn ProviderStage,
    delivery: &Delivery,
) -> Result<Result<Fact, String>, WebhookRefusal> {
    let now = stage.now();
    let event = stage.provider().verify(&delivery.headers, &delivery.body, now)?;
    Ok(stage.provider().read(&InboxEvent {
        id: InboxEventId::from_uuid(Uuid::from_u128(13)),
        channel: stage.provider().channel(),
        event_id: event.id,
        kind: event.kind,
        created_at: event.created_at,
        body: event.body,
        received_at: now,
        state: InboxState::Pending,
        attempts: 0,
        note: None,
        next_attempt_at: None,
    }))
}
