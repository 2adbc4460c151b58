//! Everything that can be done, as methods.

use std::sync::Arc;

use super::{Job, Ports};
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::catalog::{Pack, Plan};
use crate::checkin::CheckInConfig;
use crate::credentials::{ApiKey, KeyHash};
use crate::ledger::Entry;
use crate::orders::Order;
use crate::payments::{Channel, WebhookHeaders};
use crate::ports::{Health, Received};
use crate::use_cases::{self, AccountDraft, AdjustCredits, CheckInState, CheckedIn, CreateKey, InboxReport};
use crate::use_cases::{AccountBalance, BillingSummary, ListEntries, NewKey, PackDraft, PlanDraft};
use crate::use_cases::{Spend, Spent, StartCheckout, StartedCheckout};
use crate::values::{ApiKeyId, Cursor, OrderId, PackId, Page, PageRequest, PlanId, RequestKey, Timestamp};

/// Billing for one product: cheap to clone, shared by everything that needs it.
///
/// Methods may be called at the same time from anywhere. A method that answers an error has changed nothing,
/// unless the error says that the outcome is unknown.
#[derive(Clone)]
pub struct Billing {
    pub(super) ports: Arc<Ports>,
}

/// Credits.
impl Billing {
    /// What the account can spend now. An account that nobody has seen reads as empty.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn balance(&self, account: &ExternalId) -> Result<AccountBalance, BillingError> {
        use_cases::read_balance::read_balance(&self.ports, account).await
    }

    /// Takes credits from the grants that burn first, all or nothing. Safe to repeat with the same key.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`]; [`BillingError::Ledger`] if the account cannot cover it: nothing
    /// was taken and the key is still free; [`BillingError::Store`]: repeat with the same key.
    pub async fn spend(&self, spend: Spend) -> Result<Spent, BillingError> {
        use_cases::spend_credits::spend_credits(&self.ports, spend).await
    }

    /// Gives or takes credits by hand. Safe to repeat with the same key.
    ///
    /// # Errors
    ///
    /// As [`spend`](Self::spend); giving makes an account that nobody has seen.
    pub async fn adjust(&self, adjustment: AdjustCredits) -> Result<Spent, BillingError> {
        use_cases::adjust_credits::adjust_credits(&self.ports, adjustment).await
    }

    /// Entries, newest first, each with its account's external id.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if the cursor is not of this list; [`BillingError::Store`]; may be tried
    /// again.
    pub async fn entries(&self, wanted: ListEntries) -> Result<Page<(ExternalId, Entry)>, BillingError> {
        use_cases::list_entries::list_entries(&self.ports, wanted).await
    }
}

/// Accounts and keys.
impl Billing {
    /// The account that the host product calls so.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`] if nobody has seen it.
    pub async fn account(&self, account: &ExternalId) -> Result<Account, BillingError> {
        use_cases::ensure_account::existing_account(&self.ports, account).await
    }

    /// Writes what the host product knows of a customer; makes the account if nobody has seen it.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] names the field that is off.
    pub async fn put_account(
        &self,
        account: &ExternalId,
        draft: &AccountDraft,
    ) -> Result<Account, BillingError> {
        use_cases::put_account::put_account(&self.ports, account, draft).await
    }

    /// Makes an API key; the answer alone carries its text.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if it has no usable name.
    pub async fn create_key(&self, key: CreateKey) -> Result<NewKey, BillingError> {
        use_cases::create_key::create_key(&self.ports, key).await
    }

    /// Revokes an API key; from now on it is refused.
    ///
    /// # Errors
    ///
    /// [`BillingError::NotFound`] if there is none with this id.
    pub async fn revoke_key(&self, id: ApiKeyId) -> Result<ApiKey, BillingError> {
        use_cases::create_key::revoke_key(&self.ports, id).await
    }

    /// Makes a new key in place of the one with `id`, which goes on working for `overlap_hours` at most.
    ///
    /// # Errors
    ///
    /// [`BillingError::NotFound`] if there is none with this id, or it is not valid any more.
    pub async fn rotate_key(
        &self,
        id: ApiKeyId,
        overlap_hours: u32,
        random: [u8; 20],
    ) -> Result<NewKey, BillingError> {
        use_cases::create_key::rotate_key(&self.ports, id, overlap_hours, random).await
    }

