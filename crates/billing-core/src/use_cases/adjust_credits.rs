//! Give or take credits by hand.

use super::ensure_account::{ensure_account, existing_account};
use super::spend_credits::Spent;
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::billing::Ports;
use crate::ledger::{Actor, Command, EntryType, GrantCredits, Posting, Source, SpendCredits, facts};
use crate::ports::StoreError;
use crate::values::{Credits, Fingerprint, PostingKey, RequestKey, Timestamp};

/// What an operator asks for.
#[derive(Debug, Clone)]
pub struct AdjustCredits {
    /// Whose credits.
    pub account: ExternalId,
    /// Credits to give (positive) or take (negative); not 0.
    pub amount: Credits,
    /// In words that the customer may read, why.
    pub reason: String,
    /// When given credits are gone.
    pub expires_at: Option<Timestamp>,
    /// Makes the request safe to repeat.
    pub key: RequestKey,
    /// What the request said.
    pub fingerprint: Fingerprint,
    /// Who asks.
    pub actor: Actor,
}

/// Gives credits as a grant of its own, or takes them as a spend takes them: all or nothing. Giving to an
/// account that nobody has seen makes it.
///
/// # Errors
///
/// As [`spend_credits`](super::spend_credits::spend_credits).
pub(crate) async fn adjust_credits(ports: &Ports, ask: AdjustCredits) -> Result<Spent, BillingError> {
    let now = ports.clock.now();
    let (account, command) = if ask.amount < Credits::ZERO {
        if ask.expires_at.is_some() {
            let problem = "belongs to credits that are given, not to credits that are taken".to_owned();
            return Err(BillingError::Invalid { field: "expires_at", problem });
        }
        let account = existing_account(ports, &ask.account).await?;
        let amount = ask.amount.negated().map_err(crate::ledger::Refusal::from)?;
        let take = SpendCredits::new(amount, EntryType::ADJUSTMENT, ask.reason);
        (account, Command::Spend(take))
    } else {
        let account = account_to_give(ports, &ask, now).await?;
        let fact = facts::manual(account.id, &ask.key);
        let give = GrantCredits {
            expires_at: ask.expires_at,
            kind: EntryType::ADJUSTMENT,
            ..GrantCredits::new(ask.amount, Source::Manual, fact, ask.reason)
        };
        (account, Command::Grant(give))
    };
    let posting = Posting {
        account: account.id,
        key: PostingKey::of_request(&ask.key),
        fingerprint: ask.fingerprint,
        actor: ask.actor,
        commands: vec![command],
    };
    let outcome = ports.ledger.post(vec![posting], now).await?.pop();
    let posted = outcome.ok_or_else(|| StoreError::Corrupt("a posting without an outcome".to_owned()))??;
    let entry = posted.entries.into_iter().next();
    let entry = entry.ok_or_else(|| StoreError::Corrupt("an adjustment without an entry".to_owned()))?;
    Ok(Spent { entry, available: posted.available, replayed: posted.replayed })
}

/// The account to give to; made if nobody has seen it, and if there is nothing that the ledger would refuse
/// in any case: bad input changes nothing. On a known account the ledger alone decides, because a repetition
/// is answered again also once its credits have expired.
async fn account_to_give(
    ports: &Ports,
    ask: &AdjustCredits,
    now: Timestamp,
) -> Result<Account, BillingError> {
    if let Some(known) = ports.accounts.account_by_external_id(&ask.account).await? {
        return Ok(known);
    }
    if !ask.amount.is_amount() {
        return Err(crate::ledger::Refusal::InvalidAmount { amount: ask.amount }.into());
    }
    if let Some(expires_at) = ask.expires_at.filter(|at| *at <= now) {
        return Err(crate::ledger::Refusal::ExpiresTooEarly { expires_at }.into());
    }
    ensure_account(ports, &ask.account, now).await
}
