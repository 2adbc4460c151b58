//! Purchases: methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::account_billing::UpcomingInvoice;
use crate::accounts::ExternalId;
use crate::orders::Order;
use crate::payments::{Channel, PortalFlow, WebhookHeaders};
use crate::ports::{OrderFilter, OrderRef, Received};
use crate::use_cases::{
    self, BillingOverview, BillingSummary, ChangePlan, ChangeSubscription, ChangedSubscription,
    PlanChangeResult, StartCheckout, StartedCheckout,
};
use crate::values::{OrderId, Page, PageRequest};

/// Purchases.
impl Billing {
    /// Opens a checkout; the same request again returns the same checkout while it is open.
    ///
    /// # Errors
    ///
    /// [`BillingError::Checkout`], [`BillingError::NotFound`]; [`BillingError::Provider`] if the provider failed: the
    /// same request again resumes it.
    pub async fn start_checkout(&self, ask: &StartCheckout) -> Result<StartedCheckout, BillingError> {
        use_cases::start_checkout::start_checkout(&self.ports, ask).await
    }

    /// The account's order with this id.
    ///
    /// # Errors
    ///
    /// [`BillingError::NotFound`], also if it belongs to another account.
    pub async fn order(&self, account: &ExternalId, id: OrderId) -> Result<Order, BillingError> {
        let found = self.own_order(account, OrderRef::Id(id)).await?;
        found.ok_or_else(|| BillingError::not_found("order", id))
    }

    /// The account's order with this id, or with this id of its provider's checkout, which the page to which a buyer
    /// returns has.
    ///
    /// # Errors
    ///
    /// As [`order`](Self::order).
    pub async fn order_by_name(&self, account: &ExternalId, name: &str) -> Result<Order, BillingError> {
        if let Ok(id) = name.parse() {
            return self.order(account, id).await;
        }
        for channel in self.ports.providers.keys() {
            if let Some(order) = self.own_order(account, OrderRef::Session(*channel, name)).await? {
                return Ok(order);
            }
        }
        Err(BillingError::not_found("order", name))
    }

    async fn own_order(
        &self,
        account: &ExternalId,
        which: OrderRef<'_>,
    ) -> Result<Option<Order>, BillingError> {
        let owner = self.ports.find_account(account).await?.map(|owner| owner.id);
        let found = self.ports.store.billing.order(which).await?;
        Ok(found.filter(|order| Some(order.account) == owner))
    }

    /// The account's order with this id, after reading its checkout from the provider: the page to which a buyer
    /// returns calls it instead of waiting for the event.
    ///
    /// # Errors
    ///
    /// [`BillingError::NotFound`], also if it belongs to another account; [`BillingError::Provider`] if the provider
    /// does not respond.
    pub async fn refresh_order(&self, account: &ExternalId, id: OrderId) -> Result<Order, BillingError> {
        let order = self.order(account, id).await?;
        use_cases::refresh_order::refresh_order(&self.ports, order).await
    }

    /// Cancels a pending order of the account: its checkout is closed where the provider can do that, and its coupon can be
    /// used again. An order that came to nothing before is answered as it is.
    ///
    /// # Errors
    ///
    /// [`BillingError::NotFound`], also if it is another account's; [`BillingError::Checkout`] if it was paid or its
    /// payment is on its way; [`BillingError::Provider`] if the provider does not answer: it may be tried again.
    pub async fn cancel_order(&self, account: &ExternalId, id: OrderId) -> Result<Order, BillingError> {
        let order = self.order(account, id).await?;
        use_cases::close_checkout::cancel_order(&self.ports, order).await
    }

    /// The account's orders, newest first.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if the cursor belongs to another list; [`BillingError::Store`]; safe to retry.
    pub async fn orders(
        &self,
        account: &ExternalId,
        page: &PageRequest,
    ) -> Result<Page<Order>, BillingError> {
        super::check_cursor::<OrderId>(page)?;
        let Some(owner) = self.ports.find_account(account).await? else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        let own = OrderFilter { account: Some(owner.id), status: None };
        Ok(self.ports.store.admin.all_orders(&own, page).await?)
    }

    /// The account's subscription and credits, for overview pages.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn summary(&self, account: &ExternalId) -> Result<BillingSummary, BillingError> {
        use_cases::read_summary::read_summary(&self.ports, account).await
    }

    /// Changes the account's live subscription at its provider, and returns its new state. A change that is already in
    /// effect is not requested again. With a `key`, the same request changes the subscription once, whatever it has become
    /// since.
    ///
    /// # Errors
    ///
    /// [`BillingError::NotFound`] without a live subscription; [`BillingError::Provider`] if the provider failed or
    /// does not support it: the same change may be requested again, with the same key;
    /// [`Refusal::KeyReused`](crate::ledger::Refusal::KeyReused) if the key was another request's.
    pub async fn change_subscription(
        &self,
        ask: &ChangeSubscription,
    ) -> Result<ChangedSubscription, BillingError> {
        use_cases::manage_subscription::change_subscription(&self.ports, ask).await
    }

    /// Computes what a change of plan means for money and credits, and makes the change unless it is a preview.
    ///
    /// # Errors
    ///
    /// [`BillingError::Change`] says why not; [`BillingError::NotFound`] without a live subscription, or without the
    /// plan; [`BillingError::Provider`] if the provider failed, for example if a payment is declined: nothing was
    /// changed, and the same change may be requested again.
    pub async fn change_plan(&self, ask: &ChangePlan) -> Result<PlanChangeResult, BillingError> {
        use_cases::change_plan::change_plan(&self.ports, ask).await
    }

    /// Opens the customer portal of the subscription's provider, and returns its URL; with a `flow`, the page for it,
    /// if there is one. Portal sessions expire: open a new one each time.
    ///
    /// # Errors
    ///
    /// [`BillingError::Checkout`] if the origin of `return_url` is not allowed; [`BillingError::NotFound`] without a
    /// subscription; [`BillingError::Provider`] if the provider failed, or has no portal.
    pub async fn open_portal(
        &self,
        account: &ExternalId,
        flow: Option<PortalFlow>,
        return_url: &str,
    ) -> Result<String, BillingError> {
        use_cases::manage_subscription::open_portal(&self.ports, account, flow, return_url).await
    }

    /// The account's subscription, credits and payments, for a "Manage subscription" page.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn overview(&self, account: &ExternalId) -> Result<BillingOverview, BillingError> {
        use_cases::read_overview::read_overview(&self.ports, account).await
    }

    /// The next invoice: as previewed by the provider if it supports that, else at the plan's current price. Also
    /// returns whether the provider previewed it.
    ///
    /// # Errors
    ///
    /// [`BillingError::Provider`] if the provider does not respond; [`BillingError::Store`]; safe to retry.
    pub async fn upcoming_invoice(
        &self,
        account: &ExternalId,
    ) -> Result<Option<(UpcomingInvoice, bool)>, BillingError> {
        use_cases::read_overview::read_upcoming(&self.ports, account).await
    }

    /// Receives a provider's event: it is verified and stored when this returns, and applied soon after.
    ///
    /// # Errors
    ///
    /// [`BillingError::Webhook`] if its signature is invalid: nothing was stored.
    pub async fn receive_webhook(
        &self,
        channel: Channel,
        headers: &WebhookHeaders,
        body: &[u8],
    ) -> Result<Received, BillingError> {
        use_cases::receive_webhook::receive_webhook(&self.ports, channel, headers, body).await
    }
}
