//! What is compared.

use anyhow::Result;
use async_trait::async_trait;

/// Credits to take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spend {
    /// Which of the callers asks.
    pub(crate) caller: usize,
    /// Whose credits, by place in the list of accounts.
    pub(crate) account: usize,
    /// How many.
    pub(crate) amount: i64,
    /// Unlike any other spend's.
    pub(crate) unique: u128,
}

/// One way of spending, durable when it answers.
#[async_trait]
pub(crate) trait Contender: Send + Sync {
    /// Takes credits and says whether they sufficed.
    ///
    /// # Errors
    ///
    /// Whatever went wrong: a benchmark in which something goes wrong is over.
    async fn spend(&self, spend: Spend) -> Result<bool>;

    /// Transactions so far, and spends in them; for those that gather.
    fn batches(&self) -> (u64, u64) {
        (0, 0)
    }
}
