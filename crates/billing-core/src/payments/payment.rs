//! Money that came in, and what of it went back.

use super::{
    Channel, Covered, Dispute, DisputeState, PaymentRefs, PaymentReversalUpdate, Refund, RefundState,
};
use crate::orders::OrderStatus;
use crate::values::{
    AccountId, BusinessKey, Currency, IdSource, Money, OrderId, PaymentId, Period, Timestamp,
};

/// Money that came in for an order or a period, what it granted, and what of it went back.
///
/// Providers tell of refunds and disputes several times, late, and in any order. So what is kept is not what is
/// to be done but what was said; what is gone follows from that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Our id.
    pub id: PaymentId,
    /// Whose.
    pub account: AccountId,
    /// Through which provider.
    pub channel: Channel,
    /// What the provider calls it.
    pub refs: PaymentRefs,
    /// The order that it paid, where it did.
    pub order: Option<OrderId>,
    /// What it paid for of a subscription, where it did.
    pub covers: Option<Covered>,
    /// How much was paid, tax included, in minor units.
    pub paid: Money,
    /// The facts that it granted credits for. What is taken back is taken from the last of them first.
    pub grant_keys: Vec<BusinessKey>,
    /// The most that was ever said to be refunded in all, in minor units.
    pub refunded_in_all: i64,
    /// The refunds that were told one by one.
    pub refunds: Vec<Refund>,
    /// The disputes.
    pub disputes: Vec<Dispute>,
    /// How many of its facts are credits given back after money came back to us.
    pub restored: u32,
    /// When we learned of it.
    pub paid_at: Timestamp,
    /// When it was collected, by the provider's clock.
    pub collected_at: Option<Timestamp>,
    /// How often it was written; 0 before the first time.
    pub version: i64,
}

/// How much of a payment is gone, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReversedAmount {
    /// For good: refunded, or lost in a dispute.
    pub firm: i64,
    /// With what disputes have taken for now.
    pub for_now: i64,
}

/// What a payment is made from.
#[derive(Debug, Clone)]
pub struct NewPayment {
    /// Whose.
    pub account: AccountId,
    /// Through which provider.
    pub channel: Channel,
    /// What the provider calls it.
    pub refs: PaymentRefs,
    /// How much was paid.
    pub paid: Money,
}

impl Payment {
    /// Money that just came in.
    pub fn new(new: NewPayment, ids: &dyn IdSource, now: Timestamp) -> Self {
        Self {
            id: PaymentId::new(ids),
            account: new.account,
            channel: new.channel,
            refs: new.refs,
            order: None,
            covers: None,
            paid: new.paid,
            grant_keys: Vec::new(),
            refunded_in_all: 0,
            refunds: Vec::new(),
            disputes: Vec::new(),
            restored: 0,
            paid_at: now,
            collected_at: None,
            version: 0,
        }
    }

    /// Notes that it granted credits for `facts`, those that it did not know of. Says whether there were any.
    pub fn grants_for(&mut self, facts: impl IntoIterator<Item = BusinessKey>) -> bool {
        let before = self.grant_keys.len();
        for fact in facts {
            if !self.grant_keys.contains(&fact) {
                self.grant_keys.push(fact);
            }
        }
        self.grant_keys.len() > before
    }

    /// Takes in what the provider says. Says whether that is news: what was said before, or is behind what was
    /// said before, is none.
    ///
    /// # Errors
    ///
    /// The currency that it speaks of, if the payment was in another.
    pub fn record_reversal(&mut self, news: &PaymentReversalUpdate) -> Result<bool, Currency> {
        let amount = match news {
            PaymentReversalUpdate::RefundedInAll(amount) => *amount,
            PaymentReversalUpdate::Refund(refund) => refund.amount,
            PaymentReversalUpdate::Dispute(dispute) => dispute.amount,
        };
        if amount.currency != self.paid.currency {
            return Err(amount.currency);
        }
        Ok(match news {
            PaymentReversalUpdate::RefundedInAll(amount) => {
                let more = amount.minor > self.refunded_in_all;
                self.refunded_in_all = self.refunded_in_all.max(amount.minor);
                more
            }
            PaymentReversalUpdate::Refund(refund) => {
                let same = |known: &Refund| known.id == refund.id;
                let further = |known: &Refund| refund.state > known.state;
                let asked_by = refund.asked_by.clone();
                let known = self.refunds.iter().find(|known| same(known));
                let asked_by = known.and_then(|known| known.asked_by.clone()).or(asked_by);
                let learned = known.is_some_and(|known| known.asked_by != asked_by);
                let news = take_in(&mut self.refunds, refund, same, further);
                if let Some(known) = self.refunds.iter_mut().find(|known| known.id == refund.id) {
                    known.asked_by = asked_by;
                }
                news || learned
            }
            PaymentReversalUpdate::Dispute(dispute) => {
                let same = |known: &Dispute| known.id == dispute.id;
                let further = |known: &Dispute| dispute.state > known.state;
                take_in(&mut self.disputes, dispute, same, further)
            }
        })
    }

