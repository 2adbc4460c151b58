//! What providers state, in words of our own.

use super::{PaymentMethodFact, PaymentRefs, PaymentReversal};
use crate::orders::OrderRefs;
use crate::subscriptions::SubscriptionStatus;
use crate::values::{Money, OrderId, Period, Timestamp};

/// One fact that a provider states: in an event, in the answer to a call, or where it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A checkout went somewhere.
    Checkout(CheckoutFact),
    /// A subscription is now like this.
    Subscription(SubscriptionFact),
    /// A period of a subscription was paid.
    PeriodPaid(PaidPeriod),
    /// Money went back.
    Reversal(PaymentReversal),
    /// A payment method is now like this.
    PaymentMethod(PaymentMethodFact),
    /// These references are one payment's.
    PaymentRefs(PaymentRefs),
    /// The provider no longer knows this customer.
    CustomerDeleted(String),
    /// Nothing that concerns us; says why.
    Ignored(&'static str),
}

/// Where a checkout went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutFact {
    /// The provider's id of the checkout.
    pub session: String,
    /// What became of it.
    pub outcome: CheckoutOutcome,
    /// Whether it was for a subscription.
    pub subscription_mode: bool,
    /// What the buyer was asked for in the end, tax included.
    pub total: Option<Money>,
    /// The provider's customer.
    pub customer: Option<String>,
    /// Other ids of the same payment.
    pub refs: OrderRefs,
    /// The order that the checkout's metadata names: a hint, to be confirmed.
    pub order_hint: Option<OrderId>,
}

/// What became of a checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckoutOutcome {
    /// The money is there, or none was due.
    Paid,
    /// The buyer finished; the money is on its way.
    Processing,
    /// The money did not come.
    Failed,
    /// Nobody paid in time.
    Expired,
}

impl SubscriptionItem {
    /// One of `price`.
    pub fn one(price: impl Into<String>) -> Self {
        Self { price: price.into(), quantity: 1 }
    }
}

/// A subscription as the provider describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionFact {
    /// The provider's id of it.
    pub id: String,
    /// The provider's customer.
    pub customer: String,
    /// Where it stands.
    pub status: SubscriptionStatus,
    /// What is subscribed to, as far as the provider says. Ours is the first one whose price stands for a plan; others,
    /// such as a metered item beside it, are none of ours.
    pub items: Vec<SubscriptionItem>,
    /// The current period.
    pub period: Option<Period>,
    /// Whether it ends with the current period.
    pub cancel_at_period_end: bool,
    /// When it will end, where that is set.
    pub cancel_at: Option<Timestamp>,
    /// When its end was asked for.
    pub canceled_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When its trial ends or ended.
    pub trial_end: Option<Timestamp>,
    /// When it began.
    pub started_at: Timestamp,
    /// When the provider described it so.
    pub provider_updated_at: Timestamp,
    /// The order that its metadata names: a hint, to be confirmed.
    pub order_hint: Option<OrderId>,
}

/// One item of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionItem {
    /// The provider's price or product.
    pub price: String,
    /// How many of it; 1 where the provider does not count.
    pub quantity: u32,
}

/// A payment for one or more periods of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidPeriod {
    /// The provider's id of what was paid (Stripe: the invoice; sandbox: the charge).
    pub payment: String,
    /// What else the provider calls it, as far as the event says.
    pub refs: PaymentRefs,
    /// What was paid in the end, tax included; none where the event does not say.
    pub paid: Option<Money>,
    /// When it was collected, by the provider's clock; none where the provider does not say.
    pub collected_at: Option<Timestamp>,
    /// The provider's id of the subscription.
    pub subscription: String,
    /// The provider's customer.
    pub customer: String,
    /// Why it was asked for.
    pub reason: PeriodReason,
    /// What was paid for.
    pub lines: Vec<PaidLine>,
    /// The order that the subscription's metadata names: a hint, to be confirmed.
    pub order_hint: Option<OrderId>,
    /// How the subscription is now, where the same event says it.
    pub subscription_now: Option<Box<SubscriptionFact>>,
}

impl Fact {
    /// Why it is nothing that concerns us, whoever's it is.
    pub fn ignored(&self) -> Option<&'static str> {
        match self {
            Self::Ignored(why) => Some(why),
            // What the same event says of the subscription may concern us.
            Self::PeriodPaid(period) if period.subscription_now.is_none() => period.ignored(),
            _ => None,
        }
    }
}

impl PaidPeriod {
    /// Why it is nothing that could grant, whoever's it is.
    pub fn ignored(&self) -> Option<&'static str> {
        if self.reason == PeriodReason::Other {
            return Some("only first and further periods grant, and changes in them");
        }
        let whole = || self.lines.iter().filter(|line| !line.proration);
        // By line, not by the sum: beside a trial there may be a fee, and beside a renewal a credit as large.
        match whole().next() {
            None if self.reason != PeriodReason::Change => Some("nothing but prorations was paid for"),
            Some(_) if whole().all(|line| line.free) => Some("a period without a price is a trial"),
            _ => None,
        }
    }
}

/// Why a subscription's payment was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodReason {
    /// The first period.
    Create,
    /// A further period.
    Cycle,
    /// A change in mid period.
    Change,
    /// The provider does not say: a further period, unless one that begins where it does was paid before.
    Unclear,
    /// Anything else: never a reason to grant.
    Other,
}

/// One line of a subscription's payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidLine {
    /// The provider's price.
    pub price: String,
    /// How many of it. Each brings the plan's credits.
    pub quantity: u32,
    /// The period that it pays for.
    pub period: Period,
    /// Whether it has no price before discounts: a trial's.
    pub free: bool,
    /// Whether it evens out a change in mid period.
    pub proration: bool,
    /// Whether it gives money back for time that is not used.
    pub gives_back: bool,
}
