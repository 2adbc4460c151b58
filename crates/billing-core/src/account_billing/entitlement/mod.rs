//! The credits that a subscription's payments grant, and when they end.

mod changes;

use super::{AccountBilling, BillingPolicy, state::grant_keys};
use crate::catalog::{MonthlyShare, PlanTerms, RolloverMode, period_grants};
use crate::ledger::{Grant, GrantCredits, Origin, Rollover, Source, business_keys};
use crate::payments::{Channel, PaidPeriods, Payment, PeriodTerms, WholePeriod};
use crate::subscriptions::{CreditsEnd, GracePeriods, Subscription};
use crate::values::{BusinessKey, Credits, PaymentId, Period, Timestamp};

/// The entitlement of one subscription, computed from its account's billing.
pub(super) struct Entitlement<'a> {
    billing: &'a AccountBilling,
    channel: Channel,
    id: &'a str,
    grace: Grace,
    periods: PaidPeriods<'a>,
}

/// The grace periods by which ends are computed.
#[derive(Clone, Copy)]
enum Grace {
    /// These.
    Now(GracePeriods),
    /// Those recorded with the payment, else these.
    Recorded(GracePeriods),
}

/// When a grant ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// With its period, plus a grace period if one applies.
    With(Timestamp),
    /// Where the next period begins, or before.
    Renewed(Timestamp),
    /// When the subscription ended or was found unpaid, or before.
    Cut(Timestamp),
}

impl Ends {
    pub(super) const fn at(self) -> Timestamp {
        match self {
            Self::With(at) | Self::Renewed(at) | Self::Cut(at) => at,
        }
    }
}

impl<'a> Entitlement<'a> {
    pub(super) fn of(
        billing: &'a AccountBilling,
        channel: Channel,
        id: &'a str,
        policy: BillingPolicy,
    ) -> Self {
        let periods = PaidPeriods::of(billing.payments_for(channel, id));
        Self { billing, channel, id, grace: Grace::Now(policy.grace_periods), periods }
    }

    /// The same with the recorded grace periods, even if the settings have changed since.
    pub(super) fn with_recorded_grace(self) -> Self {
        let (Grace::Now(grace) | Grace::Recorded(grace)) = self.grace;
        Self { grace: Grace::Recorded(grace), ..self }
    }

    fn grace(&self, payment: Option<&Payment>) -> GracePeriods {
        match self.grace {
            Grace::Now(grace) => grace,
            Grace::Recorded(grace) => {
                let covers = payment.and_then(|payment| payment.covers.as_ref());
                covers.and_then(|covered| covered.grace).unwrap_or(grace)
            }
        }
    }

