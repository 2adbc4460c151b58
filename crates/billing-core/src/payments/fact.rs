//! The facts that providers state, in provider-neutral types.

use super::{PaymentMethodFact, PaymentRefs, PaymentReversal, PaymentReversalUpdate};
use crate::orders::OrderRefs;
use crate::subscriptions::SubscriptionStatus;
use crate::values::{Money, OrderId, Period, Timestamp};

/// A fact stated by a provider: in an event, in the response to a request, or in a read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A checkout was paid, failed or expired.
    Checkout(CheckoutFact),
    /// The state of a subscription.
    Subscription(SubscriptionFact),
    /// A paid period of a subscription.
    PeriodPaid(PaidPeriod),
    /// A refund or a dispute.
    Reversal(PaymentReversal),
    /// The state of a payment method.
    PaymentMethod(PaymentMethodFact),
    /// References that belong to one payment.
    PaymentRefs(PaymentRefs),
    /// The event does not carry all of it: the rest has to be read.
    Partial(PartialFact),
    /// The customer was deleted at the provider.
    CustomerDeleted(String),
    /// Not relevant here; says why.
    Ignored(&'static str),
}

/// A fact of which the event does not carry all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartialFact {
    /// A payment, whose invoice has to be read; the provider's id of the invoice.
    Invoice(String),
    /// A refund or dispute that names only a charge, whose payment has to be read; the provider's id of the charge.
    Charge(String, PaymentReversalUpdate),
}

/// The outcome of a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutFact {
    /// The provider's id of the checkout.
    pub session: String,
    /// The outcome.
    pub outcome: CheckoutOutcome,
    /// Whether it was for a subscription.
    pub subscription_mode: bool,
    /// The amount charged, tax included.
    pub total: Option<Money>,
    /// The provider's customer.
    pub customer: Option<String>,
    /// Other references to the same payment.
    pub refs: OrderRefs,
    /// The order in the checkout's metadata: a hint, to be verified.
    pub order_hint: Option<OrderId>,
}

/// The outcome of a checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckoutOutcome {
    /// Paid, or nothing was due.
    Paid,
    /// Completed by the buyer; the payment is in progress.
    Processing,
    /// The payment failed.
    Failed,
    /// Not paid in time.
    Expired,
}

impl SubscriptionItem {
    /// A quantity of one of `price`.
    pub fn one(price: impl Into<String>) -> Self {
        Self { price: price.into(), quantity: 1 }
    }
}

/// The state of a subscription, as reported by the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionFact {
    /// The provider's id.
    pub id: String,
    /// The provider's customer.
    pub customer: String,
    /// The status.
    pub status: SubscriptionStatus,
    /// The subscription's items, as far as the provider reports them. Ours is the first one whose price stands for a
    /// plan; others, such as a metered item, are ignored.
    pub items: Vec<SubscriptionItem>,
    /// The current period.
    pub period: Option<Period>,
    /// Whether it is canceled at the end of the current period.
    pub cancel_at_period_end: bool,
    /// The scheduled end, if any.
    pub cancel_at: Option<Timestamp>,
    /// When the cancellation was requested.
    pub canceled_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it was canceled, if the provider says.
    pub cancel_reason: Option<String>,
    /// The end of its trial.
    pub trial_end: Option<Timestamp>,
    /// Its start.
    pub started_at: Timestamp,
    /// The provider's time of this state.
    pub provider_updated_at: Timestamp,
    /// The order in its metadata: a hint, to be verified.
    pub order_hint: Option<OrderId>,
}

/// One item of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionItem {
    /// The provider's price or product.
    pub price: String,
    /// The quantity; 1 if the provider has none.
    pub quantity: u32,
}

/// A payment for one or more periods of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidPeriod {
    /// The provider's id of the payment (Stripe: the invoice; sandbox: the charge).
    pub payment: String,
    /// Other references to the payment, as far as the event has them.
    pub refs: PaymentRefs,
    /// The amount paid, tax included; none if the event does not say.
    pub paid: Option<Money>,
    /// When it was collected, by the provider's clock; none if unknown.
    pub collected_at: Option<Timestamp>,
    /// The provider's id of the subscription.
    pub subscription: String,
    /// The provider's customer.
    pub customer: String,
    /// The billing reason.
    pub reason: PeriodReason,
    /// The paid lines.
    pub lines: Vec<PaidLine>,
    /// The order in the subscription's metadata: a hint, to be verified.
    pub order_hint: Option<OrderId>,
    /// The subscription's state, if the same event reports it.
    pub subscription_now: Option<Box<SubscriptionFact>>,
}

impl Fact {
    /// The reason to ignore this fact, independent of its account.
    pub fn ignored(&self) -> Option<&'static str> {
        match self {
            Self::Ignored(why) => Some(why),
            // The subscription's state in the same event may be relevant.
            Self::PeriodPaid(period) if period.subscription_now.is_none() => period.ignored(),
            _ => None,
        }
    }
}

impl PaidPeriod {
    /// The reason why it cannot grant anything, independent of its account.
    pub fn ignored(&self) -> Option<&'static str> {
        if self.reason == PeriodReason::Other && self.paid.is_none_or(|paid| paid.minor <= 0) {
            return Some("only first and further periods grant, and changes in them");
        }
        // By line, not by the sum: beside a trial there may be a fee, and beside a renewal a credit as large.
        match self.lines.as_slice() {
            [] => Some("none of its lines has a price"),
            lines if lines.iter().all(|line| line.free) => Some("a period without a price is a trial"),
            _ => None,
        }
    }
}

/// The billing reason of a subscription's payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodReason {
    /// The first period.
    Create,
    /// A renewal.
    Cycle,
    /// A mid-period change.
    Change,
    /// Not reported: a renewal, unless a period with the same start was paid before.
    Unclear,
    /// Anything else: never grants.
    Other,
}

/// One line of a subscription's payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidLine {
    /// The provider's price.
    pub price: String,
    /// The quantity. The plan's credits are multiplied by it.
    pub quantity: u32,
    /// The period that it covers.
    pub period: Period,
    /// Whether its price before discounts is zero: a trial.
    pub free: bool,
    /// Whether it is a proration.
    pub proration: bool,
    /// Whether it is a credit for unused time.
    pub gives_back: bool,
}
