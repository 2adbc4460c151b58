//! Writes `Changes` atomically.

use std::time::Duration;

use async_trait::async_trait;
use backon::{ExponentialBuilder, Retryable};
use billing_core::accounts::Account;
use billing_core::changes::{Changes, ProviderCustomer, Setting};
use billing_core::ledger::{Balance, Posted, TextKey};
use billing_core::ports::{BillingStore, CommitError, Committed, ErasedUpTo, Health, IdSource, StoreError};
use billing_core::values::{AccountId, Timestamp};
use billing_core::webhooks::{InboxState, Receipt};
use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use tokio::time::Instant;

use super::coupons::{put_coupons, put_redemptions};
use super::gifts::put_gifts;
use super::provider_prices::{put_pack_prices, put_plan_prices};
use super::versioned::{insert, put};
use crate::SqlStore;
use crate::entity::{
    accounts, api_keys, balances, checkin_config, orders, packs, payment_methods, payments, plans,
    provider_customers, rate_cards, settings, subscription_commands, subscriptions, webhook_inbox,
};
use crate::error::commit_error;
use crate::ledger::post_in;
use crate::row::{
    account_model, api_key_model, balance_model, check_in_model, config_model, order_model, pack_model,
    payment_method_model, payment_model, plan_model, rate_card_model, rate_card_version_model,
    subscription_command_model, subscription_model,
};
use crate::transaction::Transaction;
use crate::unit_of_work::write;

/// For how long a commit retries on locked rows.
const LOCK_PATIENCE: Duration = Duration::from_secs(3);

#[async_trait]
impl BillingStore for SqlStore {
    async fn commit(&self, changes: Changes, now: Timestamp) -> Result<Committed, CommitError> {
        if !crate::is_postgres(self.writer().connection()) {
            return self.commit_once(changes, now).await;
        }
        let accounts = changes.account_ids();
        let end = Instant::now().checked_add(LOCK_PATIENCE).unwrap_or_else(Instant::now);
        let turns = tokio::time::timeout_at(end, self.turns.take(&accounts)).await;
        let Ok(_turns) = turns else { return Err(CommitError::Store(StoreError::LockTimeout { accounts })) };
        // It waits without a connection: others need them.
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(100))
            .with_max_delay(Duration::from_millis(400))
            .without_max_times()
            .with_jitter();
        let commit = || self.commit_once(changes.clone(), now);
        commit.retry(pauses).when(|error| is_lock_timeout(error) && Instant::now() < end).await
    }

    async fn erase(
        &self,
        account: AccountId,
        after: ErasedUpTo,
        fresh: TextKey,
        limit: u32,
    ) -> Result<Option<ErasedUpTo>, StoreError> {
        self.erase_part(account, after, fresh, limit).await
    }

    async fn health(&self) -> Result<Health, StoreError> {
        self.check_health().await
    }
}

impl SqlStore {
    async fn commit_once(&self, changes: Changes, now: Timestamp) -> Result<Committed, CommitError> {
        let ids = self.ids.clone();
        write(
            self.writer(),
            Box::new(move |transaction| {
                Box::pin(async move { commit_in(transaction, changes, now, &*ids).await })
            }),
        )
        .await
    }
}

fn is_lock_timeout(error: &CommitError) -> bool {
    matches!(error, CommitError::Store(StoreError::LockTimeout { .. }))
}

/// Writes everything in the same order in all transactions: the event's receipt, accounts with their ledgers, then
/// tables in the order of the fields of [`Changes`].
async fn commit_in(
    transaction: &Transaction,
    changes: Changes,
    now: Timestamp,
    ids: &dyn IdSource,
) -> Result<Committed, CommitError> {
    // First, so that "already processed" is distinguished from "changed concurrently".
    if let Some(receipt) = &changes.receipt {
        mark(transaction, receipt).await?;
    }
    for account in &changes.accounts {
        let identity = accounts::Column::Id.eq(account.id.uuid());
        let version = account.version;
        put(transaction, account_model(account), identity, accounts::Column::Version, version).await?;
        if version == 0 {
            let balance = Balance { text_key: account.text_key, ..Balance::empty(account.id) };
            insert(transaction, balance_model(&balance)).await?;
        }
        set_policy(transaction, account).await?;
    }
    let posted = post(transaction, &changes, now, ids).await?;
    catalogue(transaction, &changes).await?;
    rates(transaction, &changes).await?;
    put_coupons(transaction, &changes).await?;
    sales(transaction, &changes).await?;
    others(transaction, changes).await?;
    Ok(Committed { posted })
}

