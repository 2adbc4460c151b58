//! The implementation of the ports.

use async_trait::async_trait;
use billing_core::payments::{
    Capabilities, Capability, ChangePlanRequest, ChangeRequest, Channel, CheckoutFact, CheckoutRequest,
    CheckoutSession, CustomerRequest, Fact, PartialFact, PaymentReversalUpdate, PortalRequest,
    ProviderPlanChange, RefundRequest, SubscriptionFact, WebhookEvent, WebhookHeaders,
};
use billing_core::ports::{
    Checkout, Invoices, PaymentProvider, Portal, ProviderError, Refunds, Subscriptions, Webhooks,
};
use billing_core::subscriptions::Subscription;
use billing_core::values::{Money, Timestamp};
use billing_core::webhooks::{InboxEvent, WebhookRefusal};
use secrecy::SecretString;

use crate::client::Client;
use crate::config::{ConfigError, StripeConfig};
use crate::{checkout, customer, payment, plan_change, refund, subscription, webhook_event, webhook_read};

/// One Stripe account.
///
/// Cheap to clone; clones share their connections. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct StripeProvider {
    client: Client,
    webhook_secrets: Vec<SecretString>,
    live_mode: Option<bool>,
}

impl StripeProvider {
    /// The account of `config`. Makes no request: an invalid key shows at the first call.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if a setting is empty or invalid.
    pub fn try_new(config: StripeConfig) -> Result<Self, ConfigError> {
        let client = Client::try_new(&config)?;
        config.checked_webhook_secrets()?;
        let live_mode = config.live_mode();
        Ok(Self { client, webhook_secrets: config.webhook_secrets, live_mode })
    }
}

/// Calls Stripe, with up to two retries under one idempotency key that is derived from the request's id. Every error
/// carries Stripe's `Request-Id` if there is one.
///
/// - Refused: 400, 402, 404 and the other 4xx. Also a key that was used with other parameters (`idempotency_error`),
///   which Stripe remembers for a day.
/// - Unauthorized: 401 and 403.
/// - Unknown: no or a partial response, 409, 424, 429, 5xx. The same request may be repeated.
#[async_trait]
impl Checkout for StripeProvider {
    /// Creates a customer with the account's email, name and id. The key is `customer:<account id>`. See
    /// <https://docs.stripe.com/api/customers/create>.
    async fn create_customer(&self, request: &CustomerRequest) -> Result<String, ProviderError> {
        customer::create(&self.client, request).await
    }

    /// Opens a hosted checkout. The key is `checkout:<order id>`. The price is in Stripe's unit, which is the
    /// currency's minor unit with a few exceptions; the expiry in whole seconds, 30 minutes to 24 hours ahead. Stripe
    /// fills in `{CHECKOUT_SESSION_ID}` in the success URL. See
    /// <https://docs.stripe.com/api/checkout/sessions/create>.
    ///
    /// A plan without a Stripe price is [`ProviderError::Unsupported`].
    async fn create_checkout(&self, request: &CheckoutRequest) -> Result<CheckoutSession, ProviderError> {
        checkout::create(&self.client, request).await
    }

    /// Reads the session. See <https://docs.stripe.com/api/checkout/sessions/retrieve>.
    async fn read_checkout(&self, session: &str) -> Result<Option<CheckoutFact>, ProviderError> {
        checkout::read(&self.client, session).await
    }

    /// Expires the session, under a key of its id.
    async fn expire_checkout(&self, session: &str) -> Result<Option<CheckoutFact>, ProviderError> {
        checkout::expire(&self.client, session).await
    }
}

#[async_trait]
impl Portal for StripeProvider {
    /// Opens the customer portal, which has to be configured in the dashboard once.
    async fn open_portal(&self, request: &PortalRequest) -> Result<String, ProviderError> {
        subscription::open_portal(&self.client, request).await
    }
}

/// See <https://docs.stripe.com/api/subscriptions> and <https://docs.stripe.com/api/customer_portal>.
#[async_trait]
impl Subscriptions for StripeProvider {
    /// Reads the subscription, and its latest invoice.
    async fn read_subscription(&self, id: &str, now: Timestamp) -> Result<Vec<Fact>, ProviderError> {
        subscription::read(&self.client, id, now).await
    }

    /// Reads the invoice, and all pages of its lines; or the payment of a charge.
    async fn complete(&self, partial: &PartialFact, now: Timestamp) -> Result<Fact, ProviderError> {
        payment::complete(&self.client, partial, now).await
    }

    /// Reads the invoice or the checkout of a PaymentIntent.
    async fn read_payment(&self, id: &str, now: Timestamp) -> Result<Vec<Fact>, ProviderError> {
        payment::read(&self.client, id, now).await
    }

    /// Schedules or undoes a cancellation, under a key of its row and version; or cancels immediately.
    async fn change_subscription(&self, request: &ChangeRequest) -> Result<SubscriptionFact, ProviderError> {
        subscription::change(&self.client, request).await
    }

    /// Changes the price: at the renewal, with an immediate proration invoice, or with a new period. If a payment that
    /// is due is declined, nothing changes. See <https://docs.stripe.com/billing/subscriptions/change-price>.
    async fn change_plan(&self, call: &ChangePlanRequest) -> Result<ProviderPlanChange, ProviderError> {
        plan_change::change(&self.client, call).await
    }
}

#[async_trait]
impl Invoices for StripeProvider {
    /// See <https://docs.stripe.com/api/invoices/create_preview>.
    async fn preview_renewal(&self, subscription: &Subscription) -> Result<Option<Money>, ProviderError> {
        plan_change::renewal(&self.client, subscription).await
    }

    /// See <https://docs.stripe.com/api/invoices/create_preview>.
    async fn preview_change(&self, call: &ChangePlanRequest) -> Result<Money, ProviderError> {
        plan_change::preview(&self.client, call).await
    }
}

/// See <https://docs.stripe.com/refunds>.
#[async_trait]
impl Refunds for StripeProvider {
    /// Refunds a payment in part or in full, under the request's own key.
    async fn refund(&self, request: &RefundRequest) -> Result<Option<PaymentReversalUpdate>, ProviderError> {
        refund::refund(&self.client, request).await
    }
}

/// Reads Stripe's snapshot events in every shape since API version 2020-08-27. See <https://docs.stripe.com/webhooks>.
impl Webhooks for StripeProvider {
    fn verify(
        &self,
        headers: &WebhookHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<WebhookEvent, WebhookRefusal> {
        webhook_event::verify(&self.webhook_secrets, headers, body, now)
    }

    fn read(&self, event: &InboxEvent) -> Result<Fact, String> {
        webhook_read::read(event, self.live_mode)
    }
}

impl PaymentProvider for StripeProvider {
    fn channel(&self) -> Channel {
        crate::CHANNEL
    }

    fn capabilities(&self) -> Capabilities {
        use Capability::{
            Cancel, CatalogBacked, ChangePlan, Customers, ExpireCheckout, IdempotentWrites, PartialRefund,
            Pause, PaymentLines, Portal, PreviewChange, PreviewRenewal, Prorate, ReadCheckout,
            ReadSubscription, Refund, ResetBillingAnchor,
        };
        Capabilities::of(&[
            Customers,
            IdempotentWrites,
            CatalogBacked,
            ReadCheckout,
            ExpireCheckout,
            ReadSubscription,
            Portal,
            Cancel,
            ChangePlan,
            Prorate,
            ResetBillingAnchor,
            PreviewChange,
            PreviewRenewal,
            Pause,
            Refund,
            PartialRefund,
            PaymentLines,
        ])
    }
}