    fn subscription(&self) -> Option<&'a Subscription> {
        self.billing.subscription(self.channel, self.id)
    }

    fn payments(&self) -> impl Iterator<Item = &'a Payment> {
        self.billing.payments_for(self.channel, self.id)
    }

    /// The grants of the subscription's payments, of its trial and of its gift's months, and those in which their
    /// credits live on.
    pub(super) fn grants(&self) -> Vec<&'a Grant> {
        let mut keys: Vec<_> = self.subscription().map(grant_keys).unwrap_or_default();
        keys.extend(self.payments().flat_map(|payment| payment.grant_keys.iter().cloned()));
        let own = |grant: &&Grant| keys.contains(&self.billing.root(grant).business_key);
        self.billing.grants.iter().filter(own).collect()
    }

    /// The credits of `grant` that ended unused, less those that live on in another grant and the reversed part.
    pub(super) fn left_over(&self, grant: &Grant) -> i64 {
        let heirs = business_keys::heirs(grant.id);
        let live_on = self.billing.grants.iter().filter(|one| heirs.contains(&one.business_key));
        let left = live_on.fold(grant.forfeited.get(), |left, heir| left.saturating_sub(heir.amount.get()));
        let root = &self.billing.root(grant).business_key;
        let payment = self.payments().find(|payment| payment.grant_keys.contains(root));
        payment.map_or(0, |payment| payment.kept(left))
    }

    /// The credits that are paid for and not granted yet, each with its payment. Credits that are over can no longer be
    /// spent and are left out, and so is a payment that was reversed in part.
    pub(super) fn owed(&self, now: Timestamp) -> Vec<(PaymentId, GrantCredits)> {
        let unreversed = self.payments().filter(|payment| payment.permanently_reversed() == 0);
        let wanted = unreversed.flat_map(|payment| {
            let lines = payment.covers.iter().flat_map(|covered| &covered.brings);
            lines.flat_map(move |line| self.wanted(WholePeriod { payment, line }))
        });
        let counts = |grant: &GrantCredits| {
            let from = grant.effective_at.unwrap_or(now).max(now);
            !grant.amount.is_zero() && grant.expires_at.is_none_or(|end| end > from)
        };
        wanted.chain(self.owed_for_changes()).filter(|(_, grant)| counts(grant)).collect()
    }

    fn wanted(&self, whole: WholePeriod<'_>) -> Vec<(PaymentId, GrantCredits)> {
        let WholePeriod { payment, line: brings } = whole;
        let terms = &brings.terms;
        let name = self.billing.plan(brings.plan).map_or("", |plan| plan.name.as_str());
        let shares = shares(brings.period, terms);
        let missing = shares.into_iter().filter_map(|(share, last)| {
            let mut keys = share_keys(payment, brings, &share);
            let is_granted = |key: &BusinessKey| {
                payment.grant_keys.contains(key)
                    || self.billing.grants.iter().any(|grant| grant.business_key == *key)
            };
            let granted = keys.iter().any(is_granted);
            let key = (!keys.is_empty()).then(|| keys.swap_remove(0))?;
            let keeps = terms.rollover.mode == RolloverMode::Keep;
            let rolls = terms.rollover.mode == RolloverMode::RollOver;
            let ends = || self.share_ends(payment, whole, &share, (last, rolls)).at();
            let subscription = self.subscription().map(|known| known.id);
            (!granted).then(|| GrantCredits {
                effective_at: Some(share.effective_at),
                expires_at: (!keeps).then(ends),
                rollover: rollover(terms, &share, self.grace(Some(payment)).renewal_days),
                origin: Origin { order: payment.order, subscription },
                ..GrantCredits::new(terms.credits, Source::Plan, key, format!("Plan: {name}"))
            })
        });
        missing.map(|grant| (payment.id, grant)).collect()
    }

    /// When the trial's credits end: with the trial, or if nothing was paid, after the grace period that applies.
    pub(super) fn trial_end(&self) -> Option<Timestamp> {
        Some(self.trial_ends(self.subscription()?)?.at())
    }

    fn trial_ends(&self, subscription: &Subscription) -> Option<Ends> {
        let trial_end = subscription.trial_end?;
        match self.payments().filter_map(Payment::whole_period).map(|period| period.start).min() {
            Some(start) => Some(Ends::Renewed(trial_end.min(start))),
            None if self.payments().next().is_some() => Some(Ends::With(trial_end)),
            None => Some(self.at_end(None, Some(subscription), trial_end)),
        }
    }

    /// When `grant` ends; none if nothing here determines it.
    pub(super) fn ends(&self, grant: &Grant) -> Option<Ends> {
        let (subscription, root) = (self.subscription(), self.billing.root(grant));
        if let Some(known) = subscription.filter(|known| root.business_key == business_keys::trial(known.id))
        {
            return self.trial_ends(known);
        }
        let granted = |payment: &&Payment| payment.grant_keys.contains(&root.business_key);
        let Some(payment) = self.payments().find(granted) else { return self.cut(subscription) };
        if grant.business_key.as_str().starts_with(business_keys::ROLLOVER) {
            return self.limit(payment);
        }
        // Credits restored after a dispute have an end of their own.
        self.share_of(payment, root).or_else(|| self.limit(payment))
    }

    /// When the share of a period that `payment` granted as `grant` ends.
    fn share_of(&self, payment: &'a Payment, grant: &Grant) -> Option<Ends> {
        let covered = payment.covers.as_ref()?;
        for line in &covered.brings {
            let whole = WholePeriod { payment, line };
            for (share, last) in shares(line.period, &line.terms) {
                if share_keys(payment, line, &share).contains(&grant.business_key) {
                    let rolls = line.terms.rollover.mode == RolloverMode::RollOver;
                    return Some(self.share_ends(payment, whole, &share, (last, rolls)));
                }
            }
        }
        self.change_ends(payment, grant)
    }

    /// When a share of `period` ends: a month of a year with the month, because the next one starts then; the last
    /// share by the state of its subscription; either where a further paid period begins. Credits that roll over wait
    /// for that period only for the grace period of renewals.
    pub(super) fn share_ends(
        &self,
        payment: &Payment,
        whole: WholePeriod<'_>,
        share: &MonthlyShare,
        (last, rolls): (bool, bool),
    ) -> Ends {
        match self.periods.superseded_at(whole) {
            Some(next) => Ends::Renewed(share.ends_at.min(next)),
            None if self.is_late(payment) => Ends::With(share.ends_at),
            None => match self.at_end(Some(payment), self.unless_made_good(payment), share.ends_at) {
                Ends::With(end) if !last => Ends::With(end.min(share.ends_at)),
                Ends::With(_) if rolls => {
                    Ends::With(share.ends_at.plus_days(self.grace(Some(payment)).renewal_days))
                }
                ends => ends,
            },
        }
    }

    /// The time beyond which no other grant of the payment lives.
    fn limit(&self, payment: &Payment) -> Option<Ends> {
        if self.is_late(payment) { None } else { self.cut(self.unless_made_good(payment)) }
    }

    fn cut(&self, subscription: Option<&Subscription>) -> Option<Ends> {
        let whenever = Timestamp::from_micros(i64::MAX);
        match Subscription::credits_end(subscription, self.grace(None), whenever) {
            CreditsEnd::Cut(at) => Some(Ends::Cut(at)),
            CreditsEnd::AfterPeriod { .. } => None,
        }
    }

    fn at_end(&self, payment: Option<&Payment>, subscription: Option<&Subscription>, end: Timestamp) -> Ends {
        match Subscription::credits_end(subscription, self.grace(payment), end) {
            CreditsEnd::Cut(at) => Ends::Cut(end.min(at)),
            CreditsEnd::AfterPeriod { days } => Ends::With(end.plus_days(days)),
        }
    }

    fn unless_made_good(&self, payment: &Payment) -> Option<&'a Subscription> {
        let period = payment.covers.as_ref().map(|covered| covered.period);
        self.subscription().filter(|known| period.is_none_or(|period| !known.is_made_good_by(period)))
    }

    /// Whether it was collected after the subscription had ended.
    fn is_late(&self, payment: &Payment) -> bool {
        self.subscription().is_some_and(|known| known.had_ended_before(payment.collected_at))
    }
}

