//! A store with a decorated ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use billing_core::accounts::{Account, ExternalId};
use billing_core::catalog::{MonthKey, Pack, Plan, PricedItem, RateCard, RateCardVersion};
use billing_core::changes::{Changes, ProviderCustomer};
use billing_core::checkin::{CheckIn, CheckInConfig};
use billing_core::coupons::{Coupon, Redemption};
use billing_core::credentials::{ApiKey, KeyHash};
use billing_core::gifts::Gift;
use billing_core::jobs::Job;
use billing_core::ledger::audit::{AuditProgress, AuditWalk, ChainPart, History};
use billing_core::ledger::{
    AccountState, Balance, Capture, Checkpoint, CheckpointHead, CheckpointRecord, Entry, EntryRecord, Grant,
    Hold, Outcome, PastBalance, Posting, TextKey, UsageRecord, UsageSum,
};
use billing_core::orders::Order;
use billing_core::payments::{Channel, Payment, PaymentMethod};
use billing_core::ports::{
    AccountRef, AdminReads, AuditScope, AuditTarget, Audited, BalanceReads, BillingReads, BillingStore,
    CatalogReads, CheckInQuery, Checkpoints, CommitError, Committed, CouponRef, Credentials, DueItem,
    DueQuery, EntryFilter, ErasedUpTo, GiftFilter, GiftRef, Health, HoldFilter, Inbox, JobStore, Lease,
    LedgerAudit, LedgerReads, LedgerReports, LedgerStore, OrderFilter, OrderRef, PaymentMethodRef,
    PaymentQuery, PaymentRef, Received, RedemptionRef, RescheduledItem, StoreError, SubscriptionFilter,
    SubscriptionSelector, UsageFilter, UsageQuery,
};
use billing_core::subscriptions::{Subscription, SubscriptionCommand};
use billing_core::values::{
    AccountId, BusinessKey, CouponId, Credits, EntryId, GrantId, HoldId, InboxEventId, PackId, Page,
    PageRequest, PlanId, RequestKey, Timestamp, UsageId,
};
use billing_core::webhooks::{Attempt, InboxEvent, InboxState, ListedEvent};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Stores;

/// A store with a decorator in front of its ledger, such as a batching writer, for running a contract suite on both
/// together.
pub struct Decorated {
    /// For postings.
    pub ledger: Arc<dyn LedgerStore>,
    /// For balance reads.
    pub balances: Arc<dyn BalanceReads>,
    /// For everything else.
    pub store: Arc<dyn Stores>,
}

/// Delegates to the store.
macro_rules! pass_on {
    ($($port:ident { $(fn $name:ident($($value:ident: $type:ty),*) -> Result<$done:ty, $failed:ty>;)+ })+) => {
        $(
            #[async_trait]
            impl $port for Decorated {
                $(
                    async fn $name(&self, $($value: $type),*) -> Result<$done, $failed> {
                        self.store.$name($($value),*).await
                    }
                )+
            }
        )+
    };
}

#[async_trait]
impl LedgerStore for Decorated {
    async fn post(&self, batch: Vec<Posting>, now: Timestamp) -> Result<Vec<Outcome>, StoreError> {
        self.ledger.post(batch, now).await
    }
}

#[async_trait]
impl BalanceReads for Decorated {
    async fn balances(&self, accounts: &[AccountId]) -> Result<Vec<Option<Balance>>, StoreError> {
        self.balances.balances(accounts).await
    }

    async fn states(&self, accounts: &[AccountId]) -> Result<Vec<Option<AccountState>>, StoreError> {
        self.balances.states(accounts).await
    }
}

