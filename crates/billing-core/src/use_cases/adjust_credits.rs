//! Adjusts a balance by an operator.

use super::ensure_account::account_id;
use super::give_credits::account_to_give;
use super::ledger_request::{LedgerRequest, post_one};
use super::spend_credits::Spent;
use crate::BillingError;
use crate::billing::Ports;
use crate::ledger::{Command, EntryType, GrantCredits, Refusal, Source, SpendCredits, business_keys};
use crate::values::{Credits, Timestamp};

/// An adjustment.
#[derive(Debug, Clone)]
pub struct AdjustCredits {
    /// The request: account, key and actor.
    pub request: LedgerRequest,
    /// Credits to grant (positive) or take (negative); not 0.
    pub amount: Credits,
    /// The reason, visible to the customer.
    pub reason: String,
    /// The expiry of granted credits.
    pub expires_at: Option<Timestamp>,
}

/// Grants credits, or takes them as a spend does: all or nothing. A positive adjustment creates the account if it is
/// unknown.
///
/// # Errors
///
/// As [`spend_credits`](super::spend_credits::spend_credits).
pub(crate) async fn adjust_credits(ports: &Ports, ask: AdjustCredits) -> Result<Spent, BillingError> {
    let now = ports.clock.now();
    let account = &ask.request.account;
    let (account, command) = if ask.amount < Credits::ZERO {
        if ask.expires_at.is_some() {
            let problem = "belongs to credits that are given, not to credits that are taken".to_owned();
            return Err(BillingError::Invalid { field: "expires_at", problem });
        }
        let amount = ask.amount.negated().map_err(Refusal::from)?;
        let take = SpendCredits::new(amount, EntryType::ADJUSTMENT, ask.reason);
        (account_id(ports, account).await?, Command::Spend(take))
    } else {
        let give = |account| GrantCredits {
            expires_at: ask.expires_at,
            kind: EntryType::ADJUSTMENT,
            ..GrantCredits::new(
                ask.amount,
                Source::Manual,
                business_keys::manual(account, &ask.request.key),
                ask.reason.clone(),
            )
        };
        let account = account_to_give(ports, account, now, give).await?;
        (account, Command::Grant(give(account)))
    };
    Ok(post_one(ports, ask.request.posting(account, vec![command]), now).await?.into())
}
