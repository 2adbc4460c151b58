//! Spends credits of one account or many.

use std::collections::BTreeMap;

use super::ensure_account::{account_ids, new_account_id};
use super::ledger_request::{Amount, LedgerRequest, charge_of, post_request};
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::{
    Command, Entry, EntryType, Posted, Posting, Shortfall, SpendCredits, SpendType, UsageRecord,
};
use crate::ports::StoreError;
use crate::values::{AccountId, Credits, Metadata, PostingKey, RequestKey, Timestamp};

/// A spend request.
#[derive(Debug, Clone)]
pub struct Spend {
    /// The request: account, key and actor.
    pub request: LedgerRequest,
    /// The credits or the usage.
    pub amount: Amount,
    /// What to do if the account cannot cover it.
    pub shortfall: Shortfall,
    /// The time of the usage, if it is reported late. It is priced by the version in force then.
    pub occurred_at: Option<Timestamp>,
    /// The caller's type of spend.
    pub kind: SpendType,
    /// The description for the customer.
    pub description: String,
    /// The caller's metadata.
    pub metadata: Metadata,
}

/// A completed spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// The entry; none if only a fraction of a credit was carried.
    pub entry: Option<Entry>,
    /// The usage records, in the order of the request.
    pub usages: Vec<UsageRecord>,
    /// The credits taken.
    pub spent: Credits,
    /// The available balance after it; for a replay, after the first request.
    pub available: Credits,
    /// Whether this is a replay: nothing was taken now.
    pub replayed: bool,
}

/// The maximum number of spends of one request.
pub(crate) const MOST_SPENDS: usize = 1000;

/// Takes credits in burn order: all of them, what is available, or with debt.
///
/// Idempotent by its key: the first outcome is answered again.
///
/// # Errors
///
/// - [`BillingError::AccountNotFound`] if the account is unknown.
/// - [`BillingError::Ledger`] if the account cannot cover it or cannot have credits; nothing was taken and the key is
///   unused.
/// - [`BillingError::Rating`] if usage cannot be priced.
/// - [`BillingError::Store`] if the store failed; retry with the same key.
pub(crate) async fn spend_credits(ports: &Ports, spend: Spend) -> Result<Spent, BillingError> {
    let now = ports.clock.now();
    let request = spend.request.clone();
    let posted = post_request(ports, request, now, command(ports, spend, now)).await?;
    Ok(posted.into())
}

/// Takes credits for each of `spends` independently: one outcome per spend, in order. Spend number `i` has its own
/// key, derived from the request's key and `i`, so the request is idempotent as a whole.
///
/// # Errors
///
/// [`BillingError::Store`] if the store failed; retry with the same key. Refusals are outcomes.
pub(crate) async fn spend_many(
    ports: &Ports,
    key: &RequestKey,
    spends: Vec<Spend>,
) -> Result<Vec<Result<Spent, BillingError>>, BillingError> {
    if spends.is_empty() || spends.len() > MOST_SPENDS {
        let problem = format!("takes 1 to {MOST_SPENDS} spends");
        return Err(BillingError::Invalid { field: "items", problem });
    }
    let now = ports.clock.now();
    let known = account_ids(ports, spends.iter().map(|spend| &spend.request.account)).await?;
    let mut postings = Vec::new();
    let mut unpostable = Vec::with_capacity(spends.len());
    for (place, spend) in spends.into_iter().enumerate() {
        match posting(ports, &known, (key, place), spend, now).await {
            Ok((posting, refused)) => {
                postings.push(posting);
                unpostable.push(refused.map(|refused| (refused, true)));
            }
            Err(BillingError::Store(error)) => return Err(error.into()),
            Err(refused) => unpostable.push(Some((refused, false))),
        }
    }
    let mut outcomes = super::post::post(ports, postings, now).await?.into_iter();
    let outcome = |refused: Option<(BillingError, bool)>| match refused {
        Some((refused, false)) => Err(refused),
        refused => {
            let outcome = outcomes.next();
            let outcome =
                outcome.ok_or_else(|| StoreError::Corrupt("a posting without an outcome".to_owned()))?;
            match (outcome, refused) {
                (Err(_), Some((refused, _))) => Err(refused),
                (outcome, _) => Ok(outcome?.into()),
            }
        }
    };
    Ok(unpostable.into_iter().map(outcome).collect())
}

/// The posting of one of many, and the error if only a replay is possible.
async fn posting(
    ports: &Ports,
    known: &BTreeMap<ExternalId, AccountId>,
    (key, place): (&RequestKey, usize),
    spend: Spend,
    now: Timestamp,
) -> Result<(Posting, Option<BillingError>), BillingError> {
    let name = &spend.request.account;
    let account = match known.get(name) {
        Some(id) => *id,
        None => new_account_id(ports, name).await?,
    };
    let request = spend.request.clone();
    let (commands, refused) = match command(ports, spend, now).await {
        Ok(command) => (vec![command], None),
        Err(refused @ BillingError::Rating(_)) => (Vec::new(), Some(refused)),
        Err(other) => return Err(other),
    };
    let posting = request.posting(account, commands);
    Ok((Posting { key: PostingKey::of_batch_item(key, place), ..posting }, refused))
}

async fn command(ports: &Ports, spend: Spend, now: Timestamp) -> Result<Command, BillingError> {
    let charge = charge_of(ports, &spend.amount, spend.occurred_at.unwrap_or(now)).await?;
    Ok(Command::Spend(SpendCredits {
        charge,
        shortfall: spend.shortfall,
        occurred_at: spend.occurred_at,
        kind: EntryType::Spend(spend.kind),
        description: spend.description,
        metadata: spend.metadata,
    }))
}

impl From<Posted> for Spent {
    fn from(posted: Posted) -> Self {
        let taken = posted.entries.iter().fold(0_i64, |sum, entry| sum.saturating_sub(entry.amount.get()));
        Self {
            spent: Credits::new(taken),
            available: posted.available,
            replayed: posted.replayed,
            entry: posted.entries.into_iter().next(),
            usages: posted.usages,
        }
    }
}
