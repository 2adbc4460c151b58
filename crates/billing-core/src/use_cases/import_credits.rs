//! Imports credits for many accounts, row by row.

use std::collections::{BTreeMap, BTreeSet};

use super::ensure_account::{account_ids, ensure_account};
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::billing::Ports;
use crate::changes::Changes;
use crate::ledger::{Actor, Command, Grant, GrantCredits, Outcome, Posting, Refusal, Source, business_keys};
use crate::ports::{CommitError, StoreError};
use crate::values::{
    AccountId, BusinessKey, Credits, Fingerprint, GrantId, PostingKey, RequestKey, Timestamp,
};

/// An import.
#[derive(Debug, Clone)]
pub struct ImportCredits {
    /// 1 to 10,000 rows.
    pub rows: Vec<ImportRow>,
    /// The actor.
    pub actor: Actor,
    /// Whether to report only.
    pub dry_run: bool,
}

/// Credits of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// The row's own key: a row with this key grants once, in any number of files.
    pub key: RequestKey,
    /// The account; created if it is unknown.
    pub account: ExternalId,
    /// The amount: 1 to 2^53 − 1.
    pub amount: Credits,
    /// The source.
    pub source: Source,
    /// The burn priority: 0 before 1.
    pub priority: i16,
    /// The end.
    pub expires_at: Option<Timestamp>,
    /// The description for the customer.
    pub description: String,
}

/// The outcome of one row.
#[derive(Debug, Clone)]
pub enum Imported {
    /// Granted, or would be granted: then there is no grant yet.
    Given(Option<GrantId>),
    /// Granted before.
    Repeated(GrantId),
    /// Refused; nothing was done.
    Refused(Refusal),
}

/// The result of an import.
#[derive(Debug, Clone)]
pub struct ImportReport {
    /// One for each row, in order.
    pub outcomes: Vec<Imported>,
    /// The number of unknown accounts.
    pub new_accounts: usize,
}

/// The maximum number of rows of an import.
const MOST: usize = 10_000;
/// The number of rows that are posted together.
const CHUNK: usize = 500;

/// Grants each row's credits separately: one outcome per row, in order. Idempotent as a whole, with rows added or
/// removed.
///
/// # Errors
///
/// [`BillingError::Invalid`] if there are no or too many rows; [`BillingError::Store`] if the store failed: the same
/// rows again resume it. Refusals are outcomes.
pub(crate) async fn import_credits(ports: &Ports, ask: ImportCredits) -> Result<ImportReport, BillingError> {
    if ask.rows.is_empty() || ask.rows.len() > MOST {
        return Err(BillingError::Invalid { field: "rows", problem: format!("takes 1 to {MOST} rows") });
    }
    let mut report = ImportReport { outcomes: Vec::with_capacity(ask.rows.len()), new_accounts: 0 };
    let mut made = BTreeSet::new();
    for rows in ask.rows.chunks(CHUNK) {
        let now = ports.clock.now();
        let mut known = known_accounts(ports, rows).await?;
        let new = new_accounts(rows, &known, now);
        made.extend(new.iter().cloned());
        if ask.dry_run {
            report.outcomes.extend(looked_at(ports, rows, &known, now).await?);
        } else {
            make_accounts(ports, &new, &mut known, now).await?;
            report.outcomes.extend(carried_out(ports, rows, &known, &ask.actor, now).await?);
        }
    }
    report.new_accounts = made.len();
    Ok(report)
}

type Known = BTreeMap<ExternalId, AccountId>;

async fn known_accounts(ports: &Ports, rows: &[ImportRow]) -> Result<Known, BillingError> {
    account_ids(ports, rows.iter().map(|row| &row.account)).await
}

/// The unknown accounts with an acceptable row: invalid input creates no account.
fn new_accounts(rows: &[ImportRow], known: &Known, now: Timestamp) -> BTreeSet<ExternalId> {
    let unknown = rows.iter().filter(|row| !known.contains_key(&row.account));
    unknown.filter(|row| row.grant().check(now).is_ok()).map(|row| row.account.clone()).collect()
}

