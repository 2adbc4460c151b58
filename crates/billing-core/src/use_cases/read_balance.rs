//! Read what an account can spend.

use super::ensure_account::account_id;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::{Balance, Buckets, Grant, read_as_of};
use crate::values::{AccountId, Credits, Timestamp};

/// What an account can spend now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountBalance {
    /// What can be spent.
    pub available: Credits,
    /// What holds set aside.
    pub held: Credits,
    /// What the account owes.
    pub debt: Credits,
    /// How far below zero spending may take it.
    pub overdraft_limit: Credits,
    /// What is there, by where it came from.
    pub buckets: Buckets,
    /// What goes away by itself, soonest first.
    pub expiring: Vec<Expiring>,
}

/// What an account had at some moment, or will have if nothing but time happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BalanceThen {
    /// When.
    pub as_of: Timestamp,
    /// What could be spent: what was posted less what was held. Of long ago it has in it what then waited for
    /// usage that is reported late.
    pub available: Credits,
    /// What entries came to.
    pub posted: Credits,
    /// What holds set aside.
    pub held: Credits,
}

/// Credits that go away by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiring {
    /// How many are left of them.
    pub amount: Credits,
    /// When they go.
    pub at: Timestamp,
}

/// Reads the balance as it is now: what time has done since the last entry is worked out in memory. An
/// account that nobody has seen, or that uses no credits, reads as empty.
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

/// Reads what the account had at `as_of`, or will have then. An account that nobody has seen had nothing.
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
    // What is written reaches up to then: everything that time has done before is among it.
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
    // Nothing will change by itself, so the kept row says it all.
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
