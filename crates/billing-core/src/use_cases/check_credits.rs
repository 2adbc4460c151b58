//! Ask whether a spend would be carried out.

use super::ensure_account::account_id;
use super::ledger_request::{HowMuch, amount_of};
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::read_as_of;
use crate::values::Credits;

/// Whether an account could cover something now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditCheck {
    /// Whether a spend of so much would be carried out.
    pub allowed: bool,
    /// How many credits it would take at most.
    pub required: Credits,
    /// What can be spent without owing.
    pub available: Credits,
    /// What is set aside by holds.
    pub held: Credits,
    /// How far below zero the account may go.
    pub overdraft_limit: Credits,
}

/// Says whether the account could cover `how_much` now. It promises nothing: whoever needs a promise places a
/// hold.
///
/// # Errors
///
/// [`BillingError::AccountNotFound`], [`BillingError::Rating`]; [`BillingError::Store`] may be tried again.
pub(crate) async fn check_credits(
    ports: &Ports,
    account: &ExternalId,
    how_much: &HowMuch,
) -> Result<CreditCheck, BillingError> {
    let now = ports.clock.now();
    let id = account_id(ports, account).await?;
    let (amount, usage) = amount_of(ports, how_much, now).await?;
    let fraction = usage.is_some_and(|usage| usage.millionths > 0);
    let required = amount.plus(Credits::new(i64::from(fraction))).map_err(crate::ledger::Refusal::from)?;
    let unknown = || BillingError::AccountNotFound(account.clone());
    let state = ports.ledger_reads.state(id).await?.ok_or_else(unknown)?;
    let balance = read_as_of(state, now, &*ports.ids).balance;
    let available = balance.available();
    let room = available.get().saturating_add(balance.overdraft_limit.get());
    Ok(CreditCheck {
        allowed: balance.enabled && !balance.frozen && required.get() <= room,
        required,
        available,
        held: balance.held,
        overdraft_limit: balance.overdraft_limit,
    })
}
