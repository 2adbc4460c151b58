//! Audits of the ledger.

use billing_core::requests::LedgerReport;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An audit.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyBody {
    /// One account; without it the next hundred.
    pub(crate) account_id: Option<String>,
    /// The `next_cursor` of the previous answer.
    pub(crate) cursor: Option<String>,
}

/// The result of an audit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerReportView {
    /// Whether there is no violation.
    sound: bool,
    /// The number of audited accounts.
    accounts: u64,
    /// The number of their entries.
    entries: u64,
    violations: Vec<ViolationView>,
    /// The `cursor` of the next accounts.
    next_cursor: Option<String>,
}

/// A violated invariant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ViolationView {
    account_id: String,
    what: String,
}

impl From<LedgerReport> for LedgerReportView {
    fn from(report: LedgerReport) -> Self {
        let violations = report.violations.into_iter();
        Self {
            sound: violations.len() == 0,
            accounts: report.accounts,
            entries: report.entries,
            violations: violations
                .map(|(account, what)| ViolationView { account_id: account.to_string(), what })
                .collect(),
            next_cursor: report.last.map(|account| account.to_string()),
        }
    }
}
