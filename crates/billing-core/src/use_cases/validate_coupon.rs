//! Validates coupons without using them.

use super::CheckoutRefusal;
use super::checkout_coupon::{apply, check_use, coupon_by_code, past_uses};
use super::checkout_offer::{PurchaseItem, Template, gift_offer};
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::coupons::{Coupon, CouponCode, Priced};

/// A usable coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidCoupon {
    /// The coupon.
    pub coupon: Coupon,
    /// Its effect on the price of the item.
    pub priced: Option<Priced>,
}

/// The effect of the code for the account on the `wanted` item, or whether it can be used at all. Nothing is reserved:
/// a later checkout may find it used up.
///
/// # Errors
///
/// [`BillingError::Coupon`] says why it cannot be used.
pub(crate) async fn validate_coupon(
    ports: &Ports,
    account: &ExternalId,
    code: &CouponCode,
    wanted: Option<PurchaseItem>,
) -> Result<ValidCoupon, BillingError> {
    let now = ports.clock.now();
    let account = ports.find_account(account).await?.map(|account| account.id);
    if let Some(wanted) = wanted {
        let template = template(ports, wanted).await?;
        let applied = apply(ports, code, account, &template, now).await?;
        return Ok(ValidCoupon { coupon: applied.coupon, priced: Some(applied.priced) });
    }
    let coupon = coupon_by_code(ports, code).await?;
    check_use(&coupon, &past_uses(ports, &coupon, account).await?, now)?;
    Ok(ValidCoupon { coupon, priced: None })
}

/// The item on sale, for any provider.
async fn template(ports: &Ports, wanted: PurchaseItem) -> Result<Template, BillingError> {
    match wanted {
        PurchaseItem::Pack(id) => {
            let pack =
                ports.store.catalog.pack(id).await?.ok_or_else(|| BillingError::not_found("pack", id))?;
            if pack.active {
                Ok(Template::Pack(pack))
            } else {
                Err(CheckoutRefusal::NotOnSale(pack.slug).into())
            }
        }
        PurchaseItem::Gift(id, months) => {
            let (plan, sold) = gift_offer(ports, id, months).await?;
            Ok(Template::Gift(plan, months, sold))
        }
        PurchaseItem::Plan(id, interval) => {
            let plan =
                ports.store.catalog.plan(id).await?.ok_or_else(|| BillingError::not_found("plan", id))?;
            match plan.price(interval).filter(|_| plan.active) {
                Some(price) => Ok(Template::Plan(plan, interval, price)),
                None => Err(CheckoutRefusal::NotOnSale(plan.slug).into()),
            }
        }
    }
}
