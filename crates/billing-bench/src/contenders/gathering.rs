//! Group commit, for contenders.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, anyhow};
use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use crate::contender::{Contender, Spend};

/// The maximum spends of a transaction, as ours.
const MOST: usize = 512;
/// The limit of a writer's queue.
const WAITING: usize = 8192;

/// Executes spends in one transaction, in order.
#[async_trait]
pub(crate) trait Transaction: Send + Sync + 'static {
    /// Returns for each whether its account had enough.
    async fn carry_out(&self, spends: &[Spend]) -> Result<Vec<bool>>;
}

/// A spend and its waiting caller.
type Job = (Spend, oneshot::Sender<Result<bool>>);

/// A few writer tasks with sharded accounts; each takes all spends that arrived during its last commit.
pub(crate) struct Gathering {
    writers: Vec<mpsc::Sender<Job>>,
    batches: Arc<AtomicU64>,
    spends: Arc<AtomicU64>,
}

impl Gathering {
    pub(crate) fn start(transaction: impl Transaction, writers: usize) -> Self {
        let transaction = Arc::new(transaction);
        let (batches, spends) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let writers = (0..writers)
            .map(|_| {
                let (sender, jobs) = mpsc::channel(WAITING);
                tokio::spawn(write(transaction.clone(), jobs, batches.clone(), spends.clone()));
                sender
            })
            .collect();
        Self { writers, batches, spends }
    }
}

#[async_trait]
impl Contender for Gathering {
    async fn spend(&self, spend: Spend) -> Result<bool> {
        let writer = self.writers.get(spend.account % self.writers.len()).context("no writer")?;
        let (answer, answered) = oneshot::channel();
        writer.try_send((spend, answer)).map_err(|error| anyhow!("the writer takes nothing: {error}"))?;
        answered.await.context("the writer ended")?
    }

    fn batches(&self) -> (u64, u64) {
        (self.batches.load(Ordering::Relaxed), self.spends.load(Ordering::Relaxed))
    }
}

async fn write(
    transaction: Arc<impl Transaction>,
    mut jobs: mpsc::Receiver<Job>,
    batches: Arc<AtomicU64>,
    counted: Arc<AtomicU64>,
) {
    let mut batch = Vec::with_capacity(MOST);
    while jobs.recv_many(&mut batch, MOST).await > 0 {
        let spends: Vec<Spend> = batch.iter().map(|(spend, _)| *spend).collect();
        batches.fetch_add(1, Ordering::Relaxed);
        counted.fetch_add(u64::try_from(spends.len()).unwrap_or_default(), Ordering::Relaxed);
        let ended = transaction.carry_out(&spends).await;
        for (place, (_, answer)) in batch.drain(..).enumerate() {
            let own = match &ended {
                Ok(done) => done.get(place).copied().context("a spend without an outcome"),
                Err(error) => Err(anyhow!("{error:#}")),
            };
            // The caller may be gone.
            let _ = answer.send(own);
        }
        // As ours: callers that were just answered may enqueue again first.
        let mut waiting = jobs.len();
        loop {
            tokio::task::yield_now().await;
            if jobs.len() <= waiting || jobs.len() >= MOST {
                break;
            }
            waiting = jobs.len();
        }
    }
}
