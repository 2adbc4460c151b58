//! Rounds of turns.

use std::time::Instant;

use anyhow::{Context, Result};
use futures_util::future::BoxFuture;

use crate::measure::{CaseReport, Line, Measured};
use crate::stage::Stage;

/// The work of one contender in its turn of a round.
pub(crate) type Turn<'a> = Box<dyn Fn(usize) -> BoxFuture<'a, Result<Measured>> + Send + Sync + 'a>;

/// The measurements of all contenders in a case.
pub(crate) struct Rounds {
    name: &'static str,
    title: String,
    measured: Vec<(&'static str, Vec<Measured>)>,
}

/// Gives every contender a turn in each round, in alternating order, so that disturbances affect all alike.
pub(crate) async fn take_turns(
    stage: &Stage,
    name: &'static str,
    title: impl Into<String>,
    turns: Vec<(&'static str, Turn<'_>)>,
) -> Result<Rounds> {
    let mut measured: Vec<_> = turns.iter().map(|(who, _)| (*who, Vec::new())).collect();
    for round in 0..stage.size.rounds {
        let mut order: Vec<usize> = (0..turns.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for place in order {
            let (Some((who, turn)), Some((_, own))) = (turns.get(place), measured.get_mut(place)) else {
                continue;
            };
            let begun = Instant::now();
            let one = turn(round).await.with_context(|| format!("{name}: {who}"))?;
            eprintln!(
                "{name:>9}  round {} of {}  {who:<22} {:>9.0}/s  p99 {:>7.2} ms  ({:.0} s)",
                round + 1,
                stage.size.rounds,
                one.rate(),
                crate::measure::numbers::float(one.latency.value_at_quantile(0.99)) / 1000.0,
                begun.elapsed().as_secs_f64(),
            );
            own.push(one);
        }
    }
    Ok(Rounds { name, title: title.into(), measured })
}

impl Rounds {
    /// Everything executed by the contenders `who`, also outside of the window.
    pub(crate) fn ever_done(&self, who: &[&str]) -> u64 {
        let named = self.measured.iter().filter(|(name, _)| who.contains(name));
        named.flat_map(|(_, rounds)| rounds).map(|round| round.ever_done).sum()
    }

    pub(crate) fn report(&self) -> Result<CaseReport> {
        let lines = self.measured.iter().map(|(who, rounds)| Line::of(who, rounds));
        Ok(CaseReport {
            name: self.name.to_owned(),
            title: self.title.clone(),
            lines: lines.collect::<Result<_>>()?,
        })
    }
}