/// The shares of a period, each with whether it is the last.
fn shares(period: Period, terms: &PlanTerms) -> Vec<(MonthlyShare, bool)> {
    let shares = period_grants(period, terms.credits_interval);
    let last = shares.len().saturating_sub(1);
    shares.into_iter().enumerate().map(|(number, share)| (share, number == last)).collect()
}

/// The keys under which a share may have been granted: a payment that was reported under one reference may learn
/// another. The first one is used for new grants.
fn share_keys(payment: &Payment, brings: &PeriodTerms, share: &MonthlyShare) -> Vec<BusinessKey> {
    let (channel, start) = (payment.channel, brings.period.start);
    let key = |name| business_keys::period(channel, name, brings.plan, start, share.month);
    payment.refs.names().map(key).collect()
}

/// The remainder rolls over into the next share, and no further.
fn rollover(terms: &PlanTerms, share: &MonthlyShare, grace_days: i64) -> Option<Rollover> {
    let cap: Credits = terms.rollover.cap.filter(|_| terms.rollover.mode == RolloverMode::RollOver)?;
    let length = share.ends_at.micros().saturating_sub(share.effective_at.micros());
    let until = Timestamp::from_micros(share.ends_at.micros().saturating_add(length)).plus_days(grace_days);
    Some(Rollover { cap, until })
}
