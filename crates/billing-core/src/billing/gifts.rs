//! Gifts: methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::gifts::{Gift, GiftStatus};
use crate::ledger::Actor;
use crate::payments::SubscriptionChange;
use crate::ports::{GiftFilter, GiftRef};
use crate::use_cases::{self, ChangedSubscription, GiveSubscription, RedeemedGift};
use crate::values::{AccountId, GiftId, OrderId, Page, PageRequest, RequestKey, SubscriptionId};

/// Gifts.
impl Billing {
    /// Redeems the gift with this code, once, for one account; creates the account if it is unknown. Idempotent with a
    /// key.
    ///
    /// # Errors
    ///
    /// [`BillingError::Gift`] says why it cannot be redeemed; [`BillingError::Checkout`] if the account has a
    /// subscription.
    pub async fn redeem_gift(
        &self,
        account: &ExternalId,
        code: &str,
        key: Option<&RequestKey>,
    ) -> Result<RedeemedGift, BillingError> {
        use_cases::redeem_gift::redeem_gift(&self.ports, account, code, key).await
    }

    /// The gifts that the account bought, newest first.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if the cursor belongs to another list; [`BillingError::Store`]; safe to retry.
    pub async fn gifts(&self, account: &ExternalId, page: &PageRequest) -> Result<Page<Gift>, BillingError> {
        super::check_cursor::<GiftId>(page)?;
        match self.ports.find_account(account).await? {
            Some(buyer) => {
                let filter = GiftFilter { buyer: Some(buyer.id), status: None };
                Ok(self.ports.store.admin.all_gifts(&filter, page).await?)
            }
            None => Ok(Page { items: Vec::new(), next: None }),
        }
    }

    /// The gift that an order pays for, if any.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn gift_of_order(&self, order: OrderId) -> Result<Option<Gift>, BillingError> {
        Ok(self.ports.store.billing.gift(GiftRef::Order(order)).await?)
    }

    /// All gifts, newest first, with the external ids of buyer and recipient; or those of one buyer, or of one status.
    ///
    /// # Errors
    ///
    /// As [`all_orders`](Self::all_orders).
    pub async fn all_gifts(
        &self,
        buyer: Option<&ExternalId>,
        status: Option<GiftStatus>,
        page: &PageRequest,
    ) -> Result<Page<(Option<ExternalId>, Option<ExternalId>, Gift)>, BillingError> {
        super::check_cursor::<GiftId>(page)?;
        let filter = GiftFilter { buyer: self.named(buyer).await?, status };
        let found = self.ports.store.admin.all_gifts(&filter, page).await?;
        let has = |gift: &Gift| gift.redeemed.as_ref().map(|redeemed| redeemed.by);
        let mut ids: Vec<_> =
            found.items.iter().flat_map(|gift| gift.buyer().into_iter().chain(has(gift))).collect();
        ids.sort_unstable();
        ids.dedup();
        let known = self.ports.store.billing.external_ids(&ids).await?;
        let name = |id: Option<AccountId>| id.and_then(|id| known.get(&id).cloned());
        let items = found.items.into_iter().map(|gift| (name(gift.buyer()), name(has(&gift)), gift));
        Ok(Page { items: items.collect(), next: found.next })
    }

    /// Gives an account a plan for a number of months, free of charge. The same request again gives nothing more.
    ///
    /// # Errors
    ///
    /// [`BillingError::Checkout`] if the account has a subscription; [`BillingError::NotFound`] if the plan is
    /// unknown; [`BillingError::Invalid`] names the invalid field.
    pub async fn give_subscription(&self, ask: &GiveSubscription) -> Result<RedeemedGift, BillingError> {
        use_cases::give_subscription::give_subscription(&self.ports, ask).await
    }

    /// Cancels the subscription with this id, of any account: at its provider, or here if it is a gift.
    ///
    /// # Errors
    ///
    /// As [`change_subscription`](Self::change_subscription).
    pub async fn end_subscription(
        &self,
        id: SubscriptionId,
        change: SubscriptionChange,
        key: Option<&RequestKey>,
        actor: Actor,
    ) -> Result<(ExternalId, ChangedSubscription), BillingError> {
        use_cases::manage_subscription::end_subscription(&self.ports, id, change, key, actor).await
    }
}
