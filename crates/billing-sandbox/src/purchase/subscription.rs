//! Events of a subscription.

use billing_core::subscriptions::SubscriptionStatus::{
    self, Active, Canceled, PastDue, Paused, Trialing, Unpaid,
};
use billing_core::values::{Period, Timestamp};

use super::{Charge, SandboxPurchase, Simulated, Subscribed, months_after};

impl SandboxPurchase {
    /// The next period is paid; after a failed renewal, that period. It starts at the end of the previous one, or now,
    /// if that is earlier: no need to wait for a renewal.
    pub fn renewed(&self, now: Timestamp) -> Option<Simulated> {
        let now = now.whole_seconds();
        let known = self.in_status(&[Trialing, Active, PastDue, Unpaid])?;
        let known = if matches!(known.status, PastDue | Unpaid) {
            known
        } else {
            known.next_period(self.session.months, now)?
        };
        let number = self.charge.map_or(1, |charge| charge.number.saturating_add(1));
        let mut next = self.with(Subscribed { status: Active, ..known });
        next.charge = Some(Charge::new(number, self.session.price_of(number)));
        let events = next.subscription_event(now).into_iter().chain(next.period_event(now)).collect();
        Some((next, events))
    }

    /// The next period starts, and its payment fails. It will be retried.
    pub fn renewal_failed(&self, now: Timestamp) -> Option<Simulated> {
        let known =
            self.in_status(&[Trialing, Active])?.next_period(self.session.months, now.whole_seconds())?;
        Some(self.changed(Subscribed { status: PastDue, ..known }, now))
    }

    /// All retries have failed.
    pub fn unpaid(&self, now: Timestamp) -> Option<Simulated> {
        let known = self.in_status(&[PastDue])?;
        Some(self.changed(Subscribed { status: Unpaid, ..known }, now))
    }

    /// Pauses it.
    pub fn paused(&self, now: Timestamp) -> Option<Simulated> {
        let known = self.in_status(&[Trialing, Active, PastDue])?;
        Some(self.changed(Subscribed { status: Paused, ..known }, now))
    }

    /// Schedules a cancellation at the period's end.
    pub fn canceling(&self, now: Timestamp) -> Option<Simulated> {
        let known = self.in_status(&[Trialing, Active, PastDue])?;
        let canceled_at = Some(now.whole_seconds());
        let canceling = Subscribed { cancel_at_period_end: true, canceled_at, ..known };
        (!known.cancel_at_period_end).then(|| self.changed(canceling, now))
    }

    /// Resumes it: undoes a scheduled cancellation, or a pause.
    pub fn resumed(&self, now: Timestamp) -> Option<Simulated> {
        let known = self.subscription.filter(|known| known.status != Canceled)?;
        let status = if known.status == Paused { Active } else { known.status };
        let resumed = Subscribed { status, cancel_at_period_end: false, canceled_at: None, ..known };
        (resumed != known).then(|| self.changed(resumed, now))
    }

    /// Ends it: at the period's end, if that was scheduled and has passed, else now.
    pub fn ended(&self, now: Timestamp) -> Option<Simulated> {
        let now = now.whole_seconds();
        let known = self.subscription.filter(|known| known.status != Canceled)?;
        let ended_at = if known.cancel_at_period_end { known.period.end.min(now) } else { now };
        let canceled_at = known.canceled_at.or(Some(now));
        Some(
            self.changed(
                Subscribed { status: Canceled, canceled_at, ended_at: Some(ended_at), ..known },
                now,
            ),
        )
    }

    fn changed(&self, known: Subscribed, now: Timestamp) -> Simulated {
        let next = self.with(known);
        let events = next.subscription_event(now).into_iter().collect();
        (next, events)
    }

    fn with(&self, known: Subscribed) -> Self {
        Self { step: self.step.saturating_add(1), subscription: Some(known), ..self.clone() }
    }

    fn in_status(&self, these: &[SubscriptionStatus]) -> Option<Subscribed> {
        self.subscription.filter(|known| these.contains(&known.status))
    }
}

impl Subscribed {
    /// The same in its next period; none if it ends with this one.
    fn next_period(self, months: u32, now: Timestamp) -> Option<Self> {
        let start = self.period.end.min(now);
        let period = Period { start, end: months_after(start, months) };
        let trial_end = self.trial_end.map(|end| end.min(start));
        (!self.cancel_at_period_end).then_some(Self { period, trial_end, ..self })
    }
}
