//! The benchmarks, a file per kind.

mod http;
mod ledger;
mod mix;
mod processes;
mod spends;
mod sqlite;

use anyhow::Result;

use crate::cli::CaseName;
use crate::measure::CaseReport;
use crate::stage::Stage;

/// All cases in `only`; all if it is empty.
pub(crate) async fn run(stage: &Stage, only: &[CaseName]) -> Result<Vec<CaseReport>> {
    let wanted = |case: &CaseName| only.is_empty() || only.contains(case);
    let mut reports = Vec::new();
    let field = [CaseName::Many, CaseName::Hot, CaseName::Wide, CaseName::Checkpoint];
    let field: Vec<_> = field.into_iter().filter(wanted).collect();
    if !field.is_empty() {
        reports.extend(spends::run(stage, &field).await?);
        stage.clear().await?;
    }
    let others = [
        CaseName::Metered,
        CaseName::Refusals,
        CaseName::History,
        CaseName::Grants,
        CaseName::Latency,
        CaseName::Writers,
        CaseName::Processes,
        CaseName::Sqlite,
        CaseName::Http,
        CaseName::Mix,
        CaseName::Reads,
    ];
    for case in others.into_iter().filter(wanted) {
        reports.push(match case {
            CaseName::Metered => ledger::metered(stage).await?,
            CaseName::Refusals => ledger::refusals(stage).await?,
            CaseName::History => ledger::history(stage).await?,
            CaseName::Grants => ledger::grants(stage).await?,
            CaseName::Latency => ledger::latency(stage).await?,
            CaseName::Writers => ledger::writers(stage).await?,
            CaseName::Processes => processes::run(stage).await?,
            CaseName::Sqlite => sqlite::run(stage).await?,
            CaseName::Http => http::spends(stage).await?,
            CaseName::Mix => mix::run(stage).await?,
            CaseName::Reads => http::reads(stage).await?,
            CaseName::Many | CaseName::Hot | CaseName::Wide | CaseName::Checkpoint | CaseName::Service => {
                continue;
            }
        });
        stage.clear().await?;
    }
    Ok(reports)
}
