//! Checking the ledger.

use billing_core::requests::LedgerReport;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to check.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyBody {
    /// One account; without it the next hundred.
    pub(crate) account_id: Option<String>,
    /// The `next_cursor` of the answer before.
    pub(crate) cursor: Option<String>,
}

/// What a check found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerReportView {
    /// Whether everything holds.
    sound: bool,
    /// How many accounts were checked.
    accounts: u64,
    /// How many of their entries were read.
    entries: u64,
    violations: Vec<ViolationView>,
    /// What to send as `cursor` for the next accounts.
    next_cursor: Option<String>,
}

/// Something that must hold and does not.
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
