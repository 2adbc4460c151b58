//! Audits accounts.

use futures_util::stream::{self, StreamExt};

use super::retry::retry;
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::billing::Ports;
use crate::changes::Changes;
use crate::ledger::audit::Violation;
use crate::ports::{AccountRef, AuditScope, AuditTarget, Audited, StoreError};
use crate::values::AccountId;

/// The result of an audit so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LedgerReport {
    /// The number of audited accounts.
    pub accounts: u64,
    /// The number of their entries.
    pub entries: u64,
    /// The number of entries with erased text.
    pub erased: u64,
    /// The violations, with their accounts.
    pub violations: Vec<(ExternalId, String)>,
    /// The last audited account; `None` at the end.
    pub last: Option<AccountId>,
}

/// An audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyLedger {
    /// The accounts.
    pub scope: AuditScope,
    /// From the first entry on, or from the last audit's position.
    pub whole: bool,
    /// Whether an account with a violation is frozen until an operator has resolved it.
    pub freeze: bool,
    /// The account to continue after.
    pub after: Option<AccountId>,
    /// The maximum number of accounts.
    pub limit: u32,
    /// The number of concurrent connections.
    pub parallel: usize,
}

/// The entries and usages of different accounts that are read together.
const ROWS_TOGETHER: u64 = 5_000;
/// The accounts that are read together.
const ACCOUNTS_TOGETHER: usize = 500;

/// Audits up to `limit` accounts, each in one snapshot. Call again with the report's last account while there is one.
///
/// # Errors
///
/// [`BillingError::Store`] if the store failed; safe to retry.
pub(crate) async fn verify_ledger(ports: &Ports, ask: VerifyLedger) -> Result<LedgerReport, BillingError> {
    let targets = ports.store.audit.accounts_to_audit(ask.scope, ask.after, ask.limit).await?;
    let mut report = LedgerReport::default();
    let groups = groups(&targets, ask.whole).into_iter();
    let audits = groups.map(|group| audit_group(ports, group, ask.whole));
    let mut audits = stream::iter(audits).buffer_unordered(ask.parallel.max(1));
    while let Some(audited) = audits.next().await {
        let mut sound = Vec::new();
        for (account, audited) in audited? {
            report.accounts = report.accounts.saturating_add(1);
            match audited {
                Ok(audited) => {
                    report.entries = report.entries.saturating_add(audited.entries);
                    report.erased = report.erased.saturating_add(audited.erased);
                    if audited.violations.is_empty() {
                        sound.push(audited.mark);
                    } else {
                        found(ports, account, &audited.violations, ask.freeze, &mut report).await?;
                    }
                }
                Err(what) => {
                    let unreadable = Violation { account, what };
                    found(ports, account, &[unreadable], ask.freeze, &mut report).await?;
                }
            }
        }
        if !sound.is_empty() {
            ports.store.audit.keep_progress(sound).await?;
        }
    }
    let full = u64::try_from(targets.len()).unwrap_or(u64::MAX) >= u64::from(ask.limit);
    report.last = targets.last().map(|target| target.account).filter(|_| full);
    Ok(report)
}

/// Cuts accounts into groups that are read together: few statements for many small accounts, one account by itself
/// where it has a long history or where a check goes on from a mark.
fn groups(targets: &[AuditTarget], whole: bool) -> Vec<Vec<AccountId>> {
    let mut groups: Vec<Vec<AccountId>> = Vec::new();
    let mut rows = 0_u64;
    for target in targets {
        rows = rows.saturating_add(target.rows);
        let fits =
            |group: &&mut Vec<AccountId>| whole && rows <= ROWS_TOGETHER && group.len() < ACCOUNTS_TOGETHER;
        if let Some(group) = groups.last_mut().filter(fits) {
            group.push(target.account);
        } else {
            groups.push(vec![target.account]);
            rows = target.rows;
        }
    }
    groups
}

/// What a check of one account found, or why it cannot be read.
type AccountAudit = (AccountId, Result<Audited, String>);

