//! What was paid, and what became of it, as it stands in its own address.

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

/// A checkout that was paid, and all that the sandbox knows of what came after.
///
/// It is a value: whatever happens answers the purchase as it is then, and the events that tell of it. The same thing
/// happening to the same purchase is told by the same events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxPurchase {
    /// What was paid.
    pub(crate) session: SandboxSession,
    /// How many things have happened since.
    step: u32,
    /// When it was paid.
    paid_at: Timestamp,
    /// Its subscription, for plans.
    pub(crate) subscription: Option<Subscribed>,
    /// What was charged last.
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
    /// Which one of this purchase, counted from 1.
    number: u32,
    pub(crate) paid: Money,
    /// How much of it was refunded, in minor units.
    pub(crate) refunded: i64,
    /// In how many refunds.
    refunds: u32,
    /// In minor units, how much its latest dispute is about, and where that stands.
    pub(crate) dispute: Option<(i64, DisputeState)>,
    /// How many disputes there were.
    disputes: u32,
}

/// What has happened: the purchase as it is then, and what tells of it.
pub(crate) type Told = (SandboxPurchase, Vec<SandboxEvent>);

impl SandboxPurchase {
    /// What `session` becomes when it is paid at `now`.
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

    /// What tells of the payment, for a plan also of the subscription and its first period. Empty once something
    /// else has happened.
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

    /// How the subscription is.
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

    /// That the subscription's period was paid by the latest charge.
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
