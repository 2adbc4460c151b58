//! Deadlines of calls to a payment provider.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::{Either, select};

use crate::payments::{
    Capabilities, ChangePlanRequest, ChangeRequest, Channel, CheckoutFact, CheckoutRequest, CheckoutSession,
    CustomerRequest, Fact, PartialFact, PaymentReversalUpdate, PortalRequest, ProviderPlanChange,
    RefundRequest, SubscriptionFact, WebhookEvent, WebhookHeaders,
};
use crate::ports::{
    Checkout, Invoices, PaymentProvider, Portal, ProviderError, Refunds, Subscriptions, Timer, Webhooks,
};
use crate::subscriptions::Subscription;
use crate::values::{Money, Timestamp};
use crate::webhooks::{InboxEvent, WebhookRefusal};

/// The deadline of a read call, with all its requests and their retries.
const READ: Duration = Duration::from_secs(10);
/// The deadline of any other call. It may still take effect afterwards: its idempotency key or a read settles the
/// outcome.
const WRITE: Duration = Duration::from_secs(30);

/// A provider whose calls all end: with [`ProviderError::Unknown`] if no response arrives in time. The
/// [builder](super::BillingBuilder::provider) wraps each provider, so that no adapter has to implement deadlines.
pub(super) struct BoundedProvider {
    pub(super) inner: Arc<dyn PaymentProvider>,
    pub(super) timer: Arc<dyn Timer>,
}

impl BoundedProvider {
    async fn within<T>(
        &self,
        bound: Duration,
        call: impl Future<Output = Result<T, ProviderError>> + Send,
    ) -> Result<T, ProviderError> {
        match select(Box::pin(call), self.timer.deadline(bound)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => {
                let message = format!("{} did not answer within {} s", self.channel(), bound.as_secs());
                Err(ProviderError::Unknown { message, request_id: None })
            }
        }
    }
}

#[async_trait]
impl Checkout for BoundedProvider {
    async fn create_customer(&self, request: &CustomerRequest) -> Result<String, ProviderError> {
        self.within(WRITE, self.inner.create_customer(request)).await
    }

    async fn create_checkout(&self, request: &CheckoutRequest) -> Result<CheckoutSession, ProviderError> {
        self.within(WRITE, self.inner.create_checkout(request)).await
    }

    async fn read_checkout(&self, session: &str) -> Result<Option<CheckoutFact>, ProviderError> {
        self.within(READ, self.inner.read_checkout(session)).await
    }

    async fn expire_checkout(&self, session: &str) -> Result<Option<CheckoutFact>, ProviderError> {
        self.within(WRITE, self.inner.expire_checkout(session)).await
    }
}

#[async_trait]
impl Portal for BoundedProvider {
    async fn open_portal(&self, request: &PortalRequest) -> Result<String, ProviderError> {
        self.within(WRITE, self.inner.open_portal(request)).await
    }
}

#[async_trait]
impl Subscriptions for BoundedProvider {
    async fn read_subscription(&self, id: &str, now: Timestamp) -> Result<Vec<Fact>, ProviderError> {
        self.within(READ, self.inner.read_subscription(id, now)).await
    }

    async fn complete(&self, partial: &PartialFact, now: Timestamp) -> Result<Fact, ProviderError> {
        self.within(READ, self.inner.complete(partial, now)).await
    }

    async fn read_payment(&self, id: &str, now: Timestamp) -> Result<Vec<Fact>, ProviderError> {
        self.within(READ, self.inner.read_payment(id, now)).await
    }

    async fn change_subscription(&self, request: &ChangeRequest) -> Result<SubscriptionFact, ProviderError> {
        self.within(WRITE, self.inner.change_subscription(request)).await
    }

    async fn change_plan(&self, call: &ChangePlanRequest) -> Result<ProviderPlanChange, ProviderError> {
        self.within(WRITE, self.inner.change_plan(call)).await
    }
}

#[async_trait]
impl Invoices for BoundedProvider {
    async fn preview_renewal(&self, subscription: &Subscription) -> Result<Option<Money>, ProviderError> {
        self.within(READ, self.inner.preview_renewal(subscription)).await
    }

    async fn preview_change(&self, call: &ChangePlanRequest) -> Result<Money, ProviderError> {
        self.within(READ, self.inner.preview_change(call)).await
    }
}

#[async_trait]
impl Refunds for BoundedProvider {
    async fn refund(&self, request: &RefundRequest) -> Result<Option<PaymentReversalUpdate>, ProviderError> {
        self.within(WRITE, self.inner.refund(request)).await
    }
}

/// Pure, so no deadline is needed.
impl Webhooks for BoundedProvider {
    fn verify(
        &self,
        headers: &WebhookHeaders,
        body: &[u8],
        now: Timestamp,
    ) -> Result<WebhookEvent, WebhookRefusal> {
        self.inner.verify(headers, body, now)
    }

    fn read(&self, event: &InboxEvent) -> Result<Fact, String> {
        self.inner.read(event)
    }
}

impl PaymentProvider for BoundedProvider {
    fn channel(&self) -> Channel {
        self.inner.channel()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
}
