//! Load generation.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::contender::{Contender, Spend};
use crate::measure::{Measured, numbers};

/// More than any account has.
const TOO_MUCH: i64 = 1 << 50;

/// A workload.
#[derive(Debug, Clone)]
pub(crate) struct Workload {
    /// The accounts, uniformly distributed.
    pub(crate) accounts: Range<usize>,
    /// The percentage of spends that exceed the balance.
    pub(crate) refused: u32,
    /// The number of concurrent callers.
    pub(crate) callers: usize,
    /// Whether a checkpoint is run first.
    pub(crate) after_checkpoint: bool,
    /// The warm-up before the measurement.
    pub(crate) warm_up: Duration,
    /// The length of the measurement.
    pub(crate) measure: Duration,
}

/// Closed loop: each caller continues as soon as it is answered.
pub(crate) async fn closed_loop(contender: Arc<dyn Contender>, workload: &Workload) -> Result<Measured> {
    let window = Window::after(Instant::now(), workload);
    let spending = contender.clone();
    let asked = workload.clone();
    let callers = start_callers(workload, &window, move |caller, chance| {
        let spend = next(&asked, caller, chance);
        let contender = spending.clone();
        async move { contender.spend(spend).await }
    });
    let batches = batches_within(&*contender, &window).await;
    let mut all = together(callers, workload).await?;
    all.batch_size = batches;
    Ok(all)
}

/// Open loop: spends start at `rate` per second, independent of earlier ones. Latency counts from the scheduled start,
/// so that a stall affects all spends during it.
pub(crate) async fn open_loop(
    contender: Arc<dyn Contender>,
    workload: &Workload,
    rate: f64,
) -> Result<Measured> {
    let start = Instant::now();
    let window = Window::after(start, workload);
    let mut chance = StdRng::seed_from_u64(rand_seed(0));
    let mut spends: JoinSet<Result<(bool, bool, Instant, Instant)>> = JoinSet::new();
    let mut all = Measured { seconds: workload.measure.as_secs_f64(), ..Measured::empty()? };
    let mut count = 0.0_f64;
    loop {
        let due = start + Duration::from_secs_f64(count / rate);
        let counts = window.takes(due);
        if due >= window.end && !counts {
            break;
        }
        if counts {
            all.seconds = all.seconds.max((due - window.begin).as_secs_f64());
        }
        sleep_until(due).await;
        count += 1.0;
        let spend = next(workload, 0, &mut chance);
        let contender = contender.clone();
        spends.spawn(async move { Ok((counts, contender.spend(spend).await?, due, Instant::now())) });
        while let Some(ended) = spends.try_join_next() {
            let (counts, done, due, end) = ended.context("a caller panicked")??;
            all.count(done, due, end, counts)?;
        }
    }
    while let Some(ended) = spends.join_next().await {
        let (counts, done, due, end) = ended.context("a caller panicked")??;
        all.count(done, due, end, counts)?;
    }
    Ok(all)
}

/// Each of `callers` connections reads again as soon as it is answered.
pub(crate) async fn reads<F, R>(workload: &Workload, read: F) -> Result<Measured>
where
    F: Fn(usize, usize) -> R + Clone + Send + 'static,
    R: Future<Output = Result<()>> + Send + 'static,
{
    let window = Window::after(Instant::now(), workload);
    let accounts = workload.accounts.clone();
    let callers = start_callers(workload, &window, move |caller, chance| {
        let reading = read(caller, chance.random_range(accounts.clone()));
        async move { reading.await.map(|()| true) }
    });
    together(callers, workload).await
}

