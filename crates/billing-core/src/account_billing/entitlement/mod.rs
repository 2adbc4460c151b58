//! What a subscription's payments entitle to, and until when.

mod changes;

use changes::change_keys;

use super::{AccountBilling, BillingPolicy, state::grant_keys};
use crate::catalog::{MonthlyShare, PlanTerms, RolloverMode, period_grants};
use crate::ledger::{Grant, GrantCredits, Origin, Rollover, Source, business_keys};
use crate::payments::{Channel, Covered, Payment, PeriodTerms};
use crate::subscriptions::{CreditsEnd, Subscription};
use crate::values::{BusinessKey, Credits, PaymentId, Period, Timestamp};

/// How far apart the end of a period and the beginning of the next may be: providers' differ by some seconds.
const SLACK_SECONDS: i64 = 3600;

/// What one subscription's payments entitle to, as its account's billing stands.
#[derive(Clone, Copy)]
pub(super) struct Entitlement<'a> {
    billing: &'a AccountBilling,
    channel: Channel,
    id: &'a str,
    policy: BillingPolicy,
}

/// When a grant ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// With its period and what grace there is.
    With(Timestamp),
    /// No later than where the next period begins.
    Renewed(Timestamp),
    /// No later than where the subscription ended, or was found unpaid.
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
    pub(super) const fn of(
        billing: &'a AccountBilling,
        channel: Channel,
        id: &'a str,
        policy: BillingPolicy,
    ) -> Self {
        Self { billing, channel, id, policy }
    }

    fn subscription(&self) -> Option<&'a Subscription> {
        self.billing.subscription(self.channel, self.id)
    }

    fn payments(&self) -> impl Iterator<Item = &'a Payment> {
        self.billing.payments_for(self.channel, self.id)
    }

    /// What was granted for the subscription's payments, its trial and its gift's months, and what rolled over from those.
    pub(super) fn grants(&self) -> Vec<&'a Grant> {
        let mut keys: Vec<_> = self.subscription().map(grant_keys).unwrap_or_default();
        keys.extend(self.payments().flat_map(|payment| payment.grant_keys.iter().cloned()));
        let own = |grant: &&Grant| keys.contains(&grant.business_key);
        let all = &self.billing.grants;
        let heirs: Vec<_> = all.iter().filter(own).map(|grant| business_keys::rollover(grant.id)).collect();
        all.iter().filter(|grant| own(grant) || heirs.contains(&grant.business_key)).collect()
    }

    /// What is paid for and was not granted yet, each with its payment. What is over cannot be spent any more, and what
    /// went back in part is left as it is.
    pub(super) fn owed(&self, now: Timestamp) -> Vec<(PaymentId, GrantCredits)> {
        let unreversed = self.payments().filter(|payment| payment.permanently_reversed() == 0);
        let wanted = unreversed.flat_map(|payment| {
            let covers = payment.covers.iter().flat_map(|covered| &covered.brings);
            covers.flat_map(move |brings| self.wanted(payment, brings))
        });
        let counts = |grant: &GrantCredits| {
            let from = grant.effective_at.unwrap_or(now).max(now);
            !grant.amount.is_zero() && grant.expires_at.is_none_or(|end| end > from)
        };
        wanted.chain(self.owed_for_changes()).filter(|(_, grant)| counts(grant)).collect()
    }

    fn wanted(&self, payment: &'a Payment, brings: &PeriodTerms) -> Vec<(PaymentId, GrantCredits)> {
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
            let ends = || self.share_ends(payment, brings.period, &share, (last, rolls)).at();
            let subscription = self.subscription().map(|known| known.id);
            (!granted).then(|| GrantCredits {
                effective_at: Some(share.effective_at),
                expires_at: (!keeps).then(ends),
                rollover: rollover(terms, &share, self.policy.grace_periods.renewal_days),
                origin: Origin { order: payment.order, subscription },
                ..GrantCredits::new(terms.credits, Source::Plan, key, format!("Plan: {name}"))
            })
        });
        missing.map(|grant| (payment.id, grant)).collect()
    }

    /// When the trial's credits end: with it, and where nothing was paid, with what grace there is.
    pub(super) fn trial_end(&self) -> Option<Timestamp> {
        Some(self.trial_ends(self.subscription()?)?.at())
    }

    fn trial_ends(&self, subscription: &Subscription) -> Option<Ends> {
        let trial_end = subscription.trial_end?;
        match self.payments().filter_map(Payment::whole_period).map(|period| period.start).min() {
            Some(start) => Some(Ends::Renewed(trial_end.min(start))),
            None if self.payments().next().is_some() => Some(Ends::With(trial_end)),
            None => Some(self.at_end(Some(subscription), trial_end)),
        }
    }

    /// When `grant` ends; none where nothing here says so.
    pub(super) fn ends(&self, grant: &Grant) -> Option<Ends> {
        let subscription = self.subscription();
        if let Some(known) = subscription.filter(|known| grant.business_key == business_keys::trial(known.id))
        {
            return self.trial_ends(known);
        }
        let granted = |payment: &&Payment| payment.grant_keys.contains(&grant.business_key);
        if let Some(payment) = self.payments().find(granted) {
            // What was given back after a dispute has a time of its own.
            return self.share_of(payment, grant).or_else(|| self.limit(payment));
        }
        let parent =
            self.billing.grants.iter().find(|one| business_keys::rollover(one.id) == grant.business_key);
        let heir_of = parent.and_then(|parent| {
            self.payments().find(|payment| payment.grant_keys.contains(&parent.business_key))
        });
        match heir_of {
            Some(payment) => self.limit(payment),
            None => self.cut(subscription),
        }
    }

    /// When what `payment` brought for a share of a period ends, by the grant's key.
    fn share_of(&self, payment: &Payment, grant: &Grant) -> Option<Ends> {
        let covered = payment.covers.as_ref()?;
        for brings in &covered.brings {
            for (share, last) in shares(brings.period, &brings.terms) {
                if share_keys(payment, brings, &share).contains(&grant.business_key) {
                    let rolls = brings.terms.rollover.mode == RolloverMode::RollOver;
                    return Some(self.share_ends(payment, brings.period, &share, (last, rolls)));
                }
            }
        }
        let change = covered.change.as_ref()?;
        let covering = self.covering(covered)?;
        let shares = period_grants(covering, change.credits_interval);
        let last = shares.len().saturating_sub(1);
        let numbered = shares.into_iter().enumerate();
        let mut own = numbered
            .filter(|(_, share)| change_keys(payment, covered, share.month).contains(&grant.business_key));
        let (number, share) = own.next()?;
        Some(self.share_ends(payment, covering, &share, (number == last, false)))
    }

    /// The whole period in which a change was made. A fresh period begins within the one before; then it is the one that
    /// counts.
    pub(super) fn covering(&self, change: &Covered) -> Option<Period> {
        let start = change.period.start;
        let contains = |period: &Period| period.start <= start && start < period.end;
        let periods = self.payments().filter_map(Payment::whole_period).filter(contains);
        periods.max_by_key(|period| period.start)
    }

    /// When a share of `period` ends: a month's of a year with the month, because the next one's are there then; the last
    /// one's as its subscription stands; either where a further period begins that was paid. What rolls over waits for
    /// that period no longer than the renewal's money usually takes.
    pub(super) fn share_ends(
        &self,
        payment: &Payment,
        period: Period,
        share: &MonthlyShare,
        (last, rolls): (bool, bool),
    ) -> Ends {
        match self.next_start(payment, period) {
            Some(next) => Ends::Renewed(share.ends_at.min(next)),
            None if self.is_late(payment) => Ends::With(share.ends_at),
            None => match self.at_end(self.unless_made_good(payment), share.ends_at) {
                Ends::With(end) if !last => Ends::With(end.min(share.ends_at)),
                Ends::With(_) if rolls => {
                    Ends::With(share.ends_at.plus_days(self.policy.grace_periods.renewal_days))
                }
                ends => ends,
            },
        }
    }

    /// The end that a payment's other grants do not live beyond.
    fn limit(&self, payment: &Payment) -> Option<Ends> {
        if self.is_late(payment) { None } else { self.cut(self.unless_made_good(payment)) }
    }

    fn cut(&self, subscription: Option<&Subscription>) -> Option<Ends> {
        let whenever = Timestamp::from_micros(i64::MAX);
        match Subscription::credits_end(subscription, self.policy.grace_periods, whenever) {
            CreditsEnd::Cut(at) => Some(Ends::Cut(at)),
            CreditsEnd::AfterPeriod { .. } => None,
        }
    }

    fn at_end(&self, subscription: Option<&Subscription>, end: Timestamp) -> Ends {
        match Subscription::credits_end(subscription, self.policy.grace_periods, end) {
            CreditsEnd::Cut(at) => Ends::Cut(end.min(at)),
            CreditsEnd::AfterPeriod { days } => Ends::With(end.plus_days(days)),
        }
    }

    /// Where another payment's period begins, in `period` or with its end.
    fn next_start(&self, payment: &Payment, period: Period) -> Option<Timestamp> {
        let others = self.payments().filter(|other| other.id != payment.id);
        let starts = others.filter_map(Payment::whole_period).map(|other| other.start);
        starts.filter(|start| *start > period.start.plus_seconds(SLACK_SECONDS)).min()
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

/// The keys under which a share may have been granted: a payment that was told under one name may learn another. It is
/// granted under the first.
fn share_keys(payment: &Payment, brings: &PeriodTerms, share: &MonthlyShare) -> Vec<BusinessKey> {
    let (channel, start) = (payment.channel, brings.period.start);
    let key = |name| business_keys::period(channel, name, brings.plan, start, share.month);
    payment.refs.names().map(key).collect()
}

/// What is left rolls over into the share after, and no further.
fn rollover(terms: &PlanTerms, share: &MonthlyShare, grace_days: i64) -> Option<Rollover> {
    let cap: Credits = terms.rollover.cap.filter(|_| terms.rollover.mode == RolloverMode::RollOver)?;
    let length = share.ends_at.micros().saturating_sub(share.effective_at.micros());
    let until = Timestamp::from_micros(share.ends_at.micros().saturating_add(length)).plus_days(grace_days);
    Some(Rollover { cap, until })
}
