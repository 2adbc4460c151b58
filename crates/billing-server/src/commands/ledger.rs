//! `billing ledger`

use std::process::ExitCode;

use anyhow::bail;
use billing_core::Billing;
use billing_core::accounts::ExternalId;
use billing_core::ports::AuditScope;
use billing_core::requests::{CheckpointReport, LedgerReport, VerifyCheckpoints, VerifyLedger};
use indicatif::{ProgressBar, ProgressStyle};

use super::terminal::{complain, say};
use crate::cli::LedgerCommand;
use crate::config::Settings;
use crate::wiring;
use crate::wiring::checkpoints::{KeysKnown, verifying};

/// The accounts between two progress reports.
const PAGE: u32 = 2_000;

pub(super) async fn ledger(settings: &Settings, command: LedgerCommand) -> anyhow::Result<ExitCode> {
    match command {
        LedgerCommand::Verify { account, freeze, connections } => {
            verify(settings, account, freeze, connections).await
        }
        LedgerCommand::CheckProof { proof, history, public_key } => {
            super::check_proof::check_proof(&proof, &history, public_key.as_deref())
        }
    }
}

async fn verify(
    settings: &Settings,
    account: Option<ExternalId>,
    freeze: bool,
    connections: usize,
) -> anyhow::Result<ExitCode> {
    // Read-only commands do not migrate either.
    let store = wiring::open_store(settings, false).await?;
    let (builder, known) = verifying(wiring::builder(&store), settings, &store).await?;
    let billing = builder.build();
    if !billing.health().await.is_ok_and(|health| health.migrated) {
        bail!("the database is not up to date: run `billing migrate`");
    }
    let report = if let Some(account) = &account {
        Found { accounts: one(&billing, account, freeze).await?, ..Found::default() }
    } else {
        warn(known);
        let checkpoints = checkpoints(&billing, freeze).await?;
        Found { checkpoints, accounts: all(&billing, freeze, connections).await? }
    };
    store.close().await;
    Ok(tell(&report))
}

/// The total result.
#[derive(Default)]
struct Found {
    checkpoints: CheckpointReport,
    accounts: LedgerReport,
}

fn warn(known: KeysKnown) {
    match known {
        KeysKnown::Outside => {}
        KeysKnown::InDatabase => complain(
            "note: the key that signs checkpoints lies in the database: whoever can write there can sign forgeries, too \
             (BILLING_LEDGER__CHECKPOINT_KEY)",
        ),
        KeysKnown::None => complain(
            "note: no key is known that signs checkpoints: each is believed about the key that signed it \
             (BILLING_LEDGER__PUBLIC_KEYS)",
        ),
    }
}

async fn one(billing: &Billing, account: &ExternalId, freeze: bool) -> anyhow::Result<LedgerReport> {
    Ok(billing.verify_account(account, freeze).await?)
}

async fn checkpoints(billing: &Billing, freeze: bool) -> anyhow::Result<CheckpointReport> {
    let last = billing.last_checkpoint().await?.map_or(0, |last| last.number);
    let bar = ProgressBar::new(last.unsigned_abs());
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos} of {len} checkpoints, {eta} left")?);
    let mut report = CheckpointReport::default();
    let mut after = None;
    loop {
        let part = billing.verify_checkpoints(VerifyCheckpoints { after, freeze }).await?;
        report.checkpoints = report.checkpoints.saturating_add(part.checkpoints);
        report.violations.extend(part.violations);
        report.accounts.violations.extend(part.accounts.violations);
        bar.set_position(report.checkpoints);
        after = part.last;
        if after.is_none() {
            break;
        }
    }
    bar.finish_and_clear();
    Ok(report)
}

async fn all(billing: &Billing, freeze: bool, connections: usize) -> anyhow::Result<LedgerReport> {
    let bar = ProgressBar::new(billing.count_accounts().await?);
    bar.set_style(ProgressStyle::with_template(
        "{bar:40} {pos} of {len} accounts, {msg} entries, {eta} left",
    )?);
    let mut report = LedgerReport::default();
    let mut after = None;
    loop {
        let (scope, whole, limit, parallel) = (AuditScope::All, true, PAGE, connections);
        let part =
            billing.verify_ledger(VerifyLedger { scope, whole, freeze, after, limit, parallel }).await?;
        report.accounts = report.accounts.saturating_add(part.accounts);
        report.entries = report.entries.saturating_add(part.entries);
        report.erased = report.erased.saturating_add(part.erased);
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

fn tell(found: &Found) -> ExitCode {
    let Found { checkpoints, accounts } = found;
    for what in &checkpoints.violations {
        complain(what);
    }
    for (account, what) in checkpoints.accounts.violations.iter().chain(&accounts.violations) {
        complain(&format!("{account}: {what}"));
    }
    let wrong = checkpoints.violations.len().saturating_add(accounts.violations.len());
    let erased = match accounts.erased {
        0 => String::new(),
        count => format!("; the text of {count} entries was erased"),
    };
    let read = format!(
        "{} accounts, {} entries, {} checkpoints{erased}",
        accounts.accounts, accounts.entries, checkpoints.checkpoints
    );
    if wrong == 0 {
        say(&format!("everything holds: {read}"));
        ExitCode::SUCCESS
    } else {
        say(&format!("{wrong} things do not hold: {read}"));
        ExitCode::FAILURE
    }
}
