//! Reverses spends.

use super::ledger_request::{LedgerRequest, post_request};
use crate::BillingError;
use crate::billing::Ports;
use crate::ledger::{Command, Entry, ReverseSpend, Taken, UsageRecord};
use crate::values::{Credits, Metadata};

/// A reversal requested by a backend.
#[derive(Debug, Clone)]
pub struct Reverse {
    /// The request: account, key and actor.
    pub request: LedgerRequest,
    /// The spend or usage.
    pub taken: Taken,
    /// The credits; everything not reversed before if none.
    pub amount: Option<Credits>,
    /// The description for the customer.
    pub description: String,
    /// The caller's metadata.
    pub metadata: Metadata,
}

/// A completed reversal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversed {
    /// The entry; none if the usage had taken no credit.
    pub entry: Option<Entry>,
    /// The credits returned.
    pub credits: Credits,
    /// The usage records of the reversal.
    pub usages: Vec<UsageRecord>,
    /// The available balance after it; for a replay, after the first request.
    pub available: Credits,
    /// Whether this is a replay: nothing was reversed now.
    pub replayed: bool,
}

/// Reverses a spend, to the grants it drew on. Idempotent by its key.
///
/// # Errors
///
/// - [`BillingError::AccountNotFound`] if the account is unknown.
/// - [`BillingError::Ledger`] if it is no spend or usage of the account, or less of it is left to reverse.
/// - [`BillingError::Store`] if the store failed; retry with the same key.
pub(crate) async fn reverse_spend(ports: &Ports, ask: Reverse) -> Result<Reversed, BillingError> {
    let now = ports.clock.now();
    let command = async {
        Ok(Command::Reverse(ReverseSpend {
            taken: ask.taken,
            amount: ask.amount,
            refund_expires_at: now.plus_days(ports.policy.refund_days),
            description: ask.description,
            metadata: ask.metadata,
        }))
    };
    let posted = post_request(ports, ask.request, now, command).await?;
    let credits = posted.entries.iter().fold(0_i64, |sum, entry| sum.saturating_add(entry.amount.get()));
    Ok(Reversed {
        credits: Credits::new(credits),
        entry: posted.entries.into_iter().next(),
        usages: posted.usages,
        available: posted.available,
        replayed: posted.replayed,
    })
}