/// Copies the account's settings that ledger decisions need to its balance row, where they are read under its lock.
async fn set_policy(transaction: &Transaction, account: &Account) -> Result<(), CommitError> {
    balances::Entity::update_many()
        .col_expr(balances::Column::OverdraftLimit, Expr::value(account.overdraft_limit.get()))
        .col_expr(balances::Column::Enabled, Expr::value(account.credits_enabled))
        .col_expr(balances::Column::Frozen, Expr::value(account.frozen.is_some()))
        .col_expr(balances::Column::TextKey, Expr::value(account.text_key.bytes().to_vec()))
        .filter(balances::Column::AccountId.eq(account.id.uuid()))
        .filter(
            // Every billing event writes the account; the contended balance row is updated only if the settings
            // differ.
            Condition::any()
                .add(balances::Column::OverdraftLimit.ne(account.overdraft_limit.get()))
                .add(balances::Column::Enabled.ne(account.credits_enabled))
                .add(balances::Column::Frozen.ne(account.frozen.is_some()))
                .add(balances::Column::TextKey.ne(account.text_key.bytes().to_vec())),
        )
        .exec(transaction)
        .await
        .map_err(commit_error)?;
    Ok(())
}

/// Folds the postings; a refusal rolls back everything.
async fn post(
    transaction: &Transaction,
    changes: &Changes,
    now: Timestamp,
    ids: &dyn IdSource,
) -> Result<Vec<Posted>, CommitError> {
    if changes.postings.is_empty() {
        return Ok(Vec::new());
    }
    let outcomes = post_in(transaction, &changes.postings, now, ids).await?;
    outcomes.into_iter().collect::<Result<_, _>>().map_err(CommitError::Refused)
}

async fn catalogue(transaction: &Transaction, changes: &Changes) -> Result<(), CommitError> {
    for customer in &changes.provider_customers {
        put_customer(transaction, customer).await?;
    }
    for plan in &changes.plans {
        let identity = plans::Column::Id.eq(plan.id.uuid());
        put(transaction, plan_model(plan), identity, plans::Column::Version, plan.version).await?;
        put_plan_prices(transaction, plan).await?;
    }
    for pack in &changes.packs {
        let identity = packs::Column::Id.eq(pack.id.uuid());
        put(transaction, pack_model(pack), identity, packs::Column::Version, pack.version).await?;
        put_pack_prices(transaction, pack).await?;
    }
    Ok(())
}

/// Inserts a new customer, in place of the one that it replaces; or marks the current one as deleted.
async fn put_customer(transaction: &Transaction, new: &ProviderCustomer) -> Result<(), CommitError> {
    use provider_customers::Column;

    let current = match (&new.replaces, new.deleted) {
        (_, true) => Some((&new.customer, Column::Deleted, true)),
        (Some(replaced), false) => Some((replaced, Column::IsCurrent, false)),
        (None, false) => None,
    };
    if let Some((customer, column, value)) = current {
        let updated = provider_customers::Entity::update_many()
            .col_expr(column, Expr::value(value))
            .filter(Column::Channel.eq(new.channel.as_str()))
            .filter(Column::Customer.eq(customer))
            .filter(Column::AccountId.eq(new.account.uuid()))
            .filter(Expr::col(Column::IsCurrent))
            .exec(transaction)
            .await
            .map_err(commit_error)?;
        if updated.rows_affected != 1 {
            return Err(CommitError::Conflict);
        }
    }
    if new.deleted {
        return Ok(());
    }
    let row = provider_customers::Model {
        channel: new.channel.to_string(),
        customer: new.customer.clone(),
        account_id: new.account.uuid(),
        is_current: true,
        deleted: false,
    };
    insert(transaction, row).await
}

