//! Reads balances.

use super::ensure_account::account_id;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::{Balance, Buckets, Grant, read_as_of};
use crate::values::{AccountId, Credits, Timestamp};

/// An account's current balance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountBalance {
    /// The available credits.
    pub available: Credits,
    /// The credits reserved by holds.
    pub held: Credits,
    /// The debt.
    pub debt: Credits,
    /// How far below zero spends may take it.
    pub overdraft_limit: Credits,
    /// The free credits by bucket.
    pub buckets: Buckets,
    /// The credits that will expire, soonest first.
    pub expiring: Vec<Expiring>,
}

/// An account's balance at another time; for a future time the balance after all changes due by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BalanceThen {
    /// The time.
    pub as_of: Timestamp,
    /// The available credits: posted less held. At a past time they include ended credits in their grace period.
    pub available: Credits,
    /// The sum of the entries.
    pub posted: Credits,
    /// The credits reserved by holds.
    pub held: Credits,
}

/// Credits that will expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiring {
    /// The credits left.
    pub amount: Credits,
    /// The time of their expiry.
    pub at: Timestamp,
}

/// Reads the current balance: due changes are computed in memory. An unknown account, or one that cannot have credits,
/// has an empty balance.
pub(crate) async fn read_balance(
    ports: &Ports,
    external_id: &ExternalId,
) -> Result<AccountBalance, BillingError> {
    match account_id(ports, external_id).await {
        Ok(account) => balance_of(ports, account).await,
        Err(BillingError::AccountNotFound(_)) => Ok(AccountBalance::default()),
        Err(error) => Err(error),
    }
}

/// Reads the balance at `as_of`. An unknown account has an empty one.
pub(crate) async fn read_balance_then(
    ports: &Ports,
    external_id: &ExternalId,
    as_of: Timestamp,
) -> Result<BalanceThen, BillingError> {
    let nothing =
        |as_of| BalanceThen { as_of, available: Credits::ZERO, posted: Credits::ZERO, held: Credits::ZERO };
    let account = ports.find_account(external_id).await?;
    let Some(account) = account.filter(|account| account.credits_enabled) else {
        return Ok(nothing(as_of));
    };
    let Some(kept) = ports.store.balances.balance(account.id).await? else { return Ok(nothing(as_of)) };
    // The written history reaches up to then, including all changes due before.
    if as_of < kept.last_at {
        let past = ports.store.reports.past_balance(account.id, as_of).await?;
        let available = Credits::new(past.posted.get().saturating_sub(past.held.get()));
        return Ok(BalanceThen { as_of, available, posted: past.posted, held: past.held });
    }
    let Some(state) = ports.store.balances.state(account.id).await? else { return Ok(nothing(as_of)) };
    let balance = read_as_of(state, as_of, &*ports.ids).balance;
    Ok(BalanceThen { as_of, available: balance.available(), posted: balance.posted, held: balance.held })
}

pub(crate) async fn balance_of(ports: &Ports, account: AccountId) -> Result<AccountBalance, BillingError> {
    let kept = ports.store.balances.balance(account).await?;
    let Some(kept) = kept.filter(|kept| kept.enabled) else {
        return Ok(AccountBalance::default());
    };
    // No change is due, so the balance row is current.
    if kept.next_change_at.is_none() {
        return Ok(account_balance(&kept, []));
    }
    let Some(state) = ports.store.balances.state(account).await? else {
        return Ok(AccountBalance::default());
    };
    let state = read_as_of(state, ports.clock.now(), &*ports.ids);
    Ok(account_balance(&state.balance, state.live_grants()))
}

fn account_balance<'a>(balance: &Balance, live: impl IntoIterator<Item = &'a Grant>) -> AccountBalance {
    let mut expiring: Vec<Expiring> = Vec::new();
    let mut ends: Vec<_> =
        live.into_iter().filter_map(|grant| Some((grant.expires_at?, grant.spendable()))).collect();
    ends.sort_unstable();
    for (at, amount) in ends.into_iter().filter(|(_, amount)| !amount.is_zero()) {
        match expiring.last_mut() {
            Some(last) if last.at == at => last.amount = last.amount.plus(amount).unwrap_or(last.amount),
            _ => expiring.push(Expiring { amount, at }),
        }
    }
    AccountBalance {
        available: balance.available(),
        held: balance.held,
        debt: balance.debt,
        overdraft_limit: balance.overdraft_limit,
        buckets: balance.buckets,
        expiring,
    }
}
