//! `billing ledger`

use std::process::ExitCode;

use anyhow::bail;
use billing_core::Billing;
use billing_core::accounts::ExternalId;
use billing_core::ports::AuditScope;
use billing_core::requests::{LedgerReport, VerifyLedger};
use indicatif::{ProgressBar, ProgressStyle};

use super::terminal::{complain, say};
use crate::cli::LedgerCommand;
use crate::config::Settings;
use crate::wiring;

/// How many accounts are checked between two looks at the progress.
const PAGE: u32 = 50;

pub(super) async fn ledger(settings: &Settings, command: LedgerCommand) -> anyhow::Result<ExitCode> {
    match command {
        LedgerCommand::Verify { account, freeze } => verify(settings, account, freeze).await,
        LedgerCommand::CheckProof { proof, history, public_key } => {
            super::check_proof::check_proof(&proof, &history, public_key.as_deref())
        }
    }
}

async fn verify(settings: &Settings, account: Option<ExternalId>, freeze: bool) -> anyhow::Result<ExitCode> {
    // What only looks leaves also the schema as it is.
    let store = wiring::open_store(settings, false).await?;
    let billing = wiring::bare(&store);
    if !billing.health().await.is_ok_and(|health| health.migrated) {
        bail!("the database is not up to date: run `billing migrate`");
    }
    let report = match &account {
        Some(account) => one(&billing, account, freeze).await?,
        None => all(&billing, freeze).await?,
    };
    store.close().await;
    Ok(tell(&report))
}

async fn one(billing: &Billing, account: &ExternalId, freeze: bool) -> anyhow::Result<LedgerReport> {
    Ok(billing.verify_account(account, freeze).await?)
}

async fn all(billing: &Billing, freeze: bool) -> anyhow::Result<LedgerReport> {
    let bar = ProgressBar::new(billing.count_accounts().await?);
    bar.set_style(ProgressStyle::with_template(
        "{bar:40} {pos} of {len} accounts, {msg} entries, {eta} left",
    )?);
    let mut report = LedgerReport::default();
    let mut after = None;
    loop {
        let (scope, whole) = (AuditScope::All, true);
        let part = billing.verify_ledger(VerifyLedger { scope, whole, freeze, after, limit: PAGE }).await?;
        report.accounts = report.accounts.saturating_add(part.accounts);
        report.entries = report.entries.saturating_add(part.entries);
        report.violations.extend(part.violations);
        bar.set_message(report.entries.to_string());
        bar.set_position(report.accounts);
        after = part.last;
        if after.is_none() {
            break;
        }
    }
    bar.finish_and_clear();
    Ok(report)
}

fn tell(report: &LedgerReport) -> ExitCode {
    for (account, what) in &report.violations {
        complain(&format!("{account}: {what}"));
    }
    let found = report.violations.len();
    let (accounts, entries) = (report.accounts, report.entries);
    if found == 0 {
        say(&format!("everything holds: {accounts} accounts, {entries} entries"));
        ExitCode::SUCCESS
    } else {
        say(&format!("{found} things do not hold: {accounts} accounts, {entries} entries"));
        ExitCode::FAILURE
    }
}
