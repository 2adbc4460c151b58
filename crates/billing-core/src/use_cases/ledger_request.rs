//! The common part of all requests to the ledger.

use super::ensure_account::account_id;
use super::price_usage::{PriceUsage, rate_usage};
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::{Actor, Charge, Command, Posted, Posting};
use crate::ports::StoreError;
use crate::values::{AccountId, Credits, Fingerprint, PostingKey, RequestKey, Timestamp};

/// An idempotent request: account, key and actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRequest {
    /// The account.
    pub account: ExternalId,
    /// The idempotency key.
    pub key: RequestKey,
    /// The request's fingerprint.
    pub fingerprint: Fingerprint,
    /// The actor.
    pub actor: Actor,
}

/// The amount of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// An amount of credits: 1 to 2^53 − 1.
    Credits(Credits),
    /// One or several usages, priced by a rate card: for example a chat and the tool that it called.
    Usage(Vec<PriceUsage>),
}

impl From<Credits> for Amount {
    fn from(credits: Credits) -> Self {
        Self::Credits(credits)
    }
}

impl LedgerRequest {
    /// The posting of `commands` for this request on `account`.
    pub(super) fn posting(self, account: AccountId, commands: Vec<Command>) -> Posting {
        let key = PostingKey::of_request(&self.key);
        Posting { account, key, fingerprint: self.fingerprint, actor: self.actor, commands }
    }
}

/// Posts the command that `command` builds for the account.
///
/// If it cannot be built because usage cannot be priced (any more), a repeated request is still answered.
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

/// Posts one posting.
pub(super) async fn post_one(
    ports: &Ports,
    posting: Posting,
    now: Timestamp,
) -> Result<Posted, BillingError> {
    let outcome = super::post::post(ports, vec![posting], now).await?.pop();
    Ok(outcome.ok_or_else(|| StoreError::Corrupt("a posting without an outcome".to_owned()))??)
}

/// The charge for `how_much` at `at`, with its rates.
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
