//! A payment, and what was reversed of it.

use super::{
    Channel, Covered, Dispute, DisputeState, PaymentRefs, PaymentReversalUpdate, Refund, RefundState,
};
use crate::orders::OrderStatus;
use crate::values::{
    AccountId, BusinessKey, Currency, IdSource, Money, OrderId, PaymentId, Period, Timestamp,
};

/// A payment for an order or a period: what it granted, and what was refunded or disputed of it.
///
/// Providers report refunds and disputes repeatedly, late, and in any order. So the reported states are stored, and
/// the reversed amount is computed from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Our id.
    pub id: PaymentId,
    /// The owner.
    pub account: AccountId,
    /// The provider.
    pub channel: Channel,
    /// The provider's references.
    pub refs: PaymentRefs,
    /// The order that it paid for, if any.
    pub order: Option<OrderId>,
    /// What it covers of a subscription, if anything.
    pub covers: Option<Covered>,
    /// The amount paid, tax included, in minor units.
    pub paid: Money,
    /// The business keys under which it granted credits. A clawback starts with the last of them.
    pub grant_keys: Vec<BusinessKey>,
    /// The largest cumulative refund reported, in minor units.
    pub refunded_in_all: i64,
    /// The refunds that were reported one by one.
    pub refunds: Vec<Refund>,
    /// The disputes.
    pub disputes: Vec<Dispute>,
    /// The number of grants that restored credits after a reversal was undone.
    pub restored: u32,
    /// When it was recorded.
    pub paid_at: Timestamp,
    /// When it was collected, by the provider's clock.
    pub collected_at: Option<Timestamp>,
    /// The row's version; 0 if not stored yet.
    pub version: i64,
}

/// The reversed amount of a payment, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReversedAmount {
    /// Permanent: refunded, or lost in a dispute.
    pub firm: i64,
    /// Including open disputes.
    pub for_now: i64,
}

/// The data of a new payment.
#[derive(Debug, Clone)]
pub struct NewPayment {
    /// The owner.
    pub account: AccountId,
    /// The provider.
    pub channel: Channel,
    /// The provider's references.
    pub refs: PaymentRefs,
    /// The amount paid.
    pub paid: Money,
}

impl Payment {
    /// A payment that was just received.
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

    /// Records the business keys `facts` that it granted credits under. Returns whether any of them is new.
    pub fn grants_for(&mut self, facts: impl IntoIterator<Item = BusinessKey>) -> bool {
        let before = self.grant_keys.len();
        for fact in facts {
            if !self.grant_keys.contains(&fact) {
                self.grant_keys.push(fact);
            }
        }
        self.grant_keys.len() > before
    }

    /// Records a provider's report of a refund or dispute. Returns whether it changed anything: a repeated or older
    /// state does not.
    ///
    /// # Errors
    ///
    /// The currency of the report, if it differs from the payment's.
    pub fn record_reversal(&mut self, update: &PaymentReversalUpdate) -> Result<bool, Currency> {
        let amount = match update {
            PaymentReversalUpdate::RefundedInAll(amount) => *amount,
            PaymentReversalUpdate::Refund(refund) => refund.amount,
            PaymentReversalUpdate::Dispute(dispute) => dispute.amount,
        };
        if amount.currency != self.paid.currency {
            return Err(amount.currency);
        }
        Ok(match update {
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
                let changed = upsert(&mut self.refunds, refund, same, further);
                if let Some(known) = self.refunds.iter_mut().find(|known| known.id == refund.id) {
                    known.asked_by = asked_by;
                }
                changed || learned
            }
            PaymentReversalUpdate::Dispute(dispute) => {
                let same = |known: &Dispute| known.id == dispute.id;
                let further = |known: &Dispute| dispute.state > known.state;
                upsert(&mut self.disputes, dispute, same, further)
            }
        })
    }

    /// The period that it covers, if any; none for a mid-period change.
    pub fn whole_period(&self) -> Option<Period> {
        self.covers.as_ref().filter(|covered| !covered.brings.is_empty()).map(|covered| covered.period)
    }

    /// Whether it covers a whole period with the same start as `period`, within an hour: providers' periods start some
    /// seconds apart.
    pub fn begins_with(&self, period: Period) -> bool {
        let apart = |paid: Period| paid.start.seconds_since(period.start).saturating_abs();
        self.whole_period().is_some_and(|paid| apart(paid) <= Period::SLACK_SECONDS)
    }

    /// The amount that can still be refunded, in minor units: neither refunded, nor pending, nor disputed.
    pub fn left(&self, disputes_are_refunded: bool) -> i64 {
        let pending = self.refunds.iter().filter(|refund| refund.state == RefundState::Pending);
        let away = self.reversed(disputes_are_refunded).for_now.saturating_add(sum(pending.map(amount_of)));
        self.paid.minor.saturating_sub(away).max(0)
    }

    /// The permanently reversed amount, in minor units; refunds and disputes of the same money count once.
    pub fn permanently_reversed(&self) -> i64 {
        self.reversed(true).firm
    }

    /// Whether something was paid, and all of it was permanently reversed.
    pub fn is_reversed(&self) -> bool {
        self.paid.minor > 0 && self.permanently_reversed() >= self.paid.minor
    }

    /// `amount` less the part of it that corresponds to the permanently reversed part of the payment, rounded up.
    pub fn kept(&self, amount: i64) -> i64 {
        let gone = i128::from(amount).saturating_mul(i128::from(self.permanently_reversed()));
        let gone = gone.checked_div(i128::from(self.paid.minor.max(1)));
        amount.saturating_sub(gone.and_then(|gone| i64::try_from(gone).ok()).unwrap_or(0))
    }

    /// The resulting status of the order that it paid for.
    pub fn order_status(&self) -> OrderStatus {
        match self.permanently_reversed() {
            ..=0 => OrderStatus::Completed,
            part if part < self.paid.minor => OrderStatus::PartiallyRefunded,
            _ => OrderStatus::Refunded,
        }
    }

    /// The reversed amount, at most the amount paid.
    ///
    /// Refunds may be reported one by one, cumulatively, or both; each may be incomplete. If the provider's
    /// `disputes_are_refunded`, disputes and refunds are the same money.
    pub fn reversed(&self, disputes_are_refunded: bool) -> ReversedAmount {
        let of = |state| sum(self.refunds.iter().filter(move |refund| refund.state == state).map(amount_of));
        // Cumulative sums include refunds that failed later.
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

/// Inserts `reported` into `known`, or replaces an entry in an earlier state.
fn upsert<T: Clone>(
    known: &mut Vec<T>,
    reported: &T,
    same: impl Fn(&T) -> bool,
    further: impl Fn(&T) -> bool,
) -> bool {
    match known.iter_mut().find(|known| same(known)) {
        Some(known) if further(known) => reported.clone_into(known),
        Some(_) => return false,
        None => known.push(reported.clone()),
    }
    true
}
