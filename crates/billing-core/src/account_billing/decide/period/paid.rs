//! A paid period with the billing of its account.

use crate::account_billing::{AccountBilling, Context};
use crate::catalog::Plan;
use crate::payments::{Channel, PaidLine, PaidPeriod, Payment};
use crate::subscriptions::Subscription;

/// A paid period with the billing of its account.
#[derive(Clone, Copy)]
pub(super) struct Paid<'a> {
    pub(super) billing: &'a AccountBilling,
    pub(super) fact: &'a PaidPeriod,
    pub(super) context: &'a Context<'a>,
}

impl<'a> Paid<'a> {
    pub(super) const fn channel(&self) -> Channel {
        self.context.source.channel
    }

    /// The subscription, if it is known yet: its first period is often reported before it.
    pub(super) fn subscription(&self) -> Option<&'a Subscription> {
        self.billing.subscription(self.channel(), &self.fact.subscription)
    }

    /// The payment, if it was reported before.
    pub(super) fn payment(&self) -> Option<&'a Payment> {
        self.billing.payment(self.channel(), &self.fact.refs)
    }

    /// The other payments for this subscription.
    pub(super) fn others(&self) -> impl Iterator<Item = &'a Payment> + use<'a> {
        let own = self.payment().map(|own| own.id);
        let all = self.billing.payments_for(self.channel(), &self.fact.subscription);
        all.filter(move |other| own != Some(other.id))
    }

    /// Whether every paid period is over, including the grace period for past-due renewals.
    pub(super) fn is_long_over(&self) -> bool {
        let grace_days = self.context.policy.grace_periods.past_due_days;
        self.fact.lines.iter().all(|line| line.period.end.plus_days(grace_days) <= self.context.now)
    }

    /// The `lines` whose price stands for a plan, with the plan.
    pub(super) fn priced(&self, lines: impl Iterator<Item = &'a PaidLine>) -> Vec<(&'a PaidLine, &'a Plan)> {
        lines.filter_map(|line| Some((line, self.billing.priced(&line.price)?.0))).collect()
    }

    /// The prorations that are not free and whose price stands for a plan.
    pub(super) fn prorations(&self) -> Vec<(&'a PaidLine, &'a Plan)> {
        self.priced(self.fact.lines.iter().filter(|line| line.proration && !line.free))
    }
}
