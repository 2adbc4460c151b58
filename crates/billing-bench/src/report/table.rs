//! Two tables for the terminal.

use super::Report;

/// Prints all measurements, and then the targets.
pub(crate) fn print(report: &Report) {
    for case in &report.cases {
        println!("\n{}: {}", case.name, case.title);
        println!(
            "  {:<22}{:>10}{:>20}{:>10}{:>10}{:>10}{:>10}{:>10}",
            "", "per second", "min – max", "p50 ms", "p99 ms", "a batch", "disk B", "WAL B"
        );
        for line in &case.lines {
            println!(
                "  {:<22}{:>10.0}{:>20}{:>10.2}{:>10.2}{:>10}{:>10}{:>10}",
                line.name,
                line.median,
                format!("{:.0} – {:.0}", line.least, line.most),
                line.p50_ms,
                line.p99_ms,
                line.batch_size.map_or_else(String::new, |size| format!("{size:.1}")),
                line.written.map_or_else(String::new, |written| format!("{:.0}", written.disk)),
                line.written.map_or_else(String::new, |written| format!("{:.0}", written.wal)),
            );
        }
    }
    if let Some(footprint) = &report.footprint {
        println!("\nservice: {}", footprint.summary());
    }
    for doubt in &report.doubts {
        println!("\nwarning: {doubt}");
    }
    if !report.verdicts.is_empty() {
        println!("\n{:<44}{:<16}{:>10}", "bar", "has to be", "measured");
    }
    for verdict in &report.verdicts {
        let result = if verdict.met { "PASS" } else { "MISS" };
        println!("{:<44}{:<16}{:>10.2}  {result}", verdict.what, verdict.bar, verdict.measured);
    }
}
