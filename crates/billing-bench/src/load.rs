//! Callers.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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

/// What callers ask for.
#[derive(Debug, Clone)]
pub(crate) struct Workload {
    /// Which accounts, each as likely as any other.
    pub(crate) accounts: Range<usize>,
    /// How many spends of a hundred ask for more than there is.
    pub(crate) refused: u32,
    /// How many callers ask at once.
    pub(crate) callers: usize,
    /// How long they ask before anything counts.
    pub(crate) warm_up: Duration,
    /// How long they are measured.
    pub(crate) measure: Duration,
}

/// Each caller asks again as soon as it is answered.
pub(crate) async fn closed_loop(contender: Arc<dyn Contender>, workload: &Workload) -> Result<Measured> {
    let start = Instant::now();
    let window = Window::after(start, workload);
    let mut callers = JoinSet::new();
    for caller in 0..workload.callers {
        let (contender, workload) = (contender.clone(), workload.clone());
        callers.spawn(async move {
            let mut chance = StdRng::seed_from_u64(rand_seed(caller));
            let mut seen = Measured::empty()?;
            while Instant::now() < window.end {
                let begun = Instant::now();
                let done = contender.spend(next(&workload, caller, &mut chance)).await?;
                seen.add(done, begun, Instant::now(), window)?;
            }
            anyhow::Ok(seen)
        });
    }
    let batches = batches_within(&*contender, window).await;
    let mut all = Measured::empty()?;
    while let Some(caller) = callers.join_next().await {
        all.merge(&caller.context("a caller panicked")??)?;
    }
    all.seconds = workload.measure.as_secs_f64();
    all.batch_size = batches;
    Ok(all)
}

/// Spends begin at `rate` a second, however long those before them take. Latency counts from the moment at
/// which a spend should have begun, so that a stall is felt by everybody who came during it.
pub(crate) async fn open_loop(
    contender: Arc<dyn Contender>,
    workload: &Workload,
    rate: f64,
) -> Result<Measured> {
    let start = Instant::now();
    let window = Window::after(start, workload);
    let mut chance = StdRng::seed_from_u64(rand_seed(0));
    let mut spends: JoinSet<Result<(bool, Instant, Instant)>> = JoinSet::new();
    let mut all = Measured::empty()?;
    let mut count = 0.0_f64;
    loop {
        let due = start + Duration::from_secs_f64(count / rate);
        if due >= window.end {
            break;
        }
        sleep_until(due).await;
        count += 1.0;
        let spend = next(workload, 0, &mut chance);
        let contender = contender.clone();
        spends.spawn(async move { Ok((contender.spend(spend).await?, due, Instant::now())) });
        while let Some(ended) = spends.try_join_next() {
            let (done, due, end) = ended.context("a caller panicked")??;
            all.add_by_begin(done, due, end, window)?;
        }
    }
    while let Some(ended) = spends.join_next().await {
        let (done, due, end) = ended.context("a caller panicked")??;
        all.add_by_begin(done, due, end, window)?;
    }
    all.seconds = workload.measure.as_secs_f64();
    Ok(all)
}

/// Each of `callers` connections reads again as soon as it is answered.
pub(crate) async fn reads<F, R>(workload: &Workload, read: F) -> Result<Measured>
where
    F: Fn(usize, usize) -> R + Clone + Send + 'static,
    R: Future<Output = Result<()>> + Send + 'static,
{
    let window = Window::after(Instant::now(), workload);
    let mut callers = JoinSet::new();
    for caller in 0..workload.callers {
        let (read, accounts) = (read.clone(), workload.accounts.clone());
        callers.spawn(async move {
            let mut chance = StdRng::seed_from_u64(rand_seed(caller));
            let mut seen = Measured::empty()?;
            while Instant::now() < window.end {
                let begun = Instant::now();
                read(caller, chance.random_range(accounts.clone())).await?;
                seen.add(true, begun, Instant::now(), window)?;
            }
            anyhow::Ok(seen)
        });
    }
    let mut all = Measured::empty()?;
    while let Some(caller) = callers.join_next().await {
        all.merge(&caller.context("a caller panicked")??)?;
    }
    all.seconds = workload.measure.as_secs_f64();
    Ok(all)
}

/// When it counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) begin: Instant,
    pub(crate) end: Instant,
}

impl Window {
    fn after(start: Instant, workload: &Workload) -> Self {
        let begin = start + workload.warm_up;
        Self { begin, end: begin + workload.measure }
    }
}

/// How many spends a transaction had while it counted.
async fn batches_within(contender: &dyn Contender, window: Window) -> Option<f64> {
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

/// Another seed for every caller of every measurement: the keys of no two may be the same.
fn rand_seed(caller: usize) -> u64 {
    static MEASUREMENTS: AtomicU64 = AtomicU64::new(0);
    let number = MEASUREMENTS.fetch_add(1, Ordering::Relaxed);
    let process = u64::from(std::process::id());
    let caller = u64::try_from(caller).unwrap_or_default();
    (process << 40) ^ (number << 12) ^ caller
}

/// An empty histogram of microseconds, up to a minute, to three digits.
pub(crate) fn histogram() -> Result<Histogram<u64>> {
    Histogram::new_with_bounds(1, 60_000_000, 3).context("the histogram's bounds are wrong")
}
