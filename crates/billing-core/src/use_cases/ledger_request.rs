//! What all requests to the ledger have in common.

use super::ensure_account::account_id;
use super::price_usage::{PriceUsage, rate_usage};
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::{Actor, Charge, Command, Posted, Posting};
use crate::ports::StoreError;
use crate::values::{AccountId, Credits, Fingerprint, PostingKey, RequestKey, Timestamp};

/// Who asks on whose account, in a way that is safe to repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRequest {
    /// Whose credits.
    pub account: ExternalId,
    /// Makes the request safe to repeat.
    pub key: RequestKey,
    /// What the request said.
    pub fingerprint: Fingerprint,
    /// Who asks.
    pub actor: Actor,
}

/// How many credits something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// So many: 1 to 2^53 − 1.
    Credits(Credits),
    /// What a rate card says of usage, one or several: a chat and the tool that it called.
    Usage(Vec<PriceUsage>),
}

impl From<Credits> for Amount {
    fn from(credits: Credits) -> Self {
        Self::Credits(credits)
    }
}

impl LedgerRequest {
    /// The posting that carries out `commands` for this request on `account`.
    pub(super) fn posting(self, account: AccountId, commands: Vec<Command>) -> Posting {
        let key = PostingKey::of_request(&self.key);
        Posting { account, key, fingerprint: self.fingerprint, actor: self.actor, commands }
    }
}

/// Carries out what `command` makes of the account.
///
/// Where making it fails because usage cannot be priced (any more), a repetition of a request that was carried
/// out is answered all the same.
pub(super) async fn post_request<F>(
    ports: &Ports,
    request: LedgerRequest,
    now: Timestamp,
    command: F,
) -> Result<Posted, BillingError>
where
    F: Future<Output = Result<Command, BillingError>>,
{
    let account = account_id(ports, &request.account).await?;
    let (commands, refused) = match command.await {
        Ok(command) => (vec![command], None),
        Err(refused @ BillingError::Rating(_)) => (Vec::new(), Some(refused)),
        Err(other) => return Err(other),
    };
    let posted = post_one(ports, request.posting(account, commands), now).await;
    match (posted, refused) {
        (Err(_), Some(refused)) => Err(refused),
        (posted, _) => posted,
    }
}

/// Carries out one posting.
pub(super) async fn post_one(
    ports: &Ports,
    posting: Posting,
    now: Timestamp,
) -> Result<Posted, BillingError> {
    let outcome = super::post::post(ports, vec![posting], now).await?.pop();
    Ok(outcome.ok_or_else(|| StoreError::Corrupt("a posting without an outcome".to_owned()))??)
}

/// What `how_much` is at `at`, with the rates that price it.
pub(super) async fn charge_of(
    ports: &Ports,
    how_much: &Amount,
    at: Timestamp,
) -> Result<Charge, BillingError> {
    match how_much {
        Amount::Credits(credits) => Ok(Charge::Credits(*credits)),
        Amount::Usage(usages) => {
            let mut rated = Vec::with_capacity(usages.len());
            for usage in usages {
                rated.push(rate_usage(ports, usage, at).await?);
            }
            Ok(Charge::Usage(rated))
        }
    }
}
