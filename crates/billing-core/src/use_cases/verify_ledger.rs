//! Check that the ledger is what it says.

use super::retry::retry;
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::billing::Ports;
use crate::changes::Changes;
use crate::ledger::audit::Violation;
use crate::ports::{AuditScope, StoreError};
use crate::values::AccountId;

/// What a check found so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LedgerReport {
    /// How many accounts were checked.
    pub accounts: u64,
    /// How many of their entries were read.
    pub entries: u64,
    /// What does not hold, and on which account.
    pub violations: Vec<(ExternalId, String)>,
    /// The last account that was looked at; `None` once there are no more.
    pub last: Option<AccountId>,
}

/// What to check, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyLedger {
    /// Which accounts.
    pub scope: AuditScope,
    /// From the first entry on, or from where the last check ended.
    pub whole: bool,
    /// Whether an account on which something does not hold is frozen: nothing moves there until an operator
    /// has looked.
    pub freeze: bool,
    /// After which account to begin.
    pub after: Option<AccountId>,
    /// How many accounts at most.
    pub limit: u32,
}

/// Checks up to `limit` accounts, each in one snapshot, and answers what was found. Call again with the
/// report's last account while there is one.
///
/// # Errors
///
/// [`BillingError::Store`] if the store failed; may be tried again.
pub(crate) async fn verify_ledger(ports: &Ports, ask: VerifyLedger) -> Result<LedgerReport, BillingError> {
    let accounts = ports.audit.accounts_to_audit(ask.scope, ask.after, ask.limit).await?;
    let mut report = LedgerReport::default();
    let mut sound = Vec::new();
    for account in &accounts {
        let audited = match ports.audit.audit(*account, ask.whole).await {
            // A row that cannot be read is a violation on its account, and no reason to pass over those behind it.
            Err(StoreError::Corrupt(what)) => {
                report.accounts = report.accounts.saturating_add(1);
                let unreadable = Violation { account: *account, what };
                found(ports, *account, &[unreadable], ask.freeze, &mut report).await?;
                continue;
            }
            audited => audited?,
        };
        let Some(audited) = audited else { continue };
        report.accounts = report.accounts.saturating_add(1);
        report.entries = report.entries.saturating_add(audited.entries);
        if audited.violations.is_empty() {
            sound.push(audited.mark);
        } else {
            found(ports, *account, &audited.violations, ask.freeze, &mut report).await?;
        }
    }
    if !sound.is_empty() {
        ports.audit.keep_progress(sound).await?;
    }
    let full = u64::try_from(accounts.len()).unwrap_or(u64::MAX) >= u64::from(ask.limit);
    report.last = accounts.last().copied().filter(|_| full);
    Ok(report)
}

/// Checks one account from its first entry on.
///
/// # Errors
///
/// [`BillingError::AccountNotFound`]; [`BillingError::Store`] may be tried again.
pub(crate) async fn verify_account(
    ports: &Ports,
    name: &ExternalId,
    freeze: bool,
) -> Result<LedgerReport, BillingError> {
    let account = super::ensure_account::account_id(ports, name).await?;
    let audited = ports.audit.audit(account, true).await?;
    let audited = audited.ok_or_else(|| BillingError::AccountNotFound(name.clone()))?;
    let mut report = LedgerReport { accounts: 1, entries: audited.entries, ..LedgerReport::default() };
    if audited.violations.is_empty() {
        ports.audit.keep_progress(vec![audited.mark]).await?;
    } else {
        found(ports, account, &audited.violations, freeze, &mut report).await?;
    }
    Ok(report)
}

/// Lets a frozen account move again, and answers it.
///
/// # Errors
///
/// [`BillingError::AccountNotFound`]; [`BillingError::Store`] may be tried again.
pub(crate) async fn thaw_account(ports: &Ports, name: &ExternalId) -> Result<Account, BillingError> {
    let account = super::ensure_account::existing_account(ports, name).await?.id;
    set_frozen(ports, account, None).await
}

async fn found(
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
        // The account's own row cannot be read: it has no other name than its id.
        Err(BillingError::Store(StoreError::Corrupt(_))) => ExternalId::parse(&account.to_string())?,
        Err(error) => return Err(error),
    };
    let said = violations.iter().map(|violation| (name.clone(), violation.what.clone()));
    report.violations.extend(said);
    Ok(())
}

async fn set_frozen(ports: &Ports, id: AccountId, why: Option<String>) -> Result<Account, BillingError> {
    retry(ports, || async {
        let mut account = account_of(ports, id).await?;
        if account.frozen.is_some() == why.is_some() {
            return Ok(account);
        }
        account.frozen.clone_from(&why);
        let changes = Changes { accounts: vec![account.clone()], ..Changes::default() };
        ports.store.commit(changes, ports.clock.now()).await?;
        account.version = account.version.saturating_add(1);
        Ok(account)
    })
    .await
}

async fn account_of(ports: &Ports, id: AccountId) -> Result<Account, BillingError> {
    let found = ports.accounts.account(id).await?;
    Ok(found.ok_or_else(|| StoreError::Corrupt(format!("{id} has a ledger and no account")))?)
}
