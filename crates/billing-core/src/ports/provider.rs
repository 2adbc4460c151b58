//! Payment providers.

use async_trait::async_trait;

use super::ProviderError;
use crate::payments::{
    Capabilities, ChangePlanRequest, ChangeRequest, Channel, CheckoutFact, CheckoutRequest, CheckoutSession,
    CustomerRequest, Fact, PartialFact, PaymentReversalUpdate, PortalRequest, ProviderPlanChange,
    RefundRequest, SubscriptionFact, WebhookEvent, WebhookHeaders,
};
use crate::subscriptions::Subscription;
use crate::values::{Money, Timestamp};
use crate::webhooks::{InboxEvent, WebhookRefusal};

/// Checkouts.
///
/// No method is called inside a database transaction. Every write carries an idempotency key that the adapter derives
/// from the id in the request, so that a retry is safe if the provider's capabilities include idempotent writes.
#[async_trait]
pub trait Checkout: Send + Sync {
    /// Creates a customer and returns its id.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unsupported`] if the provider has no customers; see the type for others.
    async fn create_customer(&self, request: &CustomerRequest) -> Result<String, ProviderError> {
        let _ = request;
        Err(ProviderError::Unsupported("create customers before a payment"))
    }

    /// Opens a checkout and returns its URL.
    ///
    /// # Errors
    ///
    /// See [`ProviderError`].
    async fn create_checkout(&self, request: &CheckoutRequest) -> Result<CheckoutSession, ProviderError>;

    /// The state of the checkout with this id; none while it is open.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unsupported`] if the provider cannot answer it; see the type for others. Read-only, so a retry
    /// is always safe.
    async fn read_checkout(&self, session: &str) -> Result<Option<CheckoutFact>, ProviderError> {
        let _ = session;
        Err(ProviderError::Unsupported("read checkouts"))
    }

    /// Expires the checkout with this id, so that it can no longer be paid, and returns its state: expired, or the one
    /// that it had reached before.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unsupported`] if the provider cannot do it; see the type for others. An expired checkout stays
    /// expired, so a retry is always safe.
    async fn expire_checkout(&self, session: &str) -> Result<Option<CheckoutFact>, ProviderError> {
        let _ = session;
        Err(ProviderError::Unsupported("expire checkouts"))
    }
}

/// The provider's customer portal.
#[async_trait]
pub trait Portal: Send + Sync {
    /// Opens a portal session for a customer and returns its URL.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unsupported`] if the provider has no portal; see the type for others.
    async fn open_portal(&self, request: &PortalRequest) -> Result<String, ProviderError> {
        let _ = request;
        Err(ProviderError::Unsupported("open a customer portal"))
    }
}

/// Subscriptions at the provider.
#[async_trait]
pub trait Subscriptions: Send + Sync {
    /// Changes a subscription and returns its new state.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unsupported`] if the provider cannot do it; see the type for others. After an unknown outcome
    /// a retry is safe: the change is absolute, not relative.
    async fn change_subscription(&self, request: &ChangeRequest) -> Result<SubscriptionFact, ProviderError> {
        let _ = request;
        Err(ProviderError::Unsupported("change subscriptions"))
    }

    /// Reads a subscription: its state at `now`, and the period that its latest invoice paid for, if that is paid.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unsupported`] if the provider cannot do it; see the type for others. Read-only, so a retry is
    /// always safe.
    async fn read_subscription(&self, id: &str, now: Timestamp) -> Result<Vec<Fact>, ProviderError> {
        let _ = (id, now);
        Err(ProviderError::Unsupported("read subscriptions"))
    }

    /// Reads the rest of a fact of which an event did not carry all.
    ///
    /// # Errors
    ///
    /// As [`read_subscription`](Self::read_subscription).
    async fn complete(&self, partial: &PartialFact, now: Timestamp) -> Result<Fact, ProviderError> {
        let _ = (partial, now);
        Err(ProviderError::Unsupported("read invoices"))
    }

    /// Reads what the payment with this id paid for: a period of a subscription, or a checkout.
    ///
    /// # Errors
    ///
    /// As [`read_subscription`](Self::read_subscription).
    async fn read_payment(&self, id: &str, now: Timestamp) -> Result<Vec<Fact>, ProviderError> {
        let _ = (id, now);
        Err(ProviderError::Unsupported("read payments"))
    }

    /// Changes the plan of a subscription and returns its new state. If a payment that is due now fails, nothing
    /// changes.
    ///
    /// # Errors
    ///
    /// As [`change_subscription`](Self::change_subscription).
    async fn change_plan(&self, call: &ChangePlanRequest) -> Result<ProviderPlanChange, ProviderError> {
        let _ = call;
        Err(ProviderError::Unsupported("change subscriptions to another plan"))
    }
}

/// Upcoming invoices. Read-only, so a retry is always safe.
#[async_trait]
pub trait Invoices: Send + Sync {
    /// The amount of the subscription's next renewal; none if there will be none.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unsupported`] if the provider cannot answer it; see the type for others.
    async fn preview_renewal(&self, subscription: &Subscription) -> Result<Option<Money>, ProviderError> {
        let _ = subscription;
        Err(ProviderError::Unsupported("preview a renewal"))
    }

    /// The amount due now for a change of plan.
    ///
    /// # Errors
    ///
    /// As [`preview_renewal`](Self::preview_renewal).
    async fn preview_change(&self, call: &ChangePlanRequest) -> Result<Money, ProviderError> {
        let _ = call;
        Err(ProviderError::Unsupported("preview a change of plan"))
    }
}

/// Refunds.
#[async_trait]
pub trait Refunds: Send + Sync {
    /// Refunds a payment, and returns what is known of it then; none if only an event will report it.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unsupported`] if the provider cannot do it; see the type for others. After an unknown outcome
    /// a retry is safe if the provider's capabilities include idempotent writes; otherwise the provider has to be read
    /// first.
    async fn refund(&self, request: &RefundRequest) -> Result<Option<PaymentReversalUpdate>, ProviderError> {
        let _ = request;
        Err(ProviderError::Unsupported("refund payments"))
    }
}

/// Webhooks. Both methods are pure functions of their arguments.
pub trait Webhooks: Send + Sync {
    /// Verifies the signature over the raw `body`, in constant time and before anything is parsed, and its age against
    /// `now` if the scheme has a timestamp.
    ///
    /// # Errors
    ///
    /// [`WebhookRefusal`]; the caller must store nothing.
    fn verify(
        &self,
        headers: &WebhookHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<WebhookEvent, WebhookRefusal>;

    /// The fact that a stored event states. Unknown types, fields and enum values are no errors: they become
    /// [`Fact::Ignored`] or are skipped.
    ///
    /// # Errors
    ///
    /// Names the missing or malformed field of a known type.
    fn read(&self, event: &InboxEvent) -> Result<Fact, String>;
}

/// A payment provider and its capabilities. An unsupported operation needs no code: the traits' default methods answer
/// it. A new provider is a crate with these implementations, and a line in the composition root.
pub trait PaymentProvider: Checkout + Portal + Subscriptions + Invoices + Refunds + Webhooks {
    /// The channel of the provider.
    fn channel(&self) -> Channel;
    /// Its capabilities.
    fn capabilities(&self) -> Capabilities;
}