async fn make_accounts(
    ports: &Ports,
    new: &BTreeSet<ExternalId>,
    known: &mut Known,
    now: Timestamp,
) -> Result<(), BillingError> {
    if new.is_empty() {
        return Ok(());
    }
    let accounts: Vec<_> = new.iter().map(|name| Account::new(name.clone(), &*ports.ids, now)).collect();
    let made = accounts.iter().map(|account| (account.external_id.clone(), account.id)).collect::<Vec<_>>();
    match ports.store.writer.commit(Changes { accounts, ..Changes::default() }, now).await {
        Ok(_) => known.extend(made),
        // One of them was created concurrently.
        Err(CommitError::Conflict) => {
            for name in new {
                known.insert(name.clone(), ensure_account(ports, name, now).await?.id);
            }
        }
        Err(other) => return Err(other.into()),
    }
    Ok(())
}

async fn carried_out(
    ports: &Ports,
    rows: &[ImportRow],
    known: &Known,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Imported>, BillingError> {
    let posting = |row: &ImportRow| known.get(&row.account).map(|account| row.posting(*account, actor));
    let postings: Vec<_> = rows.iter().filter_map(posting).collect();
    let mut outcomes = ports.store.ledger.post(postings, now).await?.into_iter();
    let outcome = |row: &ImportRow| match row.grant().check(now) {
        Err(refusal) if !known.contains_key(&row.account) => Ok(Imported::Refused(refusal)),
        _ => imported(outcomes.next()),
    };
    rows.iter().map(outcome).collect()
}

fn imported(outcome: Option<Outcome>) -> Result<Imported, BillingError> {
    let lost = || StoreError::Corrupt("an imported row without its outcome".to_owned());
    match outcome.ok_or_else(lost)? {
        Err(refusal) => Ok(Imported::Refused(refusal)),
        Ok(posted) => {
            let grant = posted.grants.first().ok_or_else(lost)?.id;
            Ok(if posted.replayed { Imported::Repeated(grant) } else { Imported::Given(Some(grant)) })
        }
    }
}

/// The outcomes of an import, as far as they can be computed without executing it.
async fn looked_at(
    ports: &Ports,
    rows: &[ImportRow],
    known: &Known,
    now: Timestamp,
) -> Result<Vec<Imported>, BillingError> {
    let facts: Vec<_> = rows.iter().map(|row| business_keys::import(&row.key)).collect();
    let given = ports.store.reports.grants_by_key(&facts).await?;
    let given: BTreeMap<&BusinessKey, &Grant> =
        given.iter().map(|grant| (&grant.business_key, grant)).collect();
    let look = |(row, fact): (&ImportRow, &BusinessKey)| match given.get(fact) {
        Some(grant) if known.get(&row.account) != Some(&grant.account) => {
            Imported::Refused(Refusal::AlreadyGranted { business_key: fact.clone() })
        }
        Some(grant) if !row.says_the_same(grant) => Imported::Refused(Refusal::KeyReused),
        Some(grant) => Imported::Repeated(grant.id),
        None => row.grant().check(now).map_or_else(Imported::Refused, |()| Imported::Given(None)),
    };
    Ok(rows.iter().zip(&facts).map(look).collect())
}

impl ImportRow {
    fn grant(&self) -> GrantCredits {
        GrantCredits {
            priority: self.priority,
            expires_at: self.expires_at,
            ..GrantCredits::new(
                self.amount,
                self.source,
                business_keys::import(&self.key),
                self.description.clone(),
            )
        }
    }

    fn posting(&self, account: AccountId, actor: &Actor) -> Posting {
        let expires_at = self.expires_at.map(|at| at.to_string()).unwrap_or_default();
        let (amount, priority) = (self.amount.to_string(), self.priority.to_string());
        let said = [&amount, self.source.as_str(), &priority, &expires_at, &self.description];
        Posting {
            account,
            key: PostingKey::of_import(&self.key),
            fingerprint: Fingerprint::of(said.map(str::as_bytes)),
            actor: actor.clone(),
            commands: vec![Command::Grant(self.grant())],
        }
    }

    /// Whether it matches the terms of `grant`. Its end may have been changed since.
    fn says_the_same(&self, grant: &Grant) -> bool {
        let made_of = (grant.amount, grant.source, grant.priority, grant.description.as_str());
        made_of == (self.amount, self.source, self.priority, self.description.as_str())
    }
}
