//! Checkpoints and what they cover.

use billing_core::ledger::{Checkpoint, CheckpointCopy, CheckpointHead, CheckpointIndex};
use billing_core::ports::StoreError;
use billing_core::values::AccountId;

use super::read::{Reader, at};
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

pub(crate) fn read_checkpoint(row: checkpoints::Model) -> Result<CheckpointCopy, StoreError> {
    let read = Reader::new("checkpoints", row.number);
    // What cannot be read covers nobody: its hash then does not fit, which is what the check tells.
    let index = CheckpointIndex::from_bytes(&row.covers).unwrap_or_default();
    let checkpoint = Checkpoint {
        number: row.number,
        previous: read.hash("previous", &row.previous)?,
        root: read.hash("root", &row.root)?,
        index: read.hash("index_hash", &row.index_hash)?,
        heads: read.small("heads", row.heads)?,
        created_at: at(row.created_at),
        signature: row.signature,
        public_key: row.public_key,
    };
    Ok(CheckpointCopy { checkpoint, index })
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

pub(crate) fn read_checkpoint_head(row: &checkpoint_heads::Model) -> Result<CheckpointHead, StoreError> {
    let read = Reader::new("checkpoint_heads", row.account_id);
    Ok(CheckpointHead {
        account: AccountId::from_uuid(row.account_id),
        seq: row.seq,
        head: read.hash("head", &row.head)?,
        usages: row.usages,
        usage_head: read.hash("usage_head", &row.usage_head)?,
    })
}
