//! Operators' actions and lists of sales: methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::orders::{Order, OrderStatus};
use crate::payments::Payment;
use crate::ports::{OrderFilter, StoreError, SubscriptionFilter};
use crate::subscriptions::{Subscription, SubscriptionRole, SubscriptionStatus};
use crate::use_cases::{self, RefundPayment};
use crate::values::{AccountId, Cursor, InboxEventId, OrderId, Page, PageRequest, PaymentId, SubscriptionId};
use crate::webhooks::{InboxState, ListedEvent};

/// Operators' actions and lists.
impl Billing {
    /// Refunds a payment at the provider, and claws back its credits. With a key, the same request again refunds
    /// nothing more.
    ///
    /// # Errors
    ///
    /// [`BillingError::Refund`] with the refundable rest; [`BillingError::NotFound`]; [`BillingError::Provider`] if
    /// the provider failed or does not support it.
    pub async fn refund(&self, ask: &RefundPayment) -> Result<Payment, BillingError> {
        use_cases::refund_payment::refund_payment(&self.ports, ask).await
    }

    /// All accounts' orders, newest first, with external ids; or those of one account, or of one status.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`]; [`BillingError::Invalid`] if the cursor belongs to another list;
    /// [`BillingError::Store`]; safe to retry.
    pub async fn all_orders(
        &self,
        account: Option<&ExternalId>,
        status: Option<OrderStatus>,
        page: &PageRequest,
    ) -> Result<Page<(ExternalId, Order)>, BillingError> {
        check_cursor::<OrderId>(page)?;
        let filter = OrderFilter { account: self.named(account).await?, status };
        self.with_owners(self.ports.store.admin.all_orders(&filter, page).await?, |item| item.account).await
    }

    /// All accounts' payments, newest first, with external ids; or those of one account.
    ///
    /// # Errors
    ///
    /// As [`all_orders`](Self::all_orders).
    pub async fn all_payments(
        &self,
        account: Option<&ExternalId>,
        page: &PageRequest,
    ) -> Result<Page<(ExternalId, Payment)>, BillingError> {
        check_cursor::<PaymentId>(page)?;
        let account = self.named(account).await?;
        self.with_owners(self.ports.store.admin.all_payments(account, page).await?, |item| item.account).await
    }

    /// All accounts' subscriptions, newest first, with external ids; or those of one account, of one status, or of one
    /// role.
    ///
    /// # Errors
    ///
    /// As [`all_orders`](Self::all_orders).
    pub async fn all_subscriptions(
        &self,
        account: Option<&ExternalId>,
        (status, role): (Option<SubscriptionStatus>, Option<SubscriptionRole>),
        page: &PageRequest,
    ) -> Result<Page<(ExternalId, Subscription)>, BillingError> {
        check_cursor::<SubscriptionId>(page)?;
        let filter = SubscriptionFilter { account: self.named(account).await?, status, role };
        let mut found = self.ports.store.admin.all_subscriptions(&filter, page).await?;
        let now = self.ports.clock.now();
        found.items = found.items.into_iter().map(|known| known.as_of(now)).collect();
        self.with_owners(found, |item| item.account).await
    }

    /// The events that providers have sent, newest first, without their bodies; or those in one state.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if the cursor belongs to another list; [`BillingError::Store`]; safe to retry.
    pub async fn webhook_events(
        &self,
        state: Option<InboxState>,
        page: &PageRequest,
    ) -> Result<Page<ListedEvent>, BillingError> {
        check_cursor::<InboxEventId>(page)?;
        Ok(self.ports.store.inbox.events(state, page).await?)
    }

    /// Adds the external id of each item's account.
    async fn with_owners<T>(
        &self,
        page: Page<T>,
        account: impl Fn(&T) -> AccountId,
    ) -> Result<Page<(ExternalId, T)>, BillingError> {
        let mut ids: Vec<_> = page.items.iter().map(&account).collect();
        ids.sort_unstable();
        ids.dedup();
        let names = self.ports.store.billing.external_ids(&ids).await?;
        let owned = |item: T| {
            let name = names.get(&account(&item)).cloned();
            name.map(|name| (name, item)).ok_or_else(|| {
                BillingError::Store(StoreError::Corrupt(
                    "something is sold to an account that is not there".to_owned(),
                ))
            })
        };
        let items = page.items.into_iter().map(owned).collect::<Result<Vec<_>, _>>()?;
        Ok(Page { items, next: page.next })
    }

    pub(super) async fn named(
        &self,
        account: Option<&ExternalId>,
    ) -> Result<Option<AccountId>, BillingError> {
        let Some(name) = account else { return Ok(None) };
        let found = self.ports.find_account(name).await?;
        let found = found.ok_or_else(|| BillingError::AccountNotFound(name.clone()))?;
        Ok(Some(found.id))
    }
}

/// Validates that a caller's cursor belongs to a list of ids of this kind.
pub(crate) fn check_cursor<T: std::str::FromStr>(page: &PageRequest) -> Result<(), BillingError> {
    match page.cursor().map(Cursor::id::<T>) {
        Some(Err(problem)) => Err(BillingError::Invalid { field: "cursor", problem: problem.to_string() }),
        _ => Ok(()),
    }
}
