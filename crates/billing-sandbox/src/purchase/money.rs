//! Refunds and disputes of the latest payment.

use billing_core::payments::DisputeState::{self, Lost, Open, Won};
use billing_core::payments::{Dispute, Refund, RefundState};
use billing_core::values::{Money, Timestamp};

use super::{Charge, SandboxPurchase, Simulated};
use crate::event::{DISPUTED, DisputeData, REFUNDED, RefundData};

impl SandboxPurchase {
    /// Refunds `minor` units of the latest payment; none if that is too much.
    pub fn refunded(&self, minor: i64, now: Timestamp) -> Option<Simulated> {
        let charge = self.charge.filter(|charge| (1..=charge.refundable()).contains(&minor))?;
        let refunds = charge.refunds.saturating_add(1);
        let refunded = charge.refunded.saturating_add(minor);
        let next = self.after(Charge { refunded, refunds, ..charge });
        let name = self.charge_id()?;
        let id = format!("re_{name}_{refunds}");
        let refund = Refund::new(id, Money::new(minor, charge.paid.currency), RefundState::Succeeded);
        let event = next.event(REFUNDED, now, &RefundData { charge: name, refund });
        Some((next, vec![event]))
    }

    /// The refundable amount of the latest payment, in minor units; 0 during a dispute.
    pub fn refundable(&self) -> i64 {
        self.charge.map_or(0, Charge::refundable)
    }

    /// The buyer's bank withholds the rest of the latest payment until the dispute is settled.
    pub fn disputed(&self, now: Timestamp) -> Option<Simulated> {
        let charge = self.charge.filter(|charge| charge.refundable() > 0)?;
        let disputes = charge.disputes.saturating_add(1);
        self.dispute(Charge { disputes, dispute: Some((charge.refundable(), Open)), ..charge }, now)
    }

    /// The dispute is won: the money is back.
    pub fn dispute_won(&self, now: Timestamp) -> Option<Simulated> {
        self.settled(Won, now)
    }

    /// The dispute is lost: the buyer keeps the money.
    pub fn dispute_lost(&self, now: Timestamp) -> Option<Simulated> {
        self.settled(Lost, now)
    }

    fn settled(&self, state: DisputeState, now: Timestamp) -> Option<Simulated> {
        let charge = self.charge?;
        let (amount, _) = charge.dispute.filter(|(_, state)| *state == Open)?;
        self.dispute(Charge { dispute: Some((amount, state)), ..charge }, now)
    }

    fn dispute(&self, charge: Charge, now: Timestamp) -> Option<Simulated> {
        let (minor, state) = charge.dispute?;
        let next = self.after(charge);
        let name = self.charge_id()?;
        let id = format!("dp_{name}_{}", charge.disputes);
        let dispute = Dispute { id, amount: Money::new(minor, charge.paid.currency), state };
        let event = next.event(DISPUTED, now, &DisputeData { charge: name, dispute });
        Some((next, vec![event]))
    }

    fn after(&self, charge: Charge) -> Self {
        Self { step: self.step.saturating_add(1), charge: Some(charge), ..self.clone() }
    }
}

impl Charge {
    pub(super) const fn new(number: u32, paid: Money) -> Self {
        Self { number, paid, refunded: 0, refunds: 0, dispute: None, disputes: 0 }
    }

    fn refundable(self) -> i64 {
        match self.dispute {
            None | Some((_, Won)) => self.paid.minor.saturating_sub(self.refunded).max(0),
            Some(_) => 0,
        }
    }
}