    /// All API keys, without their texts.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn keys(&self) -> Result<Vec<ApiKey>, BillingError> {
        Ok(self.ports.credentials.api_keys().await?)
    }

    /// The valid key with this hash, and the account that it acts as.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn authenticate(
        &self,
        hash: &KeyHash,
    ) -> Result<Option<(ApiKey, Option<ExternalId>)>, BillingError> {
        use_cases::authenticate_key::authenticate_key(&self.ports, hash).await
    }

    /// The value of a setting that is made up once; `fresh` becomes it if there is none.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn setting_or(&self, name: &str, fresh: &str) -> Result<String, BillingError> {
        use_cases::setting::setting_or(&self.ports, name, fresh).await
    }
}

/// The catalogue.
impl Billing {
    /// All plans, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn plans(&self) -> Result<Vec<Plan>, BillingError> {
        Ok(self.ports.catalog.plans().await?)
    }

    /// Puts a new plan on sale, or replaces the one with `id`.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] says what is wrong with it; [`BillingError::NotFound`].
    pub async fn publish_plan(&self, id: Option<PlanId>, draft: &PlanDraft) -> Result<Plan, BillingError> {
        use_cases::publish_plan::publish_plan(&self.ports, id, draft).await
    }

    /// All packs, in the order in which they were made.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn packs(&self) -> Result<Vec<Pack>, BillingError> {
        Ok(self.ports.catalog.packs().await?)
    }

    /// Puts a new pack on sale, or replaces the one with `id`.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] says what is wrong with it; [`BillingError::NotFound`].
    pub async fn publish_pack(&self, id: Option<PackId>, draft: &PackDraft) -> Result<Pack, BillingError> {
        use_cases::publish_pack::publish_pack(&self.ports, id, draft).await
    }
}

/// Check-in.
impl Billing {
    /// Gives today's credits, once a day; makes an account that nobody has seen.
    ///
    /// # Errors
    ///
    /// [`BillingError::CheckIn`] if today's were given, or check-in is off.
    pub async fn check_in(&self, account: &ExternalId) -> Result<CheckedIn, BillingError> {
        use_cases::check_in::check_in(&self.ports, account).await
    }

    /// Where the account stands, with this month's calendar.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn check_in_state(&self, account: &ExternalId) -> Result<CheckInState, BillingError> {
        use_cases::check_in::check_in_state(&self.ports, account).await
    }

    /// How check-in is set up.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn check_in_config(&self) -> Result<CheckInConfig, BillingError> {
        Ok(self.ports.check_ins.check_in_config().await?)
    }

    /// Sets check-in up.
    ///
    /// # Errors
    ///
    /// [`BillingError::Catalog`] names the field that is off.
    pub async fn set_check_in(&self, config: &CheckInConfig) -> Result<CheckInConfig, BillingError> {
        use_cases::set_check_in::set_check_in(&self.ports, config).await
    }
}

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
        let owner = self.ports.accounts.account_by_external_id(account).await?.map(|owner| owner.id);
        let found = self.ports.orders.order(id).await?.filter(|order| Some(order.account) == owner);
        found.ok_or_else(|| BillingError::not_found("order", id))
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
        if let Some(Err(problem)) = page.cursor().map(Cursor::order) {
            return Err(BillingError::Invalid { field: "cursor", problem: problem.to_string() });
        }
        match self.ports.accounts.account_by_external_id(account).await? {
            Some(owner) => Ok(self.ports.orders.orders(owner.id, page).await?),
            None => Ok(Page { items: Vec::new(), next: None }),
        }
    }

    /// The account's subscription and credits, for overview pages.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn summary(&self, account: &ExternalId) -> Result<BillingSummary, BillingError> {
        use_cases::read_summary::read_summary(&self.ports, account).await
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

/// Running it.
impl Billing {
    /// Does what is due of a job, up to the job's bound; call again while it reports work.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`] if the store failed; what was done stays done.
    pub async fn run_due(&self, job: Job) -> Result<InboxReport, BillingError> {
        match job {
            Job::Inbox => use_cases::run_inbox::run_inbox(&self.ports).await,
        }
    }

    /// How the database is.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`] if it does not answer.
    pub async fn health(&self) -> Result<Health, BillingError> {
        Ok(self.ports.store.health().await?)
    }

    /// A key for a request whose caller sent none: it makes the posting's record, and repeats nothing.
    pub fn fresh_key(&self) -> RequestKey {
        RequestKey::fresh(&*self.ports.ids)
    }

    /// A UUID that was never handed out before; for request ids and the like.
    pub fn fresh_uuid(&self) -> uuid::Uuid {
        self.ports.ids.next_uuid()
    }

    /// What time it is, by the clock that every decision here goes by.
    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// The providers that are set up.
    pub fn channels(&self) -> Vec<Channel> {
        self.ports.providers.keys().copied().collect()
    }
}
