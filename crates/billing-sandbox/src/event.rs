//! What the sandbox tells.

use billing_core::orders::PaymentRefs;
use billing_core::payments::{
    CheckoutFact, CheckoutOutcome, PaidLine, PaidPeriod, PaymentFact, PaymentNames, PeriodReason,
    SubscriptionFact,
};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Money, OrderId, Period, Timestamp, Zone};
use serde::{Deserialize, Serialize};

use crate::SandboxSession;

/// One event, as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxEvent {
    /// Its id; telling the same thing again has the same.
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: String,
    /// When.
    pub created_at: Timestamp,
    /// To what.
    pub data: EventData,
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventData {
    session: String,
    order: OrderId,
    customer: String,
    charge: String,
    subscription: Option<String>,
    price: Option<String>,
    total: Money,
    period: Option<Period>,
    #[serde(default)]
    trial_end: Option<Timestamp>,
    /// Whether a coupon took something off: what is left may be nothing, and it was sold all the same.
    #[serde(default)]
    reduced: bool,
}

const PAID: &str = "checkout.paid";
const FAILED: &str = "checkout.failed";
const SUBSCRIBED: &str = "subscription.active";
const PERIOD_PAID: &str = "subscription.paid";

impl SandboxEvent {
    /// What paying `session` at `now` is told by: for a plan also the subscription and its first period.
    pub fn paid(session: &SandboxSession, now: Timestamp) -> Vec<Self> {
        let kinds: &[&str] = match (&session.plan_price, session.trial_days) {
            (None, _) => &[PAID],
            (Some(_), 0) => &[SUBSCRIBED, PERIOD_PAID, PAID],
            (Some(_), _) => &[SUBSCRIBED, PAID],
        };
        kinds.iter().map(|kind| Self::new(session, kind, now)).collect()
    }

    /// What a declined payment of `session` at `now` is told by.
    pub fn declined(session: &SandboxSession, now: Timestamp) -> Self {
        Self::new(session, FAILED, now)
    }

    /// The body that is signed and sent.
    pub fn body(&self) -> Vec<u8> {
        // Texts, numbers and options of them always have JSON.
        serde_json::to_vec(self).unwrap_or_default()
    }

    fn new(session: &SandboxSession, kind: &str, now: Timestamp) -> Self {
        let now = now.whole_seconds();
        let months = i32::try_from(session.months).unwrap_or(1);
        let trial_end = (session.trial_days > 0).then(|| now.plus_days(i64::from(session.trial_days)));
        let end = trial_end.unwrap_or_else(|| Zone::UTC.plus_months(now, months));
        let period = session.plan_price.as_ref().map(|_| Period { start: now, end });
        let due = if trial_end.is_some() { 0 } else { session.price.minor };
        Self {
            id: format!("evt_{}_{kind}", session.id()),
            kind: kind.to_owned(),
            created_at: now,
            data: EventData {
                session: session.id(),
                order: session.order,
                customer: session.customer(),
                charge: session.charge(),
                subscription: session.subscription(),
                price: session.plan_price.clone(),
                total: Money::new(due, session.price.currency),
                period,
                trial_end,
                reduced: session.list_price.is_some_and(|list| list.minor > session.price.minor),
            },
        }
    }

    /// What it states, in the core's words.
    pub(crate) fn into_fact(self) -> Result<PaymentFact, String> {
        match self.kind.as_str() {
            PAID => Ok(self.checkout(CheckoutOutcome::Paid)),
            FAILED => Ok(self.checkout(CheckoutOutcome::Failed)),
            SUBSCRIBED => self.subscription(),
            PERIOD_PAID => self.period(),
            _ => Ok(PaymentFact::Ignored("an event type that nobody acts on")),
        }
    }

    fn checkout(self, outcome: CheckoutOutcome) -> PaymentFact {
        PaymentFact::Checkout(CheckoutFact {
            session: self.data.session,
            outcome,
            subscription_mode: self.data.subscription.is_some(),
            total: Some(self.data.total),
            customer: Some(self.data.customer),
            refs: PaymentRefs {
                payment: Some(self.data.charge),
                subscription: self.data.subscription,
                invoice: None,
            },
            order_hint: Some(self.data.order),
        })
    }

    fn subscription(self) -> Result<PaymentFact, String> {
        Ok(PaymentFact::Subscription(SubscriptionFact {
            id: self.data.subscription.ok_or("no subscription")?,
            customer: self.data.customer,
            status: match self.data.trial_end {
                Some(_) => SubscriptionStatus::Trialing,
                None => SubscriptionStatus::Active,
            },
            price: self.data.price,
            period: self.data.period,
            cancel_at_period_end: false,
            cancel_at: None,
            canceled_at: None,
            ended_at: None,
            trial_end: self.data.trial_end,
            started_at: self.created_at,
            stated_at: self.created_at,
            order_hint: Some(self.data.order),
        }))
    }

    fn period(self) -> Result<PaymentFact, String> {
        let line = PaidLine {
            price: self.data.price.ok_or("no price")?,
            period: self.data.period.ok_or("no period")?,
            free: self.data.total.minor == 0 && !self.data.reduced,
            proration: false,
            gives_back: false,
        };
        Ok(PaymentFact::PeriodPaid(PaidPeriod {
            names: PaymentNames::of_payment(&self.data.charge),
            paid: Some(self.data.total),
            payment: self.data.charge,
            subscription: self.data.subscription.ok_or("no subscription")?,
            customer: self.data.customer,
            reason: PeriodReason::Create,
            lines: vec![line],
            order_hint: Some(self.data.order),
            subscription_now: None,
        }))
    }
}
