//! Rows of checkpoints and their heads.

use billing_core::ledger::{ChainHash, Checkpoint, CheckpointCopy, CheckpointHead, CheckpointIndex};
use billing_core::values::AccountId;

use super::read::at;
use crate::entity::{checkpoint_heads, checkpoints};

pub(crate) fn checkpoint_model(copy: &CheckpointCopy) -> checkpoints::Model {
    let checkpoint = &copy.checkpoint;
    checkpoints::Model {
        number: checkpoint.number,
        previous: checkpoint.previous.bytes().to_vec(),
        root: checkpoint.root.bytes().to_vec(),
        covers: copy.index.to_bytes(),
        index_hash: checkpoint.index.bytes().to_vec(),
        heads: i64::from(checkpoint.heads),
        created_at: checkpoint.created_at.micros(),
        signature: checkpoint.signature.clone(),
        public_key: checkpoint.public_key.clone(),
    }
}

/// The checkpoint in `row`. Unreadable fields become empty: they then differ from what was signed, which the
/// verification reports, and the other checkpoints stay readable.
pub(crate) fn read_checkpoint(row: checkpoints::Model) -> CheckpointCopy {
    let checkpoint = Checkpoint {
        number: row.number,
        previous: hash(&row.previous),
        root: hash(&row.root),
        index: hash(&row.index_hash),
        heads: u32::try_from(row.heads).unwrap_or_default(),
        created_at: at(row.created_at),
        signature: row.signature,
        public_key: row.public_key,
    };
    CheckpointCopy { checkpoint, index: CheckpointIndex::from_bytes(&row.covers).unwrap_or_default() }
}

pub(crate) fn checkpoint_head_models(
    number: i64,
    heads: &[CheckpointHead],
) -> impl Iterator<Item = checkpoint_heads::Model> {
    heads.iter().zip(0_i64..).map(move |(head, position)| checkpoint_heads::Model {
        checkpoint: number,
        position,
        account_id: head.account.uuid(),
        seq: head.seq,
        head: head.head.bytes().to_vec(),
        usages: head.usages,
        usage_head: head.usage_head.bytes().to_vec(),
    })
}

/// As [`read_checkpoint`].
pub(crate) fn read_checkpoint_head(row: &checkpoint_heads::Model) -> CheckpointHead {
    CheckpointHead {
        account: AccountId::from_uuid(row.account_id),
        seq: row.seq,
        head: hash(&row.head),
        usages: row.usages,
        usage_head: hash(&row.usage_head),
    }
}

fn hash(bytes: &[u8]) -> ChainHash {
    bytes.try_into().map_or(ChainHash::GENESIS, ChainHash::from_bytes)
}
