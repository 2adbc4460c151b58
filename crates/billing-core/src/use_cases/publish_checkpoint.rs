//! Publishes checkpoints, and proves that they cover an account.

use super::ensure_account::account_id;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::{Checkpoint, CheckpointRecord, Proof};
use crate::ports::StoreError;

/// The maximum number of accounts of a checkpoint.
const MOST: u32 = 10_000;

/// The number of checkpoints that are copied together.
const PAGE: u32 = 20;

/// Publishes a checkpoint over the accounts that changed since the last one, and copies it outside; none if none did,
/// there is no signer, or another process was faster.
///
/// # Errors
///
/// [`BillingError::Store`]; safe to retry. [`StoreError::Corrupt`] if the checkpoints in the database differ from the
/// copies: then nothing is signed on top of them.
pub(crate) async fn publish_checkpoint(ports: &Ports) -> Result<Option<Checkpoint>, BillingError> {
    let Some(signer) = &ports.signer else { return Ok(None) };
    copy_checkpoints(ports).await?;
    let last = ports.store.checkpoints.last_checkpoint().await?;
    let unknown = ports.checkpoint_keys.as_ref().zip(last.as_ref());
    if let Some((last, problem)) = unknown.and_then(|(keys, last)| Some((last, keys.key_problem(last)?))) {
        // The key is newer than this process's configuration, or forged.
        return Err(StoreError::Corrupt(format!("checkpoint {} {problem}", last.number)).into());
    }
    let heads = ports.store.checkpoints.uncovered_heads(MOST).await?;
    if heads.is_empty() {
        return Ok(None);
    }
    let record = CheckpointRecord::after(last.as_ref(), heads, ports.clock.now(), &**signer);
    let checkpoint = record.copy.checkpoint.clone();
    let kept = ports.store.checkpoints.keep_checkpoint(record).await?;
    copy_checkpoints(ports).await?;
    Ok(kept.then_some(checkpoint))
}

/// Copies the checkpoints since the last copy, whichever process published them. The first copy starts with the last
/// checkpoint, whose hash covers those before.
async fn copy_checkpoints(ports: &Ports) -> Result<(), BillingError> {
    let copies = &ports.checkpoint_copies;
    let Some(last) = ports.store.checkpoints.last_checkpoint().await? else {
        return match copies.last().await? {
            Some(copy) => Err(other_history(copy.checkpoint.number).into()),
            None => Ok(()),
        };
    };
    let mut number = match copies.last().await? {
        Some(copy) if copy.checkpoint == last => return Ok(()),
        Some(copy) => {
            let before = copy.checkpoint.number.saturating_sub(1);
            let same = ports.store.checkpoints.checkpoints(before, 1).await?;
            if same.first().is_none_or(|record| record.copy != copy) {
                return Err(other_history(copy.checkpoint.number).into());
            }
            copy.checkpoint.number
        }
        None => last.number.saturating_sub(1),
    };
    while number < last.number {
        let records = ports.store.checkpoints.checkpoints(number, PAGE).await?;
        let Some(end) = records.last() else { break };
        number = end.copy.checkpoint.number;
        for record in records {
            copies.append(record.copy).await?;
        }
    }
    Ok(())
}

fn other_history(number: i64) -> StoreError {
    StoreError::Corrupt(format!(
        "checkpoint {number} is not in the database as it was copied: checkpoints were changed or cut off, or the \
         database is an older one"
    ))
}

/// The inclusion proof of the account in the last checkpoint that covers it; none if none does yet.
///
/// # Errors
///
/// [`BillingError::AccountNotFound`]; [`BillingError::Store`] is safe to retry.
pub(crate) async fn prove(ports: &Ports, name: &ExternalId) -> Result<Option<Proof>, BillingError> {
    let account = account_id(ports, name).await?;
    let Some((checkpoint, heads)) = ports.store.checkpoints.latest_checkpoint_of(account).await? else {
        return Ok(None);
    };
    let place = heads.iter().position(|head| head.account == account);
    let number = checkpoint.number;
    let proof = place.and_then(|place| Proof::of(checkpoint, &heads, place));
    let lost =
        || StoreError::Corrupt(format!("checkpoint {number} does not cover {account}, though it should"));
    Ok(Some(proof.ok_or_else(lost)?))
}
