//! `billing catalog`

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use billing_core::catalog::CatalogRefusal;
use billing_core::requests::{AppliedCatalog, CatalogChange};
use billing_core::values::Timestamp;
use billing_core::{Billing, BillingError};

use super::terminal::say;
use crate::catalog_file::{line_of, pack_lines, plan_lines, rate_card_lines, read, write};
use crate::cli::CatalogCommand;
use crate::config::Settings;
use crate::wiring;

pub(super) async fn catalog(settings: &Settings, command: CatalogCommand) -> anyhow::Result<ExitCode> {
    // Read-only commands do not migrate either.
    let migrate = matches!(command, CatalogCommand::Apply { dry_run: false, .. });
    let store = wiring::open_store(settings, migrate).await?;
    let billing = wiring::bare(&store);
    if !billing.health().await.is_ok_and(|health| health.migrated) {
        bail!("the database is not up to date: run `billing migrate`");
    }
    match command {
        CatalogCommand::Export { out } => export(&billing, out.as_deref()).await?,
        CatalogCommand::Apply { file, dry_run } => apply(&billing, &file, dry_run).await?,
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn export(billing: &Billing, out: Option<&Path>) -> anyhow::Result<()> {
    let text = write(&billing.export_catalog().await?);
    match out {
        Some(path) => {
            std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        None => say(text.trim_end()),
    }
    Ok(())
}

async fn apply(billing: &Billing, path: &Path, dry_run: bool) -> anyhow::Result<()> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    let wanted = read(&text).map_err(|problem| anyhow!("{name}: {problem}"))?;
    let applied = billing.apply_catalog(&wanted, dry_run).await.map_err(|error| match error {
        BillingError::Catalog(CatalogRefusal::Invalid { field, problem }) => {
            let line = line_of(&text, &field).map_or(String::new(), |line| format!(":{line}"));
            anyhow!("{name}{line}: `{field}` {problem}; nothing was changed")
        }
        other => other.into(),
    })?;
    tell(&applied, dry_run);
    Ok(())
}

fn tell(applied: &AppliedCatalog, dry_run: bool) {
    for change in &applied.changes {
        let (what, before, after) = match change {
            CatalogChange::Plan { before, after } => {
                (format!("plan {}", after.slug), before.as_deref().map(plan_lines), plan_lines(after))
            }
            CatalogChange::Pack { before, after } => {
                (format!("pack {}", after.slug), before.as_ref().map(pack_lines), pack_lines(after))
            }
            CatalogChange::RateCard { before, after, version } => {
                let what = rate_card(&after.slug, *version, after.effective_at);
                (what, before.as_ref().map(rate_card_lines), rate_card_lines(after))
            }
        };
        say(&format!("{} {what}", if before.is_none() { "new" } else { "changed" }));
        for line in difference(&before.unwrap_or_default(), &after) {
            say(&format!("    {line}"));
        }
    }
    let AppliedCatalog { changes, unchanged, superseded } = applied;
    let late = if *superseded == 0 { String::new() } else { format!(", {superseded} out of date") };
    let written = if dry_run { "; nothing was written: this was a dry run" } else { "" };
    let (new, changed): (Vec<_>, Vec<_>) = changes.iter().partition(|change| is_new(change));
    say(&format!("{} new, {} changed, {unchanged} as they were{late}{written}", new.len(), changed.len()));
}

fn is_new(change: &CatalogChange) -> bool {
    match change {
        CatalogChange::Plan { before, .. } => before.is_none(),
        CatalogChange::Pack { before, .. } => before.is_none(),
        CatalogChange::RateCard { before, .. } => before.is_none(),
    }
}

fn rate_card(slug: &str, version: Option<u32>, moment: Option<Timestamp>) -> String {
    match (version, moment) {
        (None, _) => format!("rate card {slug}"),
        (Some(number), None) => format!("rate card {slug}, version {number}, in force at once"),
        (Some(number), Some(moment)) => format!("rate card {slug}, version {number}, in force from {moment}"),
    }
}

/// The removed and the added lines, in order.
fn difference(before: &[String], after: &[String]) -> Vec<String> {
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}"));
    let come = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(come).filter(|line| line.len() > 2).collect()
}