/// Checks accounts together. Where a row cannot be read, each is checked by itself: that is a violation on its account,
/// and no reason to pass over the others.
async fn audit_group(
    ports: &Ports,
    accounts: Vec<AccountId>,
    whole: bool,
) -> Result<Vec<AccountAudit>, BillingError> {
    match ports.store.audit.audit(&accounts, whole).await {
        Ok(audited) => {
            let by_account = |audited: Audited| (audited.mark.account, Ok(audited));
            return Ok(audited.into_iter().map(by_account).collect());
        }
        Err(StoreError::Corrupt(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let mut all = Vec::with_capacity(accounts.len());
    for account in accounts {
        match ports.store.audit.audit(&[account], whole).await {
            Ok(audited) => all.extend(audited.into_iter().map(|audited| (account, Ok(audited)))),
            Err(StoreError::Corrupt(what)) => all.push((account, Err(what))),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(all)
}

/// Checks one account from its first entry on.
///
/// # Errors
///
/// [`BillingError::AccountNotFound`]; [`BillingError::Store`] is safe to retry.
pub(crate) async fn verify_account(
    ports: &Ports,
    name: &ExternalId,
    freeze: bool,
) -> Result<LedgerReport, BillingError> {
    let account = super::ensure_account::account_id(ports, name).await?;
    let mut report = LedgerReport { accounts: 1, ..LedgerReport::default() };
    let audited = audit_group(ports, vec![account], true).await?.pop();
    match audited.ok_or_else(|| BillingError::AccountNotFound(name.clone()))?.1 {
        Ok(audited) if audited.violations.is_empty() => {
            (report.entries, report.erased) = (audited.entries, audited.erased);
            ports.store.audit.keep_progress(vec![audited.mark]).await?;
        }
        Ok(audited) => {
            (report.entries, report.erased) = (audited.entries, audited.erased);
            found(ports, account, &audited.violations, freeze, &mut report).await?;
        }
        Err(what) => found(ports, account, &[Violation { account, what }], freeze, &mut report).await?,
    }
    Ok(report)
}

/// Lets a frozen account move again, and answers it.
///
/// # Errors
///
/// [`BillingError::AccountNotFound`]; [`BillingError::Store`] is safe to retry.
pub(crate) async fn thaw_account(ports: &Ports, name: &ExternalId) -> Result<Account, BillingError> {
    let account = super::ensure_account::existing_account(ports, name).await?.id;
    set_frozen(ports, account, None).await
}

pub(super) async fn found(
    ports: &Ports,
    account: AccountId,
    violations: &[Violation],
    freeze: bool,
    report: &mut LedgerReport,
) -> Result<(), BillingError> {
    let why = violations.first().map(|violation| violation.what.clone());
    let looked_at =
        if freeze { set_frozen(ports, account, why).await } else { account_of(ports, account).await };
    let name = match looked_at {
        Ok(account) => account.external_id,
        // The account's own row is gone or cannot be read: it has no other name than its id.
        Err(BillingError::Store(StoreError::Corrupt(_))) => ExternalId::parse(&account.to_string())?,
        Err(error) => return Err(error),
    };
    let said = violations.iter().map(|violation| (name.clone(), violation.what.clone()));
    report.violations.extend(said);
    Ok(())
}

async fn set_frozen(ports: &Ports, id: AccountId, why: Option<String>) -> Result<Account, BillingError> {
    if why.is_some() {
        // First where postings see it: what the account's own row says may not be readable.
        ports.store.audit.freeze(id).await?;
    }
    retry(ports, || async {
        let mut account = account_of(ports, id).await?;
        if account.frozen.is_some() == why.is_some() {
            return Ok(account);
        }
        account.frozen.clone_from(&why);
        let changes = Changes { accounts: vec![account.clone()], ..Changes::default() };
        ports.store.writer.commit(changes, ports.clock.now()).await?;
        account.version = account.version.saturating_add(1);
        Ok(account)
    })
    .await
}

async fn account_of(ports: &Ports, id: AccountId) -> Result<Account, BillingError> {
    let found = ports.store.billing.account(AccountRef::Id(id)).await?;
    Ok(found.ok_or_else(|| StoreError::Corrupt(format!("{id} has a ledger and no account")))?)
}
