//! A page for the repository.

use super::Report;
use crate::contenders::bare_rows_statements;
use crate::machine::TOO_BUSY;

/// How the page begins and what a reader has to know before the numbers.
const HEAD: &str = "# Benchmarks

Written by `cargo xtask bench --write-docs`; do not edit. What one machine did once: compare what stands in one table, and
run it on yours before you rely on it. The bars are ratios for that reason.

![spends a second](benchmarks.svg)

Everybody runs on one Postgres with the same settings, each with a database of its own, prepared statements and a pool of its
own; they take turns in rounds, forwards and backwards. A spend counts when its answer came, durable, within the time that
counts. *naive* is `BEGIN; SELECT … FOR UPDATE; INSERT; UPDATE; COMMIT`. *one statement* is an `UPDATE … WHERE balance >= …` that feeds
an `INSERT`. *gathered, bare rows* is a batching writer like ours that writes a balance and an entry. *gathered, same rows* writes
the very rows that we write, without our rules and layers. *ours* goes through the ledger's port. *metered* spends usage that a
rate card prices: each is a record of its own, and what is below one credit is carried. Afterwards the books are checked: as many
credits are gone as spends were acknowledged, and the ledger's invariants hold. Bytes are those per spend: by how much the files
of the database grew, and how much log was written. Where the time goes, and what stands between us and the bars that are missed,
is at the end of [ADR 18](adr/0018-a-process-remembers-what-it-wrote-last.md) and in [ADR 30](adr/0030-a-spend-is-one-row-and-one-update.md).
";

/// The page about `report`, in Markdown.
pub(crate) fn page(report: &Report) -> String {
    let mut lines = vec![HEAD.to_owned()];
    let machine = &report.machine;
    lines.push(format!(
        "## The machine\n\n{} processors ({}), {} GiB of memory, {}; client, service and database share them. One commit that nobody\n\
         shares takes {} µs (median). {} round{} of each.{}\n",
        machine.processors,
        machine.processor,
        machine.memory_mib / 1024,
        machine.system,
        machine.commit_micros,
        report.rounds,
        if report.rounds == 1 { "" } else { "s" },
        machine.busy.filter(|busy| *busy > TOO_BUSY).map_or_else(String::new, |busy| {
            format!(" **Something else kept {busy:.0} % of the processors busy.**")
        }),
    ));
    lines.push("| Postgres | |\n|---|---|".to_owned());
    lines.extend(report.postgres.iter().map(|(name, value)| format!("| `{name}` | {value} |")));
    lines.push("\n## Bars\n\n| | has to be | measured | |\n|---|---|---:|---|".to_owned());
    lines.extend(report.verdicts.iter().map(|verdict| {
        let met = if verdict.met { "pass" } else { "**miss**" };
        format!("| {} | {} | {:.2} | {met} |", verdict.what, verdict.bar, verdict.measured)
    }));
    lines.extend(report.doubts.iter().map(|doubt| format!("\n**{doubt}.**")));
    if let Some(footprint) = &report.footprint {
        lines.push(format!("\n## The service\n\nOn Postgres, {}.", footprint.told()));
    }
    for case in &report.cases {
        lines.push(format!(
            "\n## `{}`: {}\n\n| | a second | least – most | p50 ms | p99 ms | spends per transaction | bytes on disk | bytes of log |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|",
            case.name, case.title
        ));
        lines.extend(case.lines.iter().map(|line| {
            format!(
                "| {} | {:.0} | {:.0} – {:.0} | {:.2} | {:.2} | {} | {} | {} |",
                line.name,
                line.median,
                line.least,
                line.most,
                line.p50_ms,
                line.p99_ms,
                line.batch_size.map_or_else(String::new, |size| format!("{size:.1}")),
                line.written.map_or_else(String::new, |written| format!("{:.0}", written.disk)),
                line.written.map_or_else(String::new, |written| format!("{:.0}", written.wal)),
            )
        }));
    }
    lines.push(format!("\n## What *gathered, bare rows* runs\n\n{}\n", bare_rows_statements()));
    lines.join("\n")
}
