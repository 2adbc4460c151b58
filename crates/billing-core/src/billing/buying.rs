//! Buying, as methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::account_billing::{ShownSubscription, UpcomingInvoice};
use crate::accounts::ExternalId;
use crate::orders::Order;
use crate::payments::{Channel, PortalFlow, SubscriptionChange, WebhookHeaders};
use crate::ports::{OrderFilter, OrderRef, Received};
use crate::use_cases::{
    self, BillingOverview, BillingSummary, ChangePlan, PlanChangeResult, StartCheckout, StartedCheckout,
};
use crate::values::{OrderId, Page, PageRequest};

/// Buying.
impl Billing {
    /// Opens a checkout; the same request again answers the same one while it is open.
    ///
    /// # Errors
    ///
    /// [`BillingError::Checkout`], [`BillingError::NotFound`]; [`BillingError::Provider`] if the provider
    /// did not do it: the same request again takes it up where it stopped.
    pub async fn start_checkout(&self, ask: &StartCheckout) -> Result<StartedCheckout, BillingError> {
        use_cases::start_checkout::start_checkout(&self.ports, ask).await
    }

    /// The account's order with this id.
    ///
    /// # Errors
    ///
    /// [`BillingError::NotFound`], also if it is another account's.
    pub async fn order(&self, account: &ExternalId, id: OrderId) -> Result<Order, BillingError> {
        let found = self.own_order(account, OrderRef::Id(id)).await?;
        found.ok_or_else(|| BillingError::not_found("order", id))
    }

    /// The account's order with this id, or with this id of its provider's checkout, which is what the page to which a
    /// buyer returns knows.
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

    /// The account's order with this id, after its provider was asked what became of its checkout: the page to which a buyer returns calls it, so
    /// that nobody waits for an event.
    ///
    /// # Errors
    ///
    /// [`BillingError::NotFound`], also if it is another account's; [`BillingError::Provider`] if the provider does not
    /// answer.
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
    /// [`BillingError::Invalid`] if the cursor is not of this list; [`BillingError::Store`]; may be tried
    /// again.
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
    /// [`BillingError::Store`]; may be tried again.
    pub async fn summary(&self, account: &ExternalId) -> Result<BillingSummary, BillingError> {
        use_cases::read_summary::read_summary(&self.ports, account).await
    }

    /// Changes the account's live subscription at its provider, and answers how it is then. What is so already is not
    /// asked for again.
    ///
    /// # Errors
    ///
    /// [`BillingError::NotFound`] without a live subscription; [`BillingError::Provider`] if the provider did not do it,
    /// or cannot: the same change may be asked for again.
    pub async fn change_subscription(
        &self,
        account: &ExternalId,
        change: SubscriptionChange,
    ) -> Result<ShownSubscription, BillingError> {
        use_cases::manage_subscription::change_subscription(&self.ports, account, change).await
    }

    /// Says what changing the account's subscription to another plan means for money and credits, and does it unless only
    /// that was asked.
    ///
    /// # Errors
    ///
    /// [`BillingError::Change`] says why not; [`BillingError::NotFound`] without a live subscription, or such a plan;
    /// [`BillingError::Provider`] if the provider did not do it, as where a payment is declined: nothing was changed, and
    /// the same change may be asked for again.
    pub async fn change_plan(&self, ask: &ChangePlan) -> Result<PlanChangeResult, BillingError> {
        use_cases::change_plan::change_plan(&self.ports, ask).await
    }

    /// Opens the pages of the provider that owns the account's subscription, and answers where they are; with a `flow`, the page for that
    /// where it has one. They do not stay open: ask anew each time.
    ///
    /// # Errors
    ///
    /// [`BillingError::Checkout`] if `return_url` leads elsewhere; [`BillingError::NotFound`] without a subscription;
    /// [`BillingError::Provider`] if the provider did not do it, or has no such pages.
    pub async fn open_portal(
        &self,
        account: &ExternalId,
        flow: Option<PortalFlow>,
        return_url: &str,
    ) -> Result<String, BillingError> {
        use_cases::manage_subscription::open_portal(&self.ports, account, flow, return_url).await
    }

    /// The account's subscription, credits, and money, for the page on which a subscription is managed.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn overview(&self, account: &ExternalId) -> Result<BillingOverview, BillingError> {
        use_cases::read_overview::read_overview(&self.ports, account).await
    }

    /// What will be asked for next: as the provider counts it where it can say, else the plan's price today. Says whether the
    /// provider counted.
    ///
    /// # Errors
    ///
    /// [`BillingError::Provider`] if the provider does not answer; [`BillingError::Store`]; may be tried again.
    pub async fn upcoming_invoice(
        &self,
        account: &ExternalId,
    ) -> Result<Option<(UpcomingInvoice, bool)>, BillingError> {
        use_cases::read_overview::read_upcoming(&self.ports, account).await
    }

    /// Takes a provider's event in: verified and stored once this answers, applied soon after.
    ///
    /// # Errors
    ///
    /// [`BillingError::Webhook`] if it is not signed as it should be: nothing was stored.
    pub async fn receive_webhook(
        &self,
        channel: Channel,
        headers: &WebhookHeaders,
        body: &[u8],
    ) -> Result<Received, BillingError> {
        use_cases::receive_webhook::receive_webhook(&self.ports, channel, headers, body).await
    }
}
