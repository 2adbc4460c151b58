//! Publish a root of the ledger, and show that it covers an account.

use super::ensure_account::account_id;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::{Checkpoint, Proof};
use crate::ports::StoreError;

/// How many accounts a checkpoint covers at most.
const MOST: u32 = 10_000;

/// Checkpoints the accounts that went on since the last checkpoint; none if none did, nobody signs, or another process was
/// faster.
///
/// # Errors
///
/// [`BillingError::Store`]; may be tried again.
pub(crate) async fn publish_checkpoint(ports: &Ports) -> Result<Option<Checkpoint>, BillingError> {
    let Some(signer) = &ports.signer else { return Ok(None) };
    let last = ports.checkpoints.last_checkpoint().await?;
    let heads = ports.checkpoints.uncovered_heads(MOST).await?;
    if heads.is_empty() {
        return Ok(None);
    }
    let checkpoint = Checkpoint::after(last.as_ref(), &heads, ports.clock.now(), &**signer);
    let kept = ports.checkpoints.keep_checkpoint(checkpoint.clone(), heads).await?;
    Ok(kept.then_some(checkpoint))
}

/// The proof that the last checkpoint which covers the account covers it; none if none does yet.
///
/// # Errors
///
/// [`BillingError::AccountNotFound`]; [`BillingError::Store`] may be tried again.
pub(crate) async fn prove(ports: &Ports, name: &ExternalId) -> Result<Option<Proof>, BillingError> {
    let account = account_id(ports, name).await?;
    let Some((checkpoint, heads)) = ports.checkpoints.latest_checkpoint_of(account).await? else {
        return Ok(None);
    };
    let place = heads.iter().position(|head| head.account == account);
    let number = checkpoint.number;
    let proof = place.and_then(|place| Proof::of(checkpoint, &heads, place));
    let lost =
        || StoreError::Corrupt(format!("checkpoint {number} does not cover {account}, though it should"));
    Ok(Some(proof.ok_or_else(lost)?))
}
