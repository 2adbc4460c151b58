//! A checkout, as it stands in its own address.

use billing_core::values::{AccountId, Money, OrderId, Timestamp};
use serde::{Deserialize, Serialize};

/// All that the sandbox knows of a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxSession {
    /// The order that it pays.
    pub order: OrderId,
    /// The owner.
    pub account: AccountId,
    /// What the buyer reads.
    pub item: String,
    /// The plan's price, if it is one: our plan and interval.
    pub plan_price: Option<String>,
    /// How many months a period has, for plans.
    pub months: u32,
    /// How many days may pass before it is paid; 0 without a trial.
    #[serde(default)]
    pub trial_days: u32,
    /// What is paid at first.
    pub price: Money,
    /// What it would be without a coupon; none without one.
    #[serde(default)]
    pub list_price: Option<Money>,
    /// How many payments the coupon reaches; only the first where it is not said.
    #[serde(default)]
    pub reduced_payments: Option<u32>,
    /// Where the buyer goes after paying.
    pub success_url: String,
    /// Where the buyer goes otherwise.
    pub cancel_url: String,
    /// When it stops being payable.
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

    /// The id of the payment.
    pub fn charge(&self) -> String {
        format!("ch_sandbox_{}", self.order)
    }

    /// The id of the subscription, for plans.
    pub fn subscription(&self) -> Option<String> {
        self.plan_price.as_ref().map(|_| format!("sub_sandbox_{}", self.order))
    }

    /// What is paid at once: nothing where it begins with a trial.
    pub(crate) fn due(&self) -> Money {
        match self.trial_days {
            0 => self.price,
            _ => Money::new(0, self.price.currency),
        }
    }

    /// What the payment `number` costs, counted from 1: as long as a coupon reaches, it is what the first one does.
    pub(crate) fn price_of(&self, number: u32) -> Money {
        let reduced = self.reduced_payments.unwrap_or(1);
        self.list_price.filter(|_| number > reduced).unwrap_or(self.price)
    }

    /// Where to go after paying; the placeholder that Stripe knows too is filled in.
    pub(crate) fn success_url(&self) -> String {
        self.success_url.replace("{CHECKOUT_SESSION_ID}", &self.id())
    }
}

/// The customer that stands for an account: there is one, because its id says whose it is.
pub(crate) fn customer_of(account: AccountId) -> String {
    format!("cus_sandbox_{account}")
}
