//! Publish a root of the ledger, and show that it covers an account.

use super::ensure_account::account_id;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::{Proof, Seal};
use crate::ports::StoreError;

/// How many accounts a seal covers at most.
const MOST: u32 = 10_000;

/// Seals the accounts that went on since the last seal; none if none did, nobody signs, or another process was
/// faster.
///
/// # Errors
///
/// [`BillingError::Store`]; may be tried again.
pub(crate) async fn seal_ledger(ports: &Ports) -> Result<Option<Seal>, BillingError> {
    let Some(signer) = &ports.signer else { return Ok(None) };
    let last = ports.seals.last_seal().await?;
    let heads = ports.seals.unsealed_heads(MOST).await?;
    if heads.is_empty() {
        return Ok(None);
    }
    let seal = Seal::after(last.as_ref(), &heads, ports.clock.now(), &**signer);
    let kept = ports.seals.keep_seal(seal.clone(), heads).await?;
    Ok(kept.then_some(seal))
}

/// The proof that the last seal which covers the account covers it; none if none does yet.
///
/// # Errors
///
/// [`BillingError::AccountNotFound`]; [`BillingError::Store`] may be tried again.
pub(crate) async fn prove(ports: &Ports, name: &ExternalId) -> Result<Option<Proof>, BillingError> {
    let account = account_id(ports, name).await?;
    let Some((seal, heads)) = ports.seals.seal_of(account).await? else { return Ok(None) };
    let place = heads.iter().position(|head| head.account == account);
    let number = seal.number;
    let proof = place.and_then(|place| Proof::of(seal, &heads, place));
    let lost = || StoreError::Corrupt(format!("seal {number} does not cover {account}, though it should"));
    Ok(Some(proof.ok_or_else(lost)?))
}
