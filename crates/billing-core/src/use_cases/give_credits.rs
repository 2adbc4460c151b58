//! Grants credits.

use super::ensure_account::ensure_account;
use super::ledger_request::{LedgerRequest, post_one};
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::{Command, Grant, GrantCredits, Rollover, Source, business_keys};
use crate::ports::StoreError;
use crate::values::{AccountId, Credits, Metadata, Timestamp};

/// A grant requested by a backend.
#[derive(Debug, Clone)]
pub struct GiveCredits {
    /// The request; the account is created if it is unknown.
    pub request: LedgerRequest,
    /// The amount: 1 to 2^53 − 1.
    pub amount: Credits,
    /// The source.
    pub source: Source,
    /// The burn priority: 0 before 1.
    pub priority: i16,
    /// The start; now if none.
    pub effective_at: Option<Timestamp>,
    /// The end.
    pub expires_at: Option<Timestamp>,
    /// The seconds after the end during which late usage may still be spent from it.
    pub late_seconds: u32,
    /// What happens to the rest at the end.
    pub rollover: Option<Rollover>,
    /// The description for the customer.
    pub description: String,
    /// The caller's metadata.
    pub metadata: Metadata,
}

/// A grant that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The grant.
    pub grant: Grant,
    /// The available balance after it; for a replay, after the first request.
    pub available: Credits,
    /// Whether this is a replay: nothing was given now.
    pub replayed: bool,
}

/// Makes a grant. Idempotent by its key.
///
/// # Errors
///
/// - [`BillingError::Ledger`] if the ledger refused; nothing was granted and the key is unused.
/// - [`BillingError::Store`] if the store failed; retry with the same key.
pub(crate) async fn give_credits(ports: &Ports, ask: GiveCredits) -> Result<Given, BillingError> {
    let now = ports.clock.now();
    let grant = |account| GrantCredits {
        priority: ask.priority,
        effective_at: ask.effective_at,
        expires_at: ask.expires_at,
        late_seconds: ask.late_seconds,
        rollover: ask.rollover,
        metadata: ask.metadata.clone(),
        ..GrantCredits::new(
            ask.amount,
            ask.source,
            business_keys::manual(account, &ask.request.key),
            ask.description.clone(),
        )
    };
    let account = account_to_give(ports, &ask.request.account, now, grant).await?;
    let command = Command::Grant(grant(account));
    let posting = ask.request.posting(account, vec![command]);
    let posted = post_one(ports, posting, now).await?;
    let grant = posted.grants.into_iter().next();
    let grant = grant.ok_or_else(|| StoreError::Corrupt("a posting without its grant".to_owned()))?;
    Ok(Given { grant, available: posted.available, replayed: posted.replayed })
}

/// The account for `grant`; created if it is unknown, unless the ledger would refuse the grant in any case: invalid
/// input changes nothing. On a known account only the ledger decides, because a repeated request is answered even
/// after its credits have expired.
pub(super) async fn account_to_give(
    ports: &Ports,
    account: &ExternalId,
    now: Timestamp,
    grant: impl Fn(AccountId) -> GrantCredits,
) -> Result<AccountId, BillingError> {
    if let Some(known) = ports.find_account(account).await? {
        return Ok(known.id);
    }
    grant(AccountId::new(&*ports.ids)).check(now)?;
    Ok(ensure_account(ports, account, now).await?.id)
}
