//! What we ask of a provider when somebody buys.

use crate::catalog::Interval;
use crate::coupons::{CouponCode, Reduction};
use crate::orders::Order;
use crate::values::{AccountId, CouponId, Fingerprint, Money, OrderId, Timestamp};

/// A customer to be made at the provider, once per account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRequest {
    /// Whose; also what the provider's idempotency key is derived from.
    pub account: AccountId,
    /// The customer whose place it takes; a part of that key, or the provider would answer with that one again.
    pub replaces: Option<String>,
    /// Where receipts go.
    pub email: Option<String>,
    /// What the customer is called.
    pub name: Option<String>,
}

/// A checkout to be opened at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutRequest {
    /// The order that it pays; also what the provider's idempotency key is derived from.
    pub order: OrderId,
    /// Whose order.
    pub account: AccountId,
    /// The provider's customer, where the provider keeps customers.
    pub customer: Option<String>,
    /// Where receipts go.
    pub email: Option<String>,
    /// What is bought.
    pub purchase: Purchase,
    /// What is to be paid at first, frozen on the order; what a coupon takes off is off.
    pub price: Money,
    /// What a coupon takes off.
    pub discount: Option<CheckoutDiscount>,
    /// Where the buyer returns to after paying; on the list of allowed origins.
    pub success_url: String,
    /// Where the buyer returns to otherwise; on the list of allowed origins.
    pub cancel_url: String,
    /// When the checkout should stop being payable.
    pub expires_at: Timestamp,
}

/// What a coupon takes off, in a provider's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutDiscount {
    /// The coupon.
    pub coupon: CouponId,
    /// Its code, which the buyer may read.
    pub code: CouponCode,
    /// What comes off each payment that it reaches.
    pub off: Reduction,
    /// Which payments it reaches.
    pub length: DiscountLength,
    /// What the first payment would be without it.
    pub list_price: Money,
}

/// Which payments a discount reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscountLength {
    /// The first.
    Once,
    /// Those of so many months.
    Months(u32),
    /// All.
    Forever,
}

/// What is bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purchase {
    /// A pack of credits, once.
    Pack {
        /// What the buyer reads.
        name: String,
        /// The provider's product for it, where the provider needs one.
        product: Option<String>,
    },
    /// A plan for some months for somebody, once.
    Gift {
        /// What the buyer reads.
        name: String,
    },
    /// A plan, again and again.
    Plan {
        /// What the buyer reads.
        name: String,
        /// How often.
        interval: Interval,
        /// The provider's price or product for it, where the provider needs one.
        price: Option<String>,
        /// How many days may pass before it is paid; 0 without a trial.
        trial_days: u32,
    },
}

/// A checkout that the provider opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutSession {
    /// The provider's id for it.
    pub id: String,
    /// Where the buyer pays.
    pub url: String,
    /// When it stops being payable.
    pub expires_at: Timestamp,
}

/// The headers of a webhook request. Names are compared in any case.
#[derive(Debug, Clone, Default)]
pub struct WebhookHeaders(Vec<(String, Vec<u8>)>);

/// A provider's event whose signature was found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvent {
    /// The provider's id for it; a second delivery has the same.
    pub id: String,
    /// The provider's name for what happened.
    pub kind: String,
    /// When it happened, by the provider's clock.
    pub created_at: Timestamp,
    /// The body, byte for byte as it was signed.
    pub body: Vec<u8>,
}

impl CheckoutDiscount {
    /// What a provider's own coupon for it may be called, so that it is made once: another coupon, or the same one with
    /// other terms, has another.
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
    /// The same thing as `order` agreed on it, whatever became of it since.
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
    /// The headers of a request, in the order in which they came.
    pub fn new(headers: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        Self(headers.into_iter().collect())
    }

    /// Whether a header `name` came, whatever it says.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(other, _)| other.eq_ignore_ascii_case(name))
    }

    /// The value of the header `name`, if there is exactly one and it is text.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let (_, value) = found.next()?;
        // Two headers of one name could be read differently by a proxy and by us.
        if found.next().is_some() { None } else { std::str::from_utf8(value).ok() }
    }
}
