//! The implementation of the ports.

use async_trait::async_trait;
use billing_core::payments::{
    Capabilities, Capability, ChangePlanRequest, ChangeRequest, Channel, CheckoutFact, CheckoutRequest,
    CheckoutSession, Fact, PaymentReversalUpdate, PortalRequest, ProviderPlanChange, RefundRequest,
    SubscriptionFact, WebhookEvent, WebhookHeaders,
};
use billing_core::ports::{
    Checkout, Invoices, PaymentProvider, Portal, ProviderError, Refunds, Subscriptions, Webhooks,
};
use billing_core::values::Timestamp;
use billing_core::webhooks::{InboxEvent, WebhookRefusal};
use secrecy::SecretString;

use crate::client::Client;
use crate::config::{ConfigError, CreemConfig};
use crate::{checkout, refund, subscription, webhook_event, webhook_read};

/// One Creem store.
///
/// Cheap to clone; clones share their connections. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct CreemProvider {
    client: Client,
    webhook_secrets: Vec<SecretString>,
    test_mode: bool,
}

impl CreemProvider {
    /// The store of `config`. Makes no request: an invalid key shows at the first call.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if a setting is empty or invalid.
    pub fn try_new(config: CreemConfig) -> Result<Self, ConfigError> {
        let client = Client::try_new(&config)?;
        config.check_webhook_secrets()?;
        let test_mode = config.is_test();
        Ok(Self { client, webhook_secrets: config.webhook_secrets, test_mode })
    }
}

/// Calls Creem. Only calls that cannot have been executed are retried; every error carries Creem's trace id if there
/// is one.
///
/// - Refused: 400, 404 (also for an unknown product) and the other 4xx.
/// - Unauthorized: 401 and 403.
/// - Unknown: no or a partial response, 409, 429, 5xx. Opening a checkout may be repeated: only one of two is paid.
#[async_trait]
impl Checkout for CreemProvider {
    /// Opens a hosted checkout for the product of the pack or plan. See
    /// <https://docs.creem.io/api-reference/endpoint/create-checkout>.
    ///
    /// A pack or plan without a Creem product is [`ProviderError::Unsupported`].
    async fn create_checkout(&self, request: &CheckoutRequest) -> Result<CheckoutSession, ProviderError> {
        checkout::create(&self.client, request).await
    }

    /// Reads the checkout. Creem never reports that one has expired. See
    /// <https://docs.creem.io/api-reference/endpoint/get-checkout>.
    async fn read_checkout(&self, session: &str) -> Result<Option<CheckoutFact>, ProviderError> {
        checkout::read(&self.client, session).await
    }
}

#[async_trait]
impl Portal for CreemProvider {
    /// Opens the customer portal; it does not link back.
    async fn open_portal(&self, request: &PortalRequest) -> Result<String, ProviderError> {
        subscription::open_portal(&self.client, request).await
    }
}

/// See <https://docs.creem.io/api-reference/endpoint/cancel-subscription>.
#[async_trait]
impl Subscriptions for CreemProvider {
    /// Schedules or undoes a cancellation, or cancels immediately; the mode is always sent.
    async fn change_subscription(&self, request: &ChangeRequest) -> Result<SubscriptionFact, ProviderError> {
        subscription::change(&self.client, request).await
    }

    /// Sets another product for the renewal. Creem's events do not distinguish an immediate charge for the rest of a
    /// period from a renewal, so it is never requested. See
    /// <https://docs.creem.io/api-reference/endpoint/upgrade-subscription>.
    async fn change_plan(&self, call: &ChangePlanRequest) -> Result<ProviderPlanChange, ProviderError> {
        subscription::change_plan(&self.client, call).await
    }
}

impl Invoices for CreemProvider {}

/// See <https://docs.creem.io/api-reference/endpoint/create-refund>.
#[async_trait]
impl Refunds for CreemProvider {
    /// Refunds the whole rest of a payment.
    async fn refund(&self, request: &RefundRequest) -> Result<Option<PaymentReversalUpdate>, ProviderError> {
        refund::refund(&self.client, request).await
    }
}

/// Reads Creem's events, with their objects expanded or as ids. See <https://docs.creem.io/code/webhooks>.
impl Webhooks for CreemProvider {
    fn verify(
        &self,
        headers: &WebhookHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<WebhookEvent, WebhookRefusal> {
        webhook_event::verify(&self.webhook_secrets, headers, body, now)
    }

    fn read(&self, event: &InboxEvent) -> Result<Fact, String> {
        webhook_read::read(event, self.test_mode)
    }
}

impl PaymentProvider for CreemProvider {
    fn channel(&self) -> Channel {
        crate::CHANNEL
    }

    fn capabilities(&self) -> Capabilities {
        use Capability::{
            Cancel, CatalogBacked, ChangePlan, DisputesAreRefunded, PacksCatalogBacked, Pause, Portal,
            ReadCheckout, Refund,
        };
        Capabilities::of(&[
            CatalogBacked,
            PacksCatalogBacked,
            ReadCheckout,
            Portal,
            Cancel,
            ChangePlan,
            Pause,
            Refund,
            DisputesAreRefunded,
        ])
    }
}
