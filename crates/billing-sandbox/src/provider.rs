//! The implementation of the payment ports.

use std::sync::Arc;

use async_trait::async_trait;
use billing_core::payments::{
    Capabilities, Capability, ChangePlanRequest, ChangeRequest, Channel, CheckoutRequest, CheckoutSession,
    CustomerRequest, DiscountLength, Fact, PaymentReversalUpdate, ProviderPlanChange, Purchase, Refund,
    RefundRequest, RefundState, SubscriptionFact, WebhookEvent, WebhookHeaders,
};
use billing_core::ports::{
    Checkout, Clock, Invoices, PaymentProvider, Portal, ProviderError, Refunds, Subscriptions, Webhooks,
};
use billing_core::values::{Money, Timestamp};
use billing_core::webhooks::{InboxEvent, WebhookRefusal};
use secrecy::SecretString;

use crate::delivery::Delivery;
use crate::session::customer_of;
use crate::signature::{Page, Signer};
use crate::{SandboxEvent, SandboxPurchase, SandboxSession};

/// The configuration of the sandbox.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Signs checkouts' URLs and webhooks; at least 32 bytes.
    pub secret: SecretString,
    /// The address at which buyers reach this service, without a trailing slash.
    pub public_url: String,
    /// The URL of this service's webhook endpoint.
    pub webhook_url: String,
}

/// Why the sandbox cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A guessed secret allows forged payments.
    #[error("the sandbox's secret must have at least 32 bytes")]
    WeakSecret,
    /// The HTTP client cannot be built.
    #[error("the sandbox's HTTP client cannot be built: {0}")]
    Client(String),
}

/// The sandbox provider.
pub struct Sandbox {
    signer: Signer,
    public_url: String,
    delivery: Delivery,
    clock: Arc<dyn Clock>,
}

impl Sandbox {
    /// A sandbox with this configuration.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] if the secret is too weak.
    pub fn try_new(config: SandboxConfig, clock: Arc<dyn Clock>) -> Result<Self, SandboxError> {
        Ok(Self {
            signer: Signer::try_new(&config.secret).ok_or(SandboxError::WeakSecret)?,
            public_url: config.public_url.trim_end_matches('/').to_owned(),
            delivery: Delivery::try_new(config.webhook_url)?,
            clock,
        })
    }

