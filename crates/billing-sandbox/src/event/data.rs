//! The data of events, by kind.

use billing_core::orders::OrderRefs;
use billing_core::payments::{
    CheckoutFact, CheckoutOutcome, Dispute, Fact, PaidLine, PaidPeriod, PaymentRefs, PaymentReversal,
    PaymentReversalUpdate, PeriodReason, Refund, SubscriptionFact, SubscriptionItem,
};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Money, OrderId, Period, Timestamp};
use serde::{Deserialize, Serialize};

use crate::SandboxSession;

/// A checkout.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CheckoutData {
    session: String,
    order: OrderId,
    customer: String,
    charge: String,
    subscription: Option<String>,
    total: Money,
}

impl CheckoutData {
    pub(crate) fn of(session: &SandboxSession) -> Self {
        Self {
            session: session.id(),
            order: session.order,
            customer: session.customer(),
            charge: session.charge(),
            subscription: session.subscription(),
            total: session.due(),
        }
    }

    pub(super) fn paid(self) -> Fact {
        self.ended(CheckoutOutcome::Paid)
    }

    pub(super) fn failed(self) -> Fact {
        self.ended(CheckoutOutcome::Failed)
    }

    fn ended(self, outcome: CheckoutOutcome) -> Fact {
        Fact::Checkout(CheckoutFact {
            session: self.session,
            outcome,
            subscription_mode: self.subscription.is_some(),
            total: Some(self.total),
            customer: Some(self.customer),
            refs: OrderRefs { payment: Some(self.charge), subscription: self.subscription, invoice: None },
            order_hint: Some(self.order),
        })
    }
}

/// A subscription.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SubscriptionData {
    pub(crate) id: String,
    pub(crate) order: OrderId,
    pub(crate) customer: String,
    pub(crate) price: String,
    pub(crate) status: SubscriptionStatus,
    pub(crate) period: Period,
    pub(crate) cancel_at_period_end: bool,
    pub(crate) canceled_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) trial_end: Option<Timestamp>,
    pub(crate) started_at: Timestamp,
}

impl SubscriptionData {
    pub(super) fn stated(self, at: Timestamp) -> Fact {
        Fact::Subscription(SubscriptionFact {
            id: self.id,
            customer: self.customer,
            status: self.status,
            items: vec![SubscriptionItem::one(self.price)],
            period: Some(self.period),
            cancel_at_period_end: self.cancel_at_period_end,
            cancel_at: self.cancel_at_period_end.then_some(self.period.end),
            canceled_at: self.canceled_at,
            ended_at: self.ended_at,
            cancel_reason: None,
            trial_end: self.trial_end,
            started_at: self.started_at,
            provider_updated_at: at,
            order_hint: Some(self.order),
        })
    }
}

/// A paid period.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PeriodData {
    pub(crate) charge: String,
    pub(crate) subscription: String,
    pub(crate) order: OrderId,
    pub(crate) customer: String,
    pub(crate) price: String,
    pub(crate) total: Money,
    pub(crate) period: Period,
    pub(crate) first: bool,
    /// Whether it is free even without a coupon.
    pub(crate) free: bool,
}

impl PeriodData {
    pub(super) fn paid(self) -> Fact {
        let line = PaidLine {
            price: self.price,
            quantity: 1,
            period: self.period,
            free: self.free,
            proration: false,
            gives_back: false,
        };
        Fact::PeriodPaid(PaidPeriod {
            refs: PaymentRefs::of_payment(&self.charge),
            paid: Some(self.total),
            collected_at: None,
            payment: self.charge,
            subscription: self.subscription,
            customer: self.customer,
            reason: if self.first { PeriodReason::Create } else { PeriodReason::Cycle },
            lines: vec![line],
            order_hint: Some(self.order),
            subscription_now: None,
        })
    }
}

/// A refund of a charge.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RefundData {
    pub(crate) charge: String,
    #[serde(flatten)]
    pub(crate) refund: Refund,
}

impl RefundData {
    pub(super) fn stated(self) -> Fact {
        payment_reversal(&self.charge, PaymentReversalUpdate::Refund(self.refund))
    }
}

/// A dispute of a charge.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DisputeData {
    pub(crate) charge: String,
    #[serde(flatten)]
    pub(crate) dispute: Dispute,
}

impl DisputeData {
    pub(super) fn stated(self) -> Fact {
        payment_reversal(&self.charge, PaymentReversalUpdate::Dispute(self.dispute))
    }
}

fn payment_reversal(charge: &str, update: PaymentReversalUpdate) -> Fact {
    Fact::Reversal(PaymentReversal { payment: PaymentRefs::of_payment(charge), update })
}
