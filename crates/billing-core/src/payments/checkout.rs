//! Requests to a provider for a purchase.

use crate::catalog::Interval;
use crate::coupons::{CouponCode, Reduction};
use crate::orders::Order;
use crate::values::{AccountId, CouponId, Fingerprint, Money, OrderId, Timestamp};

/// A customer to create at the provider, once per account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRequest {
    /// The owner; the provider's idempotency key is derived from it.
    pub account: AccountId,
    /// The customer that it replaces. It is part of the idempotency key, otherwise the provider would return the old
    /// customer again.
    pub replaces: Option<String>,
    /// The address for receipts.
    pub email: Option<String>,
    /// The customer's name.
    pub name: Option<String>,
}

/// A checkout to open at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutRequest {
    /// The order that it pays for; the provider's idempotency key is derived from it.
    pub order: OrderId,
    /// The owner of the order.
    pub account: AccountId,
    /// The provider's customer, if the provider has customers.
    pub customer: Option<String>,
    /// The address for receipts.
    pub email: Option<String>,
    /// The item.
    pub purchase: Purchase,
    /// The amount of the first payment, frozen on the order, after the coupon's discount.
    pub price: Money,
    /// The coupon's discount.
    pub discount: Option<CheckoutDiscount>,
    /// The URL after a payment; its origin is allowed.
    pub success_url: String,
    /// The URL after a cancellation; its origin is allowed.
    pub cancel_url: String,
    /// The end of the checkout.
    pub expires_at: Timestamp,
}

/// A coupon's discount in provider-neutral terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutDiscount {
    /// The coupon.
    pub coupon: CouponId,
    /// Its code, which the buyer may see.
    pub code: CouponCode,
    /// The reduction of each discounted payment.
    pub off: Reduction,
    /// The payments that are discounted.
    pub length: DiscountLength,
    /// The first payment without the discount.
    pub list_price: Money,
}

/// The payments that a discount applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscountLength {
    /// The first payment.
    Once,
    /// The payments of this many months.
    Months(u32),
    /// All payments.
    Forever,
}

/// The item of a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purchase {
    /// A pack of credits, paid once.
    Pack {
        /// The name that the buyer sees.
        name: String,
        /// The provider's product, if the provider needs one.
        product: Option<String>,
    },
    /// A gift, paid once.
    Gift {
        /// The name that the buyer sees.
        name: String,
    },
    /// A plan, paid in each period.
    Plan {
        /// The name that the buyer sees.
        name: String,
        /// The billing interval.
        interval: Interval,
        /// The provider's price or product, if the provider needs one.
        price: Option<String>,
        /// The length of the trial in days; 0 without a trial.
        trial_days: u32,
    },
}

/// A checkout at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutSession {
    /// The provider's id.
    pub id: String,
    /// The URL of the payment page.
    pub url: String,
    /// The end of the checkout.
    pub expires_at: Timestamp,
}

/// The headers of a webhook request. Names are case-insensitive.
#[derive(Debug, Clone, Default)]
pub struct WebhookHeaders(Vec<(String, Vec<u8>)>);

/// A provider's event with a valid signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvent {
    /// The provider's id of the event; each delivery has the same.
    pub id: String,
    /// The provider's type of the event.
    pub kind: String,
    /// The time of the event, by the provider's clock.
    pub created_at: Timestamp,
    /// The body, byte for byte as it was signed.
    pub body: Vec<u8>,
}

impl CheckoutDiscount {
    /// The identity of the provider's own coupon, so that it is created only once: another coupon, or other terms,
    /// give another fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        let off = match self.off {
            Reduction::Percent(percent) => format!("percent:{percent}"),
            Reduction::Amount(amount) => format!("amount:{}:{}", amount.minor, amount.currency),
        };
        let length = match self.length {
            DiscountLength::Once => "once".to_owned(),
            DiscountLength::Months(months) => format!("months:{months}"),
            DiscountLength::Forever => "forever".to_owned(),
        };
        Fingerprint::of([self.coupon.to_string().as_bytes(), off.as_bytes(), length.as_bytes()])
    }
}

impl Purchase {
    /// The same item with the terms frozen on `order`, whatever changed since.
    #[must_use]
    pub fn as_agreed(mut self, order: &Order) -> Self {
        match &mut self {
            Self::Pack { name, .. } | Self::Gift { name } => order.description.clone_into(name),
            Self::Plan { name, trial_days, .. } => {
                order.description.clone_into(name);
                *trial_days = order.trial().map_or(0, |trial| trial.days);
            }
        }
        self
    }
}

impl WebhookHeaders {
    /// The headers of a request, in their order.
    pub fn new(headers: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        Self(headers.into_iter().collect())
    }

    /// Whether the header `name` is present, with any value.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other.eq_ignore_ascii_case(name))
    }

    /// The value of the header `name`, if there is exactly one and it is text.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let (_, value) = found.next()?;
        // Duplicate headers could be interpreted differently by a proxy.
        if found.next().is_some() { None } else { std::str::from_utf8(value).ok() }
    }
}
