//! Imports of credits.

use billing_core::BillingError;
use billing_core::requests::{ImportReport, Imported};
use serde::Serialize;
use utoipa::ToSchema;

use super::envelope::ErrorView;
use crate::problem::Problem;
use crate::request::Line;

/// The result of an import.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportView {
    /// Whether this is a dry run: nothing was done.
    dry_run: bool,
    /// The number of rows that were granted, or would be.
    given: usize,
    /// Their credits, as decimal text.
    credits: String,
    /// The number of rows that had been granted before.
    repeated: usize,
    /// The number of refused rows.
    refused: usize,
    /// The number of unknown accounts.
    new_accounts: usize,
    /// One per row, in order.
    results: Vec<ImportedView>,
}

/// The outcome of one row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportedView {
    /// The line of the file on which it begins; the first has the names of the columns.
    line: u64,
    row_key: String,
    account_id: String,
    /// `given`, `repeated` or `refused`.
    status: &'static str,
    /// Null if it was refused, or in a dry run.
    grant_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorView>,
}

impl ImportView {
    pub(crate) fn new(dry_run: bool, lines: &[Line], report: ImportReport) -> Self {
        let new_accounts = report.new_accounts;
        let rows = lines.iter().zip(report.outcomes);
        let mut credits = 0_i128;
        let results: Vec<_> = rows
            .map(|(line, outcome)| {
                if matches!(outcome, Imported::Given(_)) {
                    credits = credits.saturating_add(i128::from(line.row.amount.get()));
                }
                ImportedView::new(line, outcome)
            })
            .collect();
        let count = |status: &str| results.iter().filter(|row| row.status == status).count();
        Self {
            dry_run,
            given: count(GIVEN),
            credits: credits.to_string(),
            repeated: count(REPEATED),
            refused: count(REFUSED),
            new_accounts,
            results,
        }
    }
}

const GIVEN: &str = "given";
const REPEATED: &str = "repeated";
const REFUSED: &str = "refused";

impl ImportedView {
    fn new(line: &Line, outcome: Imported) -> Self {
        let (status, grant, error) = match outcome {
            Imported::Given(grant) => (GIVEN, grant, None),
            Imported::Repeated(grant) => (REPEATED, Some(grant), None),
            Imported::Refused(refusal) => {
                (REFUSED, None, Some(Problem::from(BillingError::from(refusal)).into()))
            }
        };
        Self {
            line: line.number,
            row_key: line.row.key.as_str().to_owned(),
            account_id: line.row.account.to_string(),
            status,
            grant_id: grant.map(|grant| grant.to_string()),
            error,
        }
    }
}
