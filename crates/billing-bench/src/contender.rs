//! The contenders' interface.

use anyhow::Result;
use async_trait::async_trait;

/// A spend.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spend {
    /// The caller's index.
    pub(crate) caller: usize,
    /// The account's index.
    pub(crate) account: usize,
    /// The credits.
    pub(crate) amount: i64,
    /// A unique number.
    pub(crate) unique: u128,
}

/// A way of spending that is durable when it answers.
#[async_trait]
pub(crate) trait Contender: Send + Sync {
    /// Takes credits and returns whether they sufficed.
    ///
    /// # Errors
    ///
    /// Any error ends the benchmark.
    async fn spend(&self, spend: Spend) -> Result<bool>;

    /// The transactions so far, and the spends in them; for group commit.
    fn batches(&self) -> (u64, u64) {
        (0, 0)
    }
}
