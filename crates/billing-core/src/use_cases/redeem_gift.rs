//! Redeems gifts.

use super::begin_gift::{begin_gift, begun_before};
use super::ensure_account::ensure_account;
use super::retry::{Again, retry};
use crate::BillingError;
use crate::account_billing::ShownSubscription;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::gifts::{Gift, GiftCode, GiftRefusal, Redeemed};
use crate::ledger::{Actor, Refusal};
use crate::payments::{Capability, Payment};
use crate::ports::{CommitError, GiftRef, PaymentProvider, PaymentQuery};
use crate::values::{AccountId, RequestKey};

/// A redeemed gift, and its subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedeemedGift {
    /// The gift.
    pub gift: Gift,
    /// The subscription.
    pub shown: ShownSubscription,
    /// Whether this is a replay: nothing was begun now.
    pub replayed: bool,
}

/// Redeems the gift with this code, once, for one account: the gift, its subscription, the account's slot and the
/// credits are committed together, guarded by the gift's version. Of concurrent redemptions one succeeds.
///
/// The credits are recorded on the payment, so that a reversal claws them back.
///
/// # Errors
///
/// [`BillingError::Gift`] says why it cannot be redeemed; [`BillingError::Checkout`] if the account has a
/// subscription.
pub(crate) async fn redeem_gift(
    ports: &Ports,
    external_id: &ExternalId,
    code: &str,
    key: Option<&RequestKey>,
) -> Result<RedeemedGift, BillingError> {
    // An invalid code is unknown.
    let code = &GiftCode::parse(code).ok_or(GiftRefusal::NotFound)?;
    let known = ports.find_account(external_id).await?;
    if known.is_none() {
        // All refusals are checked before the account is created.
        by_code(ports, code).await?.redeemable()?;
    }
    let account = match known {
        Some(account) => account.id,
        None => ensure_account(ports, external_id, ports.clock.now()).await?.id,
    };
    retry(ports, || once(ports, account, code, key)).await
}

async fn once(
    ports: &Ports,
    account: AccountId,
    code: &GiftCode,
    key: Option<&RequestKey>,
) -> Result<RedeemedGift, Again> {
    let mut gift = by_code(ports, code).await?;
    if let Some(key) = key
        && let Some(done) = ports.store.billing.gift(GiftRef::Request(account, key)).await?
    {
        if done.id != gift.id {
            return Err(BillingError::from(Refusal::KeyReused).into());
        }
        let shown = begun_before(ports, &done).await?;
        return Ok(RedeemedGift { gift: done, shown, replayed: true });
    }
    let now = ports.clock.now();
    gift.redeem(Redeemed { by: account, at: now, request: key.cloned() })?;
    let mut payments = match gift.order() {
        Some(order) => ports.store.billing.payments(PaymentQuery::Order(order)).await?,
        None => Vec::new(),
    };
    if payments.iter().any(|payment| is_gone(ports, payment)) {
        return Err(GiftRefusal::Refunded.into());
    }
    let (shown, mut changes) = begin_gift(ports, gift.clone(), account, Actor::User, now).await?;
    if !changes.postings.is_empty() {
        for payment in &mut payments {
            payment.grants_for(gift.facts());
        }
        changes.payments = payments;
    }
    match ports.store.writer.commit(changes, now).await {
        Ok(_) => {}
        // A concurrent redemption was committed first: the next read finds it.
        Err(CommitError::Refused(Refusal::AlreadyGranted { .. })) => return Err(Again::Conflict),
        Err(error) => return Err(error.into()),
    }
    gift.version = gift.version.saturating_add(1);
    Ok(RedeemedGift { gift, shown, replayed: false })
}

async fn by_code(ports: &Ports, code: &GiftCode) -> Result<Gift, BillingError> {
    Ok(ports.store.billing.gift(GiftRef::Code(code)).await?.ok_or(GiftRefusal::NotFound)?)
}

/// Whether the payment is fully reversed, possibly by an open dispute.
fn is_gone(ports: &Ports, payment: &Payment) -> bool {
    let provider = ports.provider(payment.channel).map(PaymentProvider::capabilities);
    let together = provider.is_some_and(|table| table.can(Capability::DisputesAreRefunded));
    payment.paid.minor > 0 && payment.reversed(together).for_now >= payment.paid.minor
}
