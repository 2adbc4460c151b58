//! Orders with a coupon.

use super::{Order, OrderItem, OrderStatus, Trial};
use crate::catalog::Plan;
use crate::coupons::{Coupon, Discount, Duration, Priced, Redemption, Reduction, Settled, percent_of};
use crate::payments::{CheckoutDiscount, CheckoutSession, DiscountLength};
use crate::values::{Money, Timestamp, Zone};

/// What the provider puts the id of its checkout in the place of, as Stripe does. An order that is free has none: there
/// the order's own id stands for it.
const SESSION_PLACEHOLDER: &str = "{CHECKOUT_SESSION_ID}";

impl Order {
    /// Applies `coupon` as reserved by `redemption`, with the prices in `priced`; `plan` is the ordered plan, if it is
    /// one. Free days replace a shorter trial. A reduced price replaces a trial, too: a provider may treat the free
    /// trial as the payment that the discount applies to.
    pub fn agree_on(
        &mut self,
        coupon: &Coupon,
        redemption: &Redemption,
        priced: Priced,
        plan: Option<&Plan>,
    ) {
        self.price = priced.price();
        self.discount = Some(Discount {
            redemption: redemption.id,
            coupon: coupon.id,
            code: coupon.code.clone(),
            amount: priced.amount,
            off: priced.off,
            duration: coupon.duration,
        });
        let OrderItem::Plan { trial, .. } = &mut self.item else { return };
        if priced.off.is_some() {
            *trial = None;
        }
        if let Some((days, plan)) = priced.trial_days.zip(plan) {
            let days = trial.map_or(days, |trial| trial.days.max(days));
            *trial = Some(Trial { days, credits: plan.trial_credits });
        }
    }

    /// The price without the coupon.
    pub fn list_price(&self) -> Money {
        let off = self.discount.as_ref().map_or(0, |discount| discount.amount);
        Money::new(self.price.minor.saturating_add(off), self.price.currency)
    }

    /// Whether the coupon takes off the whole price of a pack, so that no provider is needed.
    pub fn is_free(&self) -> bool {
        let off = self.discount.as_ref().is_some_and(|discount| discount.amount > 0);
        off && self.price.minor == 0 && matches!(self.item, OrderItem::Pack { .. })
    }

    /// The session of a free order: the buyer returns as if it had been paid.
    pub fn free_session(&self) -> Option<CheckoutSession> {
        let done = self.is_free() && self.session.is_none() && self.status == OrderStatus::Completed;
        done.then(|| CheckoutSession {
            id: self.id.to_string(),
            url: self.success_url.replace(SESSION_PLACEHOLDER, &self.id.to_string()),
            expires_at: self.created_at,
        })
    }

    /// The discount for its provider. For a pack, which is paid once, it is the exact agreed amount; for a plan, which
    /// renews, it is the coupon's own rule.
    pub fn checkout_discount(&self) -> Option<CheckoutDiscount> {
        let discount = self.discount.as_ref()?;
        let off = discount.off?;
        let (off, length) = match (&self.item, discount.duration) {
            (OrderItem::Pack { .. } | OrderItem::Gift { .. }, _) => {
                (Reduction::Amount(Money::new(discount.amount, self.price.currency)), DiscountLength::Once)
            }
            (OrderItem::Plan { .. }, Duration::Once) => (off, DiscountLength::Once),
            (OrderItem::Plan { interval, .. }, Duration::Repeating(periods)) => {
                (off, DiscountLength::Months(periods.saturating_mul(interval.months())))
            }
            (OrderItem::Plan { .. }, Duration::Forever) => (off, DiscountLength::Forever),
        };
        let (coupon, code) = (discount.coupon, discount.code.clone());
        Some(CheckoutDiscount { coupon, code, off, length, list_price: self.list_price() })
    }

    /// What a renewal at the price `list` costs whose period begins at `at`, of the subscription that this began at `began`:
    /// less what the coupon takes off for as long as it reaches, whatever plan was changed to meanwhile. Before tax.
    pub fn renewal_price(&self, list: Money, began: Timestamp, at: Timestamp) -> Money {
        let reaching = self.checkout_discount().filter(|discount| match discount.length {
            DiscountLength::Once => false,
            DiscountLength::Months(months) => {
                at < Zone::UTC.plus_months(began, i32::try_from(months).unwrap_or(i32::MAX))
            }
            DiscountLength::Forever => true,
        });
        let off = reaching.map_or(0, |discount| match discount.off {
            Reduction::Percent(percent) => percent_of(list.minor, percent).unwrap_or(0),
            Reduction::Amount(amount) if amount.currency == list.currency => amount.minor,
            Reduction::Amount(_) => 0,
        });
        Money::new(list.minor.saturating_sub(off).max(0), list.currency)
    }

    /// The end of the order for its coupon, if it has one.
    pub fn settled(&self) -> Option<Settled> {
        match self.status {
            OrderStatus::Pending => None,
            OrderStatus::Completed | OrderStatus::Refunded | OrderStatus::PartiallyRefunded => {
                Some(Settled::Paid)
            }
            OrderStatus::Failed | OrderStatus::Expired => Some(Settled::Unpaid),
        }
    }
}
