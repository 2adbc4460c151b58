//! Gives an account a plan free of charge.

use super::begin_gift::{begin_gift, begun_before, plan_of};
use super::ensure_account::ensure_account;
use super::redeem_gift::RedeemedGift;
use super::retry::{Again, retry};
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::catalog::Interval;
use crate::gifts::{Gift, GiftOrigin, GiftPlan, MOST_MONTHS, Redeemed, gift_price};
use crate::ledger::{Actor, Refusal};
use crate::ports::GiftRef;
use crate::values::{AccountId, PlanId, RequestKey};

/// A plan given by an operator.
#[derive(Debug, Clone)]
pub struct GiveSubscription {
    /// The account; created if it is unknown.
    pub account: ExternalId,
    /// The plan, on sale or not.
    pub plan: PlanId,
    /// The months, 1 to 36.
    pub months: u32,
    /// The operator's reason.
    pub reason: String,
    /// The request's key, so that a retry gives nothing more.
    pub key: RequestKey,
    /// The operator.
    pub actor: Actor,
}

/// Gives an account a plan for a number of months, like a redeemed gift: it is never charged.
///
/// # Errors
///
/// [`BillingError::Invalid`] names the invalid field; [`BillingError::Checkout`] if the account has a subscription.
pub(crate) async fn give_subscription(
    ports: &Ports,
    ask: &GiveSubscription,
) -> Result<RedeemedGift, BillingError> {
    if !(1..=MOST_MONTHS).contains(&ask.months) {
        return Err(BillingError::Invalid { field: "months", problem: format!("takes 1 to {MOST_MONTHS}") });
    }
    plan_of(ports, ask.plan).await?;
    let account = ensure_account(ports, &ask.account, ports.clock.now()).await?.id;
    retry(ports, || once(ports, ask, account)).await
}

async fn once(ports: &Ports, ask: &GiveSubscription, account: AccountId) -> Result<RedeemedGift, Again> {
    if let Some(done) = ports.store.billing.gift(GiftRef::Request(account, &ask.key)).await? {
        if !is_same(&done, ask) {
            return Err(BillingError::from(Refusal::KeyReused).into());
        }
        let shown = begun_before(ports, &done).await?;
        return Ok(RedeemedGift { gift: done, shown, replayed: true });
    }
    let now = ports.clock.now();
    let plan = plan_of(ports, ask.plan).await?;
    let interval = gift_price(&plan, ask.months).map_or(Interval::Monthly, |(interval, _)| interval);
    let given = GiftPlan { plan: plan.id, months: ask.months, interval, terms: plan.terms() };
    let redeemed = Redeemed { by: account, at: now, request: Some(ask.key.clone()) };
    let why = (ask.reason.clone(), ask.actor.clone());
    let mut gift = Gift::complimentary(why, given, redeemed, &*ports.ids);
    let (shown, changes) = begin_gift(ports, gift.clone(), account, ask.actor.clone(), now).await?;
    ports.store.writer.commit(changes, now).await?;
    gift.version = 1;
    Ok(RedeemedGift { gift, shown, replayed: false })
}

fn is_same(gift: &Gift, ask: &GiveSubscription) -> bool {
    let reason = match &gift.origin {
        GiftOrigin::Complimentary { reason, .. } => Some(reason),
        GiftOrigin::Bought { .. } => None,
    };
    reason == Some(&ask.reason) && gift.plan.plan == ask.plan && gift.plan.months == ask.months
}
