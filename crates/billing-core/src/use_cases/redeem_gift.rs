//! Redeem a gift.

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

/// A gift that somebody has, and what it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedeemedGift {
    /// The gift.
    pub gift: Gift,
    /// The subscription.
    pub shown: ShownSubscription,
    /// Whether this answers a repetition: nothing was begun now.
    pub replayed: bool,
}

/// Begins what the gift with this code brings, once and for one account: the gift, its subscription, the account's slot
/// and the credits are committed together, over the gift as it was read. Of many who redeem it at once, one does.
///
/// The payment learns for which credits it was paid, so that they go if the money does.
///
/// # Errors
///
/// [`BillingError::Gift`] says why it cannot be redeemed; [`BillingError::Checkout`] if the account is subscribed.
pub(crate) async fn redeem_gift(
    ports: &Ports,
    external_id: &ExternalId,
    code: &str,
    key: Option<&RequestKey>,
) -> Result<RedeemedGift, BillingError> {
    // What cannot be a code is one that nobody has.
    let code = &GiftCode::parse(code).ok_or(GiftRefusal::NotFound)?;
    let known = ports.find_account(external_id).await?;
    if known.is_none() {
        // Whatever can be refused is refused before the account is made.
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
        // Somebody else was faster: the next look finds who.
        Err(CommitError::Refused(Refusal::AlreadyGranted { .. })) => return Err(Again::Conflict),
        Err(error) => return Err(error.into()),
    }
    gift.version = gift.version.saturating_add(1);
    Ok(RedeemedGift { gift, shown, replayed: false })
}

async fn by_code(ports: &Ports, code: &GiftCode) -> Result<Gift, BillingError> {
    Ok(ports.store.billing.gift(GiftRef::Code(code)).await?.ok_or(GiftRefusal::NotFound)?)
}

/// Whether none of the money is there any more, or for now: it is disputed.
fn is_gone(ports: &Ports, payment: &Payment) -> bool {
    let provider = ports.provider(payment.channel).map(PaymentProvider::capabilities);
    let together = provider.is_some_and(|table| table.can(Capability::DisputesAreRefunded));
    payment.paid.minor > 0 && payment.reversed(together).for_now >= payment.paid.minor
}