/// The card first, because its versions refer to it.
async fn rates(transaction: &Transaction, changes: &Changes) -> Result<(), CommitError> {
    for card in &changes.rate_cards {
        let (row, version) = (rate_card_model(card), card.version);
        let identity = rate_cards::Column::Id.eq(card.id.uuid());
        put(transaction, row, identity, rate_cards::Column::Version, version).await?;
    }
    for version in &changes.rate_card_versions {
        insert(transaction, rate_card_version_model(version)).await?;
    }
    Ok(())
}

async fn sales(transaction: &Transaction, changes: &Changes) -> Result<(), CommitError> {
    for order in &changes.orders {
        let (row, version) = (order_model(order), order.version);
        let identity = orders::Column::Id.eq(order.id.uuid());
        put(transaction, row, identity, orders::Column::Version, version).await?;
    }
    put_gifts(transaction, changes).await?;
    put_redemptions(transaction, changes).await?;
    for payment in &changes.payments {
        let (row, version) = (payment_model(payment), payment.version);
        let identity = payments::Column::Id.eq(payment.id.uuid());
        put(transaction, row, identity, payments::Column::Version, version).await?;
    }
    for method in &changes.payment_methods {
        let (row, version) = (payment_method_model(method), method.version);
        let identity = payment_methods::Column::Channel
            .eq(method.channel.as_str())
            .and(payment_methods::Column::ProviderId.eq(method.provider_id.as_str()));
        put(transaction, row, identity, payment_methods::Column::Version, version).await?;
    }
    for subscription in &changes.subscriptions {
        let (row, version) = (subscription_model(subscription), subscription.version);
        let identity = subscriptions::Column::Id.eq(subscription.id.uuid());
        put(transaction, row, identity, subscriptions::Column::Version, version).await?;
    }
    for command in &changes.subscription_commands {
        use subscription_commands::Column;

        let (row, version) = (subscription_command_model(command), command.version);
        let identity =
            Column::AccountId.eq(command.account.uuid()).and(Column::RequestKey.eq(command.key.as_str()));
        put(transaction, row, identity, Column::Version, version).await?;
    }
    Ok(())
}

async fn others(transaction: &Transaction, changes: Changes) -> Result<(), CommitError> {
    if let Some(config) = &changes.check_in_config {
        let identity = checkin_config::Column::Id.eq(1);
        let (row, version) = (config_model(config), config.version);
        put(transaction, row, identity, checkin_config::Column::Version, version).await?;
    }
    for check_in in &changes.check_ins {
        insert(transaction, check_in_model(check_in)).await?;
    }
    for key in &changes.api_keys {
        let (row, version) = (api_key_model(key), key.version);
        let identity = api_keys::Column::Id.eq(key.id.uuid());
        put(transaction, row, identity, api_keys::Column::Version, version).await?;
    }
    for Setting { name, value } in changes.settings {
        insert(transaction, settings::Model { name, value }).await?;
    }
    Ok(())
}

/// Marks the event processed, unless it is: of two concurrent transactions the second fails here and is rolled back.
async fn mark(transaction: &Transaction, receipt: &Receipt) -> Result<(), CommitError> {
    let (state, note) = receipt.outcome.state();
    let done = InboxState::HANDLED.map(InboxState::as_str);
    let marked = webhook_inbox::Entity::update_many()
        .col_expr(webhook_inbox::Column::State, Expr::value(state.as_str()))
        .col_expr(webhook_inbox::Column::Note, Expr::value(note))
        .col_expr(webhook_inbox::Column::NextAttemptAt, Expr::value(None::<i64>))
        .filter(webhook_inbox::Column::Id.eq(receipt.event.uuid()))
        .filter(webhook_inbox::Column::State.is_not_in(done))
        .exec(transaction)
        .await
        .map_err(commit_error)?;
    if marked.rows_affected == 1 {
        return Ok(());
    }
    let known = webhook_inbox::Entity::find_by_id(receipt.event.uuid())
        .one(transaction)
        .await
        .map_err(commit_error)?;
    match known {
        Some(_) => Err(CommitError::AlreadyHandled),
        None => Err(StoreError::Corrupt(format!("a receipt for the unknown event {}", receipt.event)).into()),
    }
}