    /// The headers that sign `event` at `now`; for tests with their own delivery.
    pub fn sign(&self, event: &SandboxEvent, now: Timestamp) -> [(&'static str, String); 3] {
        self.signer.sign_webhook(&event.id, now, &event.body())
    }

    /// The checkout whose URL ends in `token`, if it is valid.
    pub fn session(&self, token: &str) -> Option<SandboxSession> {
        serde_json::from_slice(&self.signer.open(Page::Checkout, token)?).ok()
    }

    /// The purchase whose URL ends in `token`, if it is valid.
    pub(crate) fn purchase(&self, token: &str) -> Option<SandboxPurchase> {
        serde_json::from_slice(&self.signer.open(Page::Purchase, token)?).ok()
    }

    /// The path of the page of `purchase`.
    pub(crate) fn purchase_path(&self, purchase: &SandboxPurchase) -> String {
        // Texts, numbers and options of them always serialize.
        let payload = serde_json::to_vec(purchase).unwrap_or_default();
        format!("/sandbox/purchase/{}", self.signer.seal(Page::Purchase, &payload))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Delivers `events` in order.
    pub(crate) async fn tell(&self, events: Vec<SandboxEvent>) -> Result<(), String> {
        for event in events {
            let headers = self.sign(&event, self.now());
            self.delivery.deliver(&headers, event.body()).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Checkout for Sandbox {
    async fn create_customer(&self, request: &CustomerRequest) -> Result<String, ProviderError> {
        Ok(customer_of(request.account))
    }

    async fn create_checkout(&self, request: &CheckoutRequest) -> Result<CheckoutSession, ProviderError> {
        let (item, plan_price, months, trial_days) = match &request.purchase {
            Purchase::Pack { name, .. } | Purchase::Gift { name } => (name.clone(), None, 0, 0),
            Purchase::Plan { name, interval, price, trial_days } => {
                (name.clone(), price.clone(), interval.months(), *trial_days)
            }
        };
        let session = SandboxSession {
            order: request.order,
            account: request.account,
            item,
            plan_price,
            months,
            trial_days,
            price: request.price,
            list_price: request.discount.as_ref().map(|discount| discount.list_price),
            reduced_payments: request.discount.as_ref().map(|discount| reach(discount.length, months)),
            success_url: request.success_url.clone(),
            cancel_url: request.cancel_url.clone(),
            expires_at: request.expires_at,
        };
        let payload = serde_json::to_vec(&session)
            .map_err(|problem| ProviderError::Unknown { message: problem.to_string(), request_id: None })?;
        Ok(CheckoutSession {
            id: session.id(),
            url: format!(
                "{}/sandbox/checkout/{}",
                self.public_url,
                self.signer.seal(Page::Checkout, &payload)
            ),
            expires_at: session.expires_at,
        })
    }
}

impl Webhooks for Sandbox {
    fn verify(
        &self,
        headers: &WebhookHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<WebhookEvent, WebhookRefusal> {
        let id = self.signer.verify_webhook(headers, body, now)?;
        let event: SandboxEvent = serde_json::from_slice(body).map_err(|_| WebhookRefusal::NotAnEvent)?;
        if event.id != id {
            return Err(WebhookRefusal::NotAnEvent);
        }
        Ok(WebhookEvent { id, kind: event.kind, created_at: event.created_at, body: body.to_vec() })
    }

    fn read(&self, event: &InboxEvent) -> Result<Fact, String> {
        let event: SandboxEvent =
            serde_json::from_slice(&event.body).map_err(|problem| problem.to_string())?;
        event.into_fact()
    }
}

/// The number of payments, `months` apart, that a discount applies to.
fn reach(length: DiscountLength, months: u32) -> u32 {
    match length {
        DiscountLength::Once => 1,
        DiscountLength::Months(reached) => reached.div_ceil(months.max(1)),
        DiscountLength::Forever => u32::MAX,
    }
}

impl Portal for Sandbox {}

/// Stateless: it returns the stored subscription with the change applied.
#[async_trait]
impl Subscriptions for Sandbox {
    async fn change_subscription(&self, request: &ChangeRequest) -> Result<SubscriptionFact, ProviderError> {
        Ok(request.carried_out())
    }

    /// The amount due is paid at once.
    async fn change_plan(&self, call: &ChangePlanRequest) -> Result<ProviderPlanChange, ProviderError> {
        Ok(call.carried_out(&format!("ch_sandbox_{}", call.key())))
    }
}

#[async_trait]
impl Invoices for Sandbox {
    /// It charges our own amount.
    async fn preview_change(&self, call: &ChangePlanRequest) -> Result<Money, ProviderError> {
        Ok(call.due)
    }
}

#[async_trait]
impl Refunds for Sandbox {
    /// There is no money, so a refund succeeds at once.
    async fn refund(&self, request: &RefundRequest) -> Result<Option<PaymentReversalUpdate>, ProviderError> {
        let id = format!("re_sandbox_{}", request.key);
        Ok(Some(PaymentReversalUpdate::Refund(Refund::new(id, request.amount, RefundState::Succeeded))))
    }
}

impl PaymentProvider for Sandbox {
    fn channel(&self) -> Channel {
        crate::CHANNEL
    }

    fn capabilities(&self) -> Capabilities {
        use Capability::{
            Cancel, ChangePlan, Customers, IdempotentWrites, PartialRefund, Pause, PreviewChange, Prorate,
            Refund, ResetBillingAnchor,
        };
        Capabilities::of(&[
            Customers,
            IdempotentWrites,
            Cancel,
            Pause,
            Refund,
            PartialRefund,
            ChangePlan,
            Prorate,
            ResetBillingAnchor,
            PreviewChange,
        ])
    }
}