/// Starts the callers; each runs until the window has closed and counted something.
fn start_callers<F, R>(workload: &Workload, window: &Window, ask: F) -> JoinSet<Result<Measured>>
where
    F: Fn(usize, &mut StdRng) -> R + Clone + Send + 'static,
    R: Future<Output = Result<bool>> + Send + 'static,
{
    let mut callers = JoinSet::new();
    for caller in 0..workload.callers {
        let (ask, window) = (ask.clone(), window.clone());
        callers.spawn(async move {
            let mut chance = StdRng::seed_from_u64(rand_seed(caller));
            let mut seen = Measured::empty()?;
            while window.is_open(Instant::now()) {
                let begun = Instant::now();
                let done = ask(caller, &mut chance).await?;
                let end = Instant::now();
                let counts = window.takes(end);
                if counts {
                    seen.seconds = (end - window.begin).as_secs_f64();
                }
                seen.count(done, begun, end, counts)?;
            }
            anyhow::Ok(seen)
        });
    }
    callers
}

/// The merged measurement of all callers.
async fn together(mut callers: JoinSet<Result<Measured>>, workload: &Workload) -> Result<Measured> {
    let mut all = Measured { seconds: workload.measure.as_secs_f64(), ..Measured::empty()? };
    while let Some(caller) = callers.join_next().await {
        let seen = caller.context("a caller panicked")??;
        all.seconds = all.seconds.max(seen.seconds);
        all.merge(&seen)?;
    }
    Ok(all)
}

/// The measured window. The first answer counts even after the window's end: on a busy machine a measurement takes
/// longer, and is not empty.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    begin: Instant,
    end: Instant,
    counted: Arc<AtomicBool>,
}

impl Window {
    fn after(start: Instant, workload: &Workload) -> Self {
        let begin = start + workload.warm_up;
        Self { begin, end: begin + workload.measure, counted: Arc::default() }
    }

    /// Whether an answer at `moment` counts; from then on the window is not empty.
    fn takes(&self, moment: Instant) -> bool {
        moment >= self.begin && (!self.counted.swap(true, Ordering::Relaxed) || moment < self.end)
    }

    fn is_open(&self, now: Instant) -> bool {
        now < self.end || !self.counted.load(Ordering::Relaxed)
    }
}

/// The spends per transaction within the window.
async fn batches_within(contender: &dyn Contender, window: &Window) -> Option<f64> {
    sleep_until(window.begin).await;
    let before = contender.batches();
    sleep_until(window.end).await;
    let after = contender.batches();
    let (batches, spends) = (after.0.saturating_sub(before.0), after.1.saturating_sub(before.1));
    (batches > 0).then(|| numbers::float(spends) / numbers::float(batches))
}

fn next(workload: &Workload, caller: usize, chance: &mut StdRng) -> Spend {
    let refused = workload.refused > 0 && chance.random_range(0..100) < workload.refused;
    Spend {
        caller,
        account: chance.random_range(workload.accounts.clone()),
        amount: if refused { TOO_MUCH } else { 1 },
        unique: (u128::from(chance.next_u64()) << 64) | u128::from(chance.next_u64()),
    }
}

/// A distinct seed per caller and measurement: keys must not repeat.
fn rand_seed(caller: usize) -> u64 {
    static MEASUREMENTS: AtomicU64 = AtomicU64::new(0);
    let number = MEASUREMENTS.fetch_add(1, Ordering::Relaxed);
    let process = u64::from(std::process::id());
    let caller = u64::try_from(caller).unwrap_or_default();
    (process << 40) ^ (number << 12) ^ caller
}

/// An empty histogram of microseconds, up to a minute, with three digits.
pub(crate) fn histogram() -> Result<Histogram<u64>> {
    Histogram::new_with_bounds(1, 60_000_000, 3).context("the histogram's bounds are wrong")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_first_counts_however_late_it_comes() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let workload = Workload {
            accounts: 0..1,
            refused: 0,
            callers: 1,
            after_checkpoint: false,
            warm_up: second,
            measure: second,
        };
        let slow = Window::after(start, &workload);
        assert!(!slow.takes(start) && slow.is_open(start + 9 * second));
        assert!(slow.takes(start + 9 * second));
        assert!(!slow.takes(start + 9 * second) && !slow.is_open(start + 9 * second));
        let fast = Window::after(start, &workload);
        assert!(fast.takes(start + second) && fast.is_open(start + second));
        assert!(fast.takes(start + second) && !fast.takes(start + 2 * second));
    }
}
