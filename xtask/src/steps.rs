//! Named steps with durations and results, and the final table.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// The steps of one command, in order.
pub(crate) struct Steps {
    steps: Vec<Step>,
    started: Instant,
}

struct Step {
    name: &'static str,
    end: Option<(Verdict, Duration)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Passed,
    Failed,
}

impl Steps {
    /// All steps are known from the start, so that the table also shows those that were not reached.
    pub(crate) fn new(names: &[&'static str]) -> Self {
        let steps = names.iter().map(|&name| Step { name, end: None }).collect();
        Self { steps, started: Instant::now() }
    }

    /// Runs one step with a line before and a line after.
    ///
    /// # Errors
    ///
    /// The error of `work`, with the step's name in front.
    pub(crate) fn run<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let all = self.steps.len();
        let position = self.steps.iter().position(|step| step.name == name);
        println!("==> {}/{all} {name}", position.map_or(all, |index| index.saturating_add(1)));
        let start = Instant::now();
        let outcome = work();
        let took = start.elapsed();
        let verdict = if outcome.is_ok() { Verdict::Passed } else { Verdict::Failed };
        println!("    {name} {}, {}", word(verdict), seconds(took));
        if let Some(step) = self.steps.iter_mut().find(|step| step.name == name) {
            step.end = Some((verdict, took));
        }
        outcome.with_context(|| format!("step `{name}`"))
    }

    /// Prints the table of all steps.
    pub(crate) fn summarise(&self) {
        println!("{}", self.table());
    }

    fn table(&self) -> String {
        let mut lines = vec!["==> steps".to_owned()];
        for Step { name, end } in &self.steps {
            lines.push(match end {
                Some((verdict, took)) => format!("    {name:<10} {:>9}  {}", seconds(*took), word(*verdict)),
                None => format!("    {name:<10} {:>9}  not run", "-"),
            });
        }
        lines.push(format!("    {:<10} {:>9}", "together", seconds(self.started.elapsed())));
        lines.join("\n")
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "ok",
        Verdict::Failed => "FAILED",
    }
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use anyhow::{Result, bail};

    use super::Steps;

    #[test]
    fn the_table_tells_passed_failed_and_never_run_apart() {
        let mut steps = Steps::new(&["first", "second", "third"]);
        assert_eq!(steps.run("first", || Ok(7)).unwrap(), 7);
        let failed: Result<()> = steps.run("second", || bail!("broken"));
        assert_eq!(format!("{:#}", failed.unwrap_err()), "step `second`: broken");

        let table = steps.table();
        let ends: Vec<&str> = table.lines().map(|line| line.rsplit("  ").next().unwrap()).collect();
        assert_eq!(&ends[1..4], ["ok", "FAILED", "not run"]);
    }
}