pass_on! {
    LedgerReads {
        fn entries(account: AccountId, filter: &EntryFilter, page: &PageRequest) -> Result<Page<Entry>, StoreError>;
        fn all_entries(filter: &EntryFilter, page: &PageRequest) -> Result<Page<(ExternalId, Entry)>, StoreError>;
        fn history(account: AccountId) -> Result<Option<History>, StoreError>;
        fn entry(id: EntryId) -> Result<Option<Entry>, StoreError>;
        fn grant(id: GrantId) -> Result<Option<Grant>, StoreError>;
        fn hold(id: HoldId) -> Result<Option<Hold>, StoreError>;
        fn usage_record(id: UsageId) -> Result<Option<UsageRecord>, StoreError>;
        fn month_units(account: AccountId, keys: &BTreeSet<MonthKey>) -> Result<BTreeMap<MonthKey, Decimal>, StoreError>;
    }
    LedgerAudit {
        fn audit(accounts: &[AccountId], whole: bool) -> Result<Vec<Audited>, StoreError>;
        fn accounts_to_audit(scope: AuditScope, after: Option<AccountId>, limit: u32) -> Result<Vec<AuditTarget>, StoreError>;
        fn freeze(account: AccountId) -> Result<(), StoreError>;
        fn frozen(accounts: &[AccountId]) -> Result<BTreeSet<AccountId>, StoreError>;
        fn without_ledger(accounts: &[AccountId]) -> Result<BTreeSet<AccountId>, StoreError>;
        fn count_accounts() -> Result<u64, StoreError>;
        fn chain(account: AccountId, after: i64, limit: u32) -> Result<ChainPart, StoreError>;
        fn audit_walk() -> Result<Option<AuditWalk>, StoreError>;
        fn keep_audit_walk(walk: AuditWalk) -> Result<(), StoreError>;
        fn keep_progress(marks: Vec<AuditProgress>) -> Result<(), StoreError>;
    }
    Checkpoints {
        fn last_checkpoint() -> Result<Option<Checkpoint>, StoreError>;
        fn uncovered_heads(limit: u32) -> Result<Vec<CheckpointHead>, StoreError>;
        fn keep_checkpoint(record: CheckpointRecord) -> Result<bool, StoreError>;
        fn checkpoints(number: i64, limit: u32) -> Result<Vec<CheckpointRecord>, StoreError>;
        fn checkpoint_heads(number: i64) -> Result<Vec<CheckpointHead>, StoreError>;
        fn latest_checkpoint_of(account: AccountId) -> Result<Option<(Checkpoint, Vec<CheckpointHead>)>, StoreError>;
    }
    LedgerReports {
        fn holds(account: AccountId, filter: HoldFilter, page: &PageRequest) -> Result<Page<Hold>, StoreError>;
        fn grants(account: AccountId, page: &PageRequest) -> Result<Page<Grant>, StoreError>;
        fn grants_by_key(facts: &[BusinessKey]) -> Result<Vec<Grant>, StoreError>;
        fn entry_record(account: AccountId, id: EntryId) -> Result<Option<EntryRecord>, StoreError>;
        fn usage(account: AccountId, query: &UsageQuery) -> Result<Vec<UsageSum>, StoreError>;
        fn usages(account: AccountId, filter: &UsageFilter, page: &PageRequest) -> Result<Page<(UsageRecord, Option<EntryId>)>, StoreError>;
        fn captures(account: AccountId, hold: HoldId, page: &PageRequest) -> Result<Page<Capture>, StoreError>;
        fn net_usage(account: AccountId, from: Timestamp, to: Timestamp) -> Result<Credits, StoreError>;
        fn past_balance(account: AccountId, at: Timestamp) -> Result<PastBalance, StoreError>;
    }
    BillingStore {
        fn commit(changes: Changes, now: Timestamp) -> Result<Committed, CommitError>;
        fn health() -> Result<Health, StoreError>;
        fn erase(account: AccountId, after: ErasedUpTo, fresh: TextKey, limit: u32) -> Result<Option<ErasedUpTo>, StoreError>;
    }
    BillingReads {
        fn account(which: AccountRef<'_>) -> Result<Option<Account>, StoreError>;
        fn account_ids(names: &[ExternalId]) -> Result<BTreeMap<ExternalId, AccountId>, StoreError>;
        fn external_ids(ids: &[AccountId]) -> Result<BTreeMap<AccountId, ExternalId>, StoreError>;
        fn provider_customer(channel: Channel, account: AccountId) -> Result<Option<ProviderCustomer>, StoreError>;
        fn account_of_customer(channel: Channel, customer: &str) -> Result<Option<AccountId>, StoreError>;
        fn order(which: OrderRef<'_>) -> Result<Option<Order>, StoreError>;
        fn payment(which: PaymentRef<'_>) -> Result<Option<Payment>, StoreError>;
        fn payments(which: PaymentQuery<'_>) -> Result<Vec<Payment>, StoreError>;
        fn payment_method(which: PaymentMethodRef<'_>) -> Result<Option<PaymentMethod>, StoreError>;
        fn subscription(which: SubscriptionSelector<'_>) -> Result<Option<Subscription>, StoreError>;
        fn subscriptions(account: AccountId) -> Result<Vec<Subscription>, StoreError>;
        fn subscription_command(account: AccountId, key: &RequestKey) -> Result<Option<SubscriptionCommand>, StoreError>;
        fn gift(which: GiftRef<'_>) -> Result<Option<Gift>, StoreError>;
        fn redemption(which: RedemptionRef<'_>) -> Result<Option<Redemption>, StoreError>;
        fn redemptions(coupon: CouponId, account: AccountId) -> Result<Vec<Redemption>, StoreError>;
        fn check_ins(account: AccountId, which: CheckInQuery<'_>) -> Result<Vec<CheckIn>, StoreError>;
    }
    CatalogReads {
        fn plans() -> Result<Vec<Plan>, StoreError>;
        fn plan(id: PlanId) -> Result<Option<Plan>, StoreError>;
        fn priced_item(channel: Channel, reference: &str) -> Result<Option<PricedItem>, StoreError>;
        fn packs() -> Result<Vec<Pack>, StoreError>;
        fn pack(id: PackId) -> Result<Option<Pack>, StoreError>;
        fn coupons() -> Result<Vec<Coupon>, StoreError>;
        fn coupon(which: CouponRef<'_>) -> Result<Option<Coupon>, StoreError>;
        fn rate_cards() -> Result<Vec<RateCard>, StoreError>;
        fn rate_card(slug: &str) -> Result<Option<RateCard>, StoreError>;
        fn rate_card_version(slug: &str, number: u32) -> Result<Option<RateCardVersion>, StoreError>;
        fn check_in_config() -> Result<CheckInConfig, StoreError>;
    }
    AdminReads {
        fn all_orders(filter: &OrderFilter, page: &PageRequest) -> Result<Page<Order>, StoreError>;
        fn all_payments(account: Option<AccountId>, page: &PageRequest) -> Result<Page<Payment>, StoreError>;
        fn all_subscriptions(filter: &SubscriptionFilter, page: &PageRequest) -> Result<Page<Subscription>, StoreError>;
        fn all_gifts(filter: &GiftFilter, page: &PageRequest) -> Result<Page<Gift>, StoreError>;
    }
    Credentials {
        fn api_key(hash: &KeyHash) -> Result<Option<ApiKey>, StoreError>;
        fn api_keys() -> Result<Vec<ApiKey>, StoreError>;
        fn setting(name: &str) -> Result<Option<String>, StoreError>;
    }
    Inbox {
        fn receive(event: InboxEvent) -> Result<Received, StoreError>;
        fn claim(now: Timestamp, leased_until: Timestamp, limit: u32) -> Result<Vec<InboxEvent>, StoreError>;
        fn record_attempt(event: InboxEventId, attempt: Attempt) -> Result<(), StoreError>;
        fn event(channel: Channel, event_id: &str) -> Result<Option<InboxEvent>, StoreError>;
        fn events(state: Option<InboxState>, page: &PageRequest) -> Result<Page<ListedEvent>, StoreError>;
    }
    JobStore {
        fn due(query: &DueQuery) -> Result<Vec<DueItem>, StoreError>;
        fn reschedule(job: Job, items: Vec<RescheduledItem>, now: Timestamp) -> Result<(), StoreError>;
        fn clear_attempts(job: Job, item: Uuid) -> Result<(), StoreError>;
        fn acquire_lease(lease: Lease, now: Timestamp) -> Result<bool, StoreError>;
        fn release_lease(name: &str, holder: Uuid) -> Result<(), StoreError>;
    }
}
