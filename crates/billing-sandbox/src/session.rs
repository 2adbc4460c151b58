//! A checkout, encoded in its own URL.

use billing_core::values::{AccountId, Money, OrderId, Timestamp};
use serde::{Deserialize, Serialize};

/// All data of a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxSession {
    /// The order that it pays for.
    pub order: OrderId,
    /// The owner.
    pub account: AccountId,
    /// The name that the buyer sees.
    pub item: String,
    /// The plan's price, for plans: our plan and interval.
    pub plan_price: Option<String>,
    /// The months of a period, for plans.
    pub months: u32,
    /// The length of the trial in days; 0 without a trial.
    #[serde(default)]
    pub trial_days: u32,
    /// The first payment.
    pub price: Money,
    /// The first payment without a coupon; none without one.
    #[serde(default)]
    pub list_price: Option<Money>,
    /// The number of payments that the coupon applies to; 1 if none.
    #[serde(default)]
    pub reduced_payments: Option<u32>,
    /// The URL after a payment.
    pub success_url: String,
    /// The URL after a cancellation.
    pub cancel_url: String,
    /// The end of the checkout.
    pub expires_at: Timestamp,
}

impl SandboxSession {
    /// The checkout's id.
    pub fn id(&self) -> String {
        format!("cs_sandbox_{}", self.order)
    }

    /// The customer's id.
    pub fn customer(&self) -> String {
        customer_of(self.account)
    }

    /// The id of the charge.
    pub fn charge(&self) -> String {
        format!("ch_sandbox_{}", self.order)
    }

    /// The id of the subscription, for plans.
    pub fn subscription(&self) -> Option<String> {
        self.plan_price.as_ref().map(|_| format!("sub_sandbox_{}", self.order))
    }

    /// The amount due now: zero for a trial.
    pub(crate) fn due(&self) -> Money {
        match self.trial_days {
            0 => self.price,
            _ => Money::new(0, self.price.currency),
        }
    }

    /// The price of the payment `number`, counted from 1: the reduced price while the coupon applies.
    pub(crate) fn price_of(&self, number: u32) -> Money {
        let reduced = self.reduced_payments.unwrap_or(1);
        self.list_price.filter(|_| number > reduced).unwrap_or(self.price)
    }

    /// The URL after a payment, with Stripe's placeholder filled in.
    pub(crate) fn success_url(&self) -> String {
        self.success_url.replace("{CHECKOUT_SESSION_ID}", &self.id())
    }
}

/// The customer of an account: there is one, whose id is derived from the account.
pub(crate) fn customer_of(account: AccountId) -> String {
    format!("cus_sandbox_{account}")
}
