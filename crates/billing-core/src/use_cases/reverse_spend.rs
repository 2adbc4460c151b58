//! Give a spend back.

use super::ledger_request::{LedgerRequest, post_request};
use crate::BillingError;
use crate::billing::Ports;
use crate::ledger::{Command, Entry, ReverseSpend, Taken, UsageRecord};
use crate::values::{Credits, Metadata};

/// A spend that a backend wants to give back.
#[derive(Debug, Clone)]
pub struct Reverse {
    /// Who asks on whose account.
    pub request: LedgerRequest,
    /// Which spend, or which usage.
    pub taken: Taken,
    /// How many credits; all that was not given back before if none are named.
    pub amount: Option<Credits>,
    /// In a customer's words, why.
    pub description: String,
    /// The caller's own notes.
    pub metadata: Metadata,
}

/// A spend that was given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversed {
    /// The entry in the account's history; none where the usage had come to no credit.
    pub entry: Option<Entry>,
    /// How many credits came back.
    pub credits: Credits,
    /// What was recorded of the usage that was given back.
    pub usages: Vec<UsageRecord>,
    /// What can be spent after it; for a repetition, after the first time.
    pub available: Credits,
    /// Whether this answers a repetition: nothing was given back now.
    pub replayed: bool,
}

/// Gives a spend back to the very grants it came from. Safe to repeat with the same key.
///
/// # Errors
///
/// - [`BillingError::AccountNotFound`] if nobody has seen the account before.
/// - [`BillingError::Ledger`] if it is no spend or usage of the account, or less of it is left to give back.
/// - [`BillingError::Store`] if the store failed; repeat with the same key.
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
