//! A paid checkout and its history, encoded in a URL.

mod happening;
mod money;
mod subscription;

use billing_core::payments::DisputeState;
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Money, Period, Timestamp, Zone};
use serde::{Deserialize, Serialize};

use crate::event::{CheckoutData, PAID, PERIOD_PAID, PeriodData, SUBSCRIPTION, SubscriptionData};
use crate::{SandboxEvent, SandboxSession};

pub use happening::Happening;

/// A paid checkout, with everything that happened since.
///
/// It is immutable: an event returns the resulting purchase, and its webhooks. The same event of the same purchase has
/// the same webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxPurchase {
    /// The checkout.
    pub(crate) session: SandboxSession,
    /// The number of events so far.
    step: u32,
    /// The time of the payment.
    paid_at: Timestamp,
    /// The subscription, for plans.
    pub(crate) subscription: Option<Subscribed>,
    /// The latest charge.
    pub(crate) charge: Option<Charge>,
}

/// A subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subscribed {
    pub(crate) status: SubscriptionStatus,
    pub(crate) period: Period,
    pub(crate) cancel_at_period_end: bool,
    canceled_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    trial_end: Option<Timestamp>,
}

/// One payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Charge {
    /// Its number within the purchase, from 1.
    number: u32,
    pub(crate) paid: Money,
    /// The refunded amount, in minor units.
    pub(crate) refunded: i64,
    /// The number of refunds.
    refunds: u32,
    /// The latest dispute: its amount in minor units, and its state.
    pub(crate) dispute: Option<(i64, DisputeState)>,
    /// The number of disputes.
    disputes: u32,
}

/// The result of an event: the purchase, and its webhooks.
pub(crate) type Simulated = (SandboxPurchase, Vec<SandboxEvent>);

impl SandboxPurchase {
    /// The purchase of `session`, paid at `now`.
    pub fn paid(session: &SandboxSession, now: Timestamp) -> Self {
        let now = now.whole_seconds();
        let trial_end = (session.trial_days > 0).then(|| now.plus_days(i64::from(session.trial_days)));
        let subscription = session.plan_price.is_some().then(|| Subscribed {
            status: if trial_end.is_some() {
                SubscriptionStatus::Trialing
            } else {
                SubscriptionStatus::Active
            },
            period: Period {
                start: now,
                end: trial_end.unwrap_or_else(|| months_after(now, session.months)),
            },
            cancel_at_period_end: false,
            canceled_at: None,
            ended_at: None,
            trial_end,
        });
        let charge = trial_end.is_none().then(|| Charge::new(1, session.price));
        Self { session: session.clone(), step: 0, paid_at: now, subscription, charge }
    }

    /// The webhooks of the payment, for a plan also of the subscription and its first period. Empty after a later
    /// event.
    pub fn beginning(&self) -> Vec<SandboxEvent> {
        if self.step > 0 {
            return Vec::new();
        }
        let mut events: Vec<_> = self.subscription_event(self.paid_at).into_iter().collect();
        events.extend(self.period_event(self.paid_at));
        events.push(self.event(PAID, self.paid_at, &CheckoutData::of(&self.session)));
        events
    }

    fn event(&self, kind: &str, now: Timestamp, data: &impl Serialize) -> SandboxEvent {
        SandboxEvent::new(&self.session, kind, self.step, now, data)
    }

    /// The state of the subscription.
    fn subscription_event(&self, now: Timestamp) -> Option<SandboxEvent> {
        let known = self.subscription?;
        let data = SubscriptionData {
            id: self.session.subscription()?,
            order: self.session.order,
            customer: self.session.customer(),
            price: self.session.plan_price.clone()?,
            status: known.status,
            period: known.period,
            cancel_at_period_end: known.cancel_at_period_end,
            canceled_at: known.canceled_at,
            ended_at: known.ended_at,
            trial_end: known.trial_end,
            started_at: self.paid_at,
        };
        Some(self.event(SUBSCRIPTION, now, &data))
    }

    /// The subscription's period, paid by the latest charge.
    fn period_event(&self, now: Timestamp) -> Option<SandboxEvent> {
        let charge = self.charge?;
        let list_price = self.session.list_price.unwrap_or(self.session.price);
        let data = PeriodData {
            charge: self.charge_id()?,
            subscription: self.session.subscription()?,
            order: self.session.order,
            customer: self.session.customer(),
            price: self.session.plan_price.clone()?,
            total: charge.paid,
            period: self.subscription?.period,
            first: charge.number == 1 && self.session.trial_days == 0,
            free: list_price.minor == 0,
        };
        Some(self.event(PERIOD_PAID, now, &data))
    }

    /// The id of the latest charge.
    fn charge_id(&self) -> Option<String> {
        Some(match self.charge?.number {
            1 => self.session.charge(),
            number => format!("{}_{number}", self.session.charge()),
        })
    }
}

fn months_after(moment: Timestamp, months: u32) -> Timestamp {
    Zone::UTC.plus_months(moment, i32::try_from(months).unwrap_or(1))
}
