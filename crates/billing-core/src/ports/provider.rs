//! Payment providers.

use async_trait::async_trait;

use super::ProviderError;
use crate::payments::{
    Capabilities, ChangePlanRequest, ChangeRequest, Channel, CheckoutFact, CheckoutRequest, CheckoutSession,
    CustomerRequest, Fact, PaymentReversalUpdate, PortalRequest, ProviderPlanChange, RefundRequest,
    SubscriptionFact, WebhookEvent, WebhookHeaders,
};
use crate::subscriptions::Subscription;
use crate::values::{Money, Timestamp};
use crate::webhooks::{InboxEvent, WebhookRefusal};

/// Opening checkouts.
///
/// No method is called inside a database transaction. Every write carries an idempotency key that the
/// adapter derives from the id in the request, so that trying again is safe where the capability table says
/// so.
#[async_trait]
pub trait Checkout: Send + Sync {
    /// Makes a customer and answers its id.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unsupported`] where the provider keeps no customers; see the type for the rest.
    async fn create_customer(&self, request: &CustomerRequest) -> Result<String, ProviderError> {
        let _ = request;
        Err(ProviderError::Unsupported("make customers before they pay"))
    }

    /// Opens a checkout and answers where it is paid.
    ///
    /// # Errors
    ///
    /// See [`ProviderError`].
    async fn create_checkout(&self, request: &CheckoutRequest) -> Result<CheckoutSession, ProviderError>;

    /// What became of the checkout with this id; none while it is open.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unsupported`] where the provider cannot say; see the type for the rest. Nothing is written, so it
    /// may always be asked again.
    async fn read_checkout(&self, session: &str) -> Result<Option<CheckoutFact>, ProviderError> {
        let _ = session;
        Err(ProviderError::Unsupported("say what became of a checkout"))
    }

    /// Closes the checkout with this id, so that nobody pays it any more, and answers what became of it: expired, or what
    /// it had come to before.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unsupported`] where the provider cannot; see the type for the rest. A checkout that is closed stays
    /// so, so that this may always be asked again.
    async fn expire_checkout(&self, session: &str) -> Result<Option<CheckoutFact>, ProviderError> {
        let _ = session;
        Err(ProviderError::Unsupported("close checkouts"))
    }
}

/// The provider's own pages for its customers.
#[async_trait]
pub trait Portal: Send + Sync {
    /// Opens the provider's own pages for a customer and answers where they are.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unsupported`] where the provider has none; see the type for the rest.
    async fn open_portal(&self, request: &PortalRequest) -> Result<String, ProviderError> {
        let _ = request;
        Err(ProviderError::Unsupported("open pages of its own"))
    }
}

/// Subscriptions that the provider collects for.
#[async_trait]
pub trait Subscriptions: Send + Sync {
    /// Changes a subscription, and answers how it is then.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unsupported`] where the provider cannot; see the type for the rest. With an unknown outcome the
    /// same change may be asked for again: it sets what is to be, and does not add to what was.
    async fn change_subscription(&self, request: &ChangeRequest) -> Result<SubscriptionFact, ProviderError> {
        let _ = request;
        Err(ProviderError::Unsupported("change subscriptions"))
    }

    /// Changes a subscription to another plan, and answers how it is then. Where money is due now and does not come, nothing
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

/// What the provider is going to ask for. Nothing is written, so each may always be asked again.
#[async_trait]
pub trait Invoices: Send + Sync {
    /// What the subscription's next renewal will cost; nothing where none will come.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unsupported`] where the provider cannot say; see the type for the rest.
    async fn preview_renewal(&self, subscription: &Subscription) -> Result<Option<Money>, ProviderError> {
        let _ = subscription;
        Err(ProviderError::Unsupported("say what a renewal costs"))
    }

    /// What would be due now for a change of plan.
    ///
    /// # Errors
    ///
    /// As [`preview_renewal`](Self::preview_renewal).
    async fn preview_change(&self, call: &ChangePlanRequest) -> Result<Money, ProviderError> {
        let _ = call;
        Err(ProviderError::Unsupported("say what a change costs"))
    }
}

/// Giving money back.
#[async_trait]
pub trait Refunds: Send + Sync {
    /// Gives money of a payment back, and answers what is known of it then; nothing where only an event will tell.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unsupported`] where the provider cannot; see the type for the rest. With an unknown outcome the
    /// same request may be sent again where the capability table has idempotent writes; elsewhere the provider
    /// has to be asked first.
    async fn refund(&self, request: &RefundRequest) -> Result<Option<PaymentReversalUpdate>, ProviderError> {
        let _ = request;
        Err(ProviderError::Unsupported("give money back"))
    }
}

/// Understanding webhooks. Both methods are pure: they decide on what they are given.
pub trait Webhooks: Send + Sync {
    /// Checks the signature over the raw `body`, in constant time and before anything is parsed, and its age
    /// against `now` where the scheme has a timestamp.
    ///
    /// # Errors
    ///
    /// [`WebhookRefusal`]; the caller stores nothing.
    fn verify(
        &self,
        headers: &WebhookHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<WebhookEvent, WebhookRefusal>;

    /// What a stored event states. Unknown types, unknown fields and unknown enum values are no errors: they
    /// are [`Fact::Ignored`] or passed over.
    ///
    /// # Errors
    ///
    /// Says which field of a known type is missing or malformed.
    fn read(&self, event: &InboxEvent) -> Result<Fact, String>;
}

/// A payment provider: everything that it can do, and a table that says so. What it cannot do needs no code: each of these
/// traits says so by itself. A new provider is a crate with these, and a line where the service is put together.
pub trait PaymentProvider: Checkout + Portal + Subscriptions + Invoices + Refunds + Webhooks {
    /// Which provider it is.
    fn channel(&self) -> Channel;
    /// What it can do.
    fn capabilities(&self) -> Capabilities;
}