    /// The period of a subscription that it paid for, if it did; not where it only paid for a change in one.
    pub fn whole_period(&self) -> Option<Period> {
        self.covers.as_ref().filter(|covered| covered.change.is_none()).map(|covered| covered.period)
    }

    /// Whether it paid for a whole period that begins where `period` does, but for an hour: providers' periods begin some
    /// seconds apart.
    pub fn begins_with(&self, period: Period) -> bool {
        const SLACK_SECONDS: i64 = 3600;
        let apart = |paid: Period| paid.start.seconds_since(period.start).saturating_abs();
        self.whole_period().is_some_and(|paid| apart(paid) <= SLACK_SECONDS)
    }

    /// How much of it can still be given back, in minor units: what neither went back nor is on its way there, nor is
    /// held by a dispute.
    pub fn left(&self, disputes_are_refunded: bool) -> i64 {
        let pending = self.refunds.iter().filter(|refund| refund.state == RefundState::Pending);
        let away = self.reversed(disputes_are_refunded).for_now.saturating_add(sum(pending.map(amount_of)));
        self.paid.minor.saturating_sub(away).max(0)
    }

    /// How much of it is gone for good, in minor units, counted so that refunds and disputes of one money count once.
    pub fn permanently_reversed(&self) -> i64 {
        self.reversed(true).firm
    }

    /// Where that leaves the order that it paid.
    pub fn order_status(&self) -> OrderStatus {
        match self.permanently_reversed() {
            ..=0 => OrderStatus::Completed,
            part if part < self.paid.minor => OrderStatus::PartiallyRefunded,
            _ => OrderStatus::Refunded,
        }
    }

    /// How much of it is gone, never more than was paid.
    ///
    /// A refund may be told one by one, in sums, or both; each alone may be short of some. Where the provider
    /// `disputes_are_refunded`, both speak of the same money.
    pub fn reversed(&self, disputes_are_refunded: bool) -> ReversedAmount {
        let of = |state| sum(self.refunds.iter().filter(move |refund| refund.state == state).map(amount_of));
        // Sums count a refund that failed later on.
        let in_all = self.refunded_in_all.saturating_sub(of(RefundState::Failed));
        let refunded = in_all.max(of(RefundState::Succeeded));
        let disputed = |states: &[DisputeState]| {
            let those = self.disputes.iter().filter(|dispute| states.contains(&dispute.state));
            sum(those.map(|dispute| dispute.amount.minor))
        };
        let together = |disputed: i64| {
            let gone = if disputes_are_refunded {
                refunded.max(disputed)
            } else {
                refunded.saturating_add(disputed)
            };
            gone.clamp(0, self.paid.minor.max(0))
        };
        ReversedAmount {
            firm: together(disputed(&[DisputeState::Lost])),
            for_now: together(disputed(&[DisputeState::Lost, DisputeState::Open])),
        }
    }
}

fn amount_of(refund: &Refund) -> i64 {
    refund.amount.minor
}

fn sum(amounts: impl Iterator<Item = i64>) -> i64 {
    amounts.fold(0, i64::saturating_add)
}

/// Puts `told` into `known`, or in the place of the one that it is further than.
fn take_in<T: Clone>(
    known: &mut Vec<T>,
    told: &T,
    same: impl Fn(&T) -> bool,
    further: impl Fn(&T) -> bool,
) -> bool {
    match known.iter_mut().find(|known| same(known)) {
        Some(known) if further(known) => told.clone_into(known),
        Some(_) => return false,
        None => known.push(told.clone()),
    }
    true
}
