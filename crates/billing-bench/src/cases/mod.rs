//! What is measured, a file per kind.

mod http;
mod ledger;
mod processes;
mod spends;
mod sqlite;

use anyhow::Result;

use crate::cli::CaseName;
use crate::measure::CaseReport;
use crate::stage::Stage;

/// Every case that is `wanted`; all of them where nobody said.
pub(crate) async fn run(stage: &Stage, only: &[CaseName]) -> Result<Vec<CaseReport>> {
    let wanted = |case: CaseName| only.is_empty() || only.contains(&case);
    let mut reports = Vec::new();
    let field: Vec<_> =
        [CaseName::Many, CaseName::Hot, CaseName::Wide].into_iter().filter(|case| wanted(*case)).collect();
    if !field.is_empty() {
        reports.extend(spends::run(stage, &field).await?);
    }
    if wanted(CaseName::Refusals) {
        reports.push(ledger::refusals(stage).await?);
    }
    if wanted(CaseName::History) {
        reports.push(ledger::history(stage).await?);
    }
    if wanted(CaseName::Grants) {
        reports.push(ledger::grants(stage).await?);
    }
    if wanted(CaseName::Latency) {
        reports.push(ledger::latency(stage).await?);
    }
    if wanted(CaseName::Processes) {
        reports.push(processes::run(stage).await?);
    }
    if wanted(CaseName::Sqlite) {
        reports.push(sqlite::run(stage).await?);
    }
    if wanted(CaseName::Http) {
        reports.push(http::spends(stage).await?);
    }
    if wanted(CaseName::Reads) {
        reports.push(http::reads(stage).await?);
    }
    Ok(reports)
}
