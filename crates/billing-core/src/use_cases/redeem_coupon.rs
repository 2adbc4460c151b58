//! Redeems coupons that grant credits.

use super::checkout_coupon::{coupon_by_code, past_uses};
use super::ensure_account::ensure_account;
use super::retry::{Again, retry};
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::changes::Changes;
use crate::coupons::{Coupon, CouponCode, CouponEffect, CouponRefusal, CouponUse, Redemption};
use crate::ledger::{Actor, Command, GrantCredits, Posting, Refusal, Source, business_keys};
use crate::ports::RedemptionRef;
use crate::values::{AccountId, Credits, Fingerprint, PostingKey, RequestKey, Timestamp};

/// A redeemed coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedeemedCoupon {
    /// Its code.
    pub code: CouponCode,
    /// Its redemption.
    pub redemption: Redemption,
    /// The credits.
    pub credits: Credits,
    /// Their expiry.
    pub expires_at: Option<Timestamp>,
    /// Whether this is a replay: nothing was given now.
    pub replayed: bool,
}

/// Grants a coupon's credits, once per account. The use and its grant are committed together; of concurrent
/// redemptions one gets the last use.
///
/// # Errors
///
/// [`BillingError::Coupon`] says why it cannot be used; [`BillingError::Ledger`] if the account cannot have credits.
pub(crate) async fn redeem_coupon(
    ports: &Ports,
    external_id: &ExternalId,
    code: &CouponCode,
    key: Option<&RequestKey>,
) -> Result<RedeemedCoupon, BillingError> {
    let known = ports.find_account(external_id).await?;
    if known.is_none() {
        // All refusals are checked before the account is created.
        let coupon = coupon_by_code(ports, code).await?;
        credits_of(&coupon)?;
        coupon.usable(&past_uses(ports, &coupon, None).await?, ports.clock.now())?;
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
    code: &CouponCode,
    key: Option<&RequestKey>,
) -> Result<RedeemedCoupon, Again> {
    let coupon = coupon_by_code(ports, code).await?;
    if let Some(key) = key
        && let Some(done) = ports.store.billing.redemption(RedemptionRef::Request(account, key)).await?
    {
        if done.coupon != coupon.id {
            return Err(BillingError::from(Refusal::KeyReused).into());
        }
        return Ok(redeemed(&coupon, done, true)?);
    }
    let now = ports.clock.now();
    let past = past_uses(ports, &coupon, Some(account)).await?;
    credits_of(&coupon)?;
    coupon.usable(&past, now)?;
    let mut redemption = Redemption::new(coupon.id, account, None, &past, &*ports.ids, now);
    redemption.request_key = key.cloned();
    let mut done = redeemed(&coupon, redemption.clone(), false)?;
    let changes = Changes {
        coupon_uses: vec![CouponUse::Take { coupon: coupon.id, version: coupon.version }],
        redemptions: vec![redemption],
        postings: vec![posting(&done, account)],
        ..Changes::default()
    };
    ports.store.writer.commit(changes, now).await?;
    done.redemption.version = 1;
    Ok(done)
}

/// Its credits, and the days until they expire.
fn credits_of(coupon: &Coupon) -> Result<(Credits, Option<u32>), CouponRefusal> {
    match coupon.effect {
        CouponEffect::Credits { credits, expires_after_days } => Ok((credits, expires_after_days)),
        _ => Err(CouponRefusal::NotApplicable {
            code: coupon.code.clone(),
            why: "it brings no credits; use it when you buy",
        }),
    }
}

fn redeemed(coupon: &Coupon, redemption: Redemption, replayed: bool) -> Result<RedeemedCoupon, BillingError> {
    let (credits, days) = credits_of(coupon)?;
    let expires_at = days.map(|days| redemption.created_at.plus_days(i64::from(days)));
    Ok(RedeemedCoupon { code: coupon.code.clone(), redemption, credits, expires_at, replayed })
}

fn posting(done: &RedeemedCoupon, account: AccountId) -> Posting {
    let fact = business_keys::coupon(done.redemption.id);
    let key = PostingKey::of_business_key(&fact);
    let grant = GrantCredits {
        expires_at: done.expires_at,
        ..GrantCredits::new(done.credits, Source::Promo, fact, format!("Coupon {}", done.code))
    };
    let fingerprint = Fingerprint::of([key.as_str().as_bytes()]);
    Posting { account, key, fingerprint, actor: Actor::User, commands: vec![Command::Grant(grant)] }
}
