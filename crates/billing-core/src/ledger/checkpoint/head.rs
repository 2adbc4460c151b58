//! The head of an account.

use crate::ledger::merkle::leaf;
use crate::ledger::{Balance, ChainHash};
use crate::values::AccountId;

/// The head of an account at the time of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointHead {
    /// The account.
    pub account: AccountId,
    /// The number of its last entry.
    pub seq: i64,
    /// The hash of that entry.
    pub head: ChainHash,
    /// The number of its last usage.
    pub usages: i64,
    /// The hash of that usage.
    pub usage_head: ChainHash,
}

impl CheckpointHead {
    /// The head on a balance row.
    pub fn of(balance: &Balance) -> Self {
        Self {
            account: balance.account,
            seq: balance.seq,
            head: balance.head,
            usages: balance.usages,
            usage_head: balance.usage_head,
        }
    }

    /// Its leaf in the Merkle tree.
    pub fn leaf(&self) -> ChainHash {
        let (account, seq) = (self.account.uuid(), self.seq.to_be_bytes());
        let (head, usages) = (self.head.bytes(), self.usages.to_be_bytes());
        let usage_head = self.usage_head.bytes();
        leaf([b"billing head 1".as_slice(), account.as_bytes(), &seq, head, &usages, usage_head])
    }
}
