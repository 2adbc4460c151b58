//! Refunds and disputes.

use billing_core::payments::{
    Dispute, DisputeState, Fact, PaymentRefs, PaymentReversal, PaymentReversalUpdate, Refund, RefundState,
};

use super::money;
use crate::wire::{self, Expandable, Transaction};

/// The state of one refund. Once it is completed, the transaction's cumulative amount is preferred: it includes tax,
/// and other refunds.
pub(super) fn refund(refund: &wire::Refund) -> Result<Fact, String> {
    let state = match refund.status.as_deref() {
        Some("pending" | "requiresAction") => RefundState::Pending,
        Some("succeeded") => RefundState::Succeeded,
        Some("failed" | "canceled") => RefundState::Failed,
        _ => return Ok(Fact::Ignored("the refund's status is unknown")),
    };
    let in_all = refund.transaction.as_ref().and_then(Expandable::object);
    let in_all = in_all.and_then(|transaction| transaction.refunded_amount);
    let update = match in_all.filter(|_| state == RefundState::Succeeded) {
        Some(in_all) => PaymentReversalUpdate::RefundedInAll(money(in_all, &refund.currency)?),
        None => PaymentReversalUpdate::Refund(Refund::new(
            refund.id.clone(),
            money(refund.amount, &refund.currency)?,
            state,
        )),
    };
    Ok(reversal(refund.transaction.as_ref(), update))
}

/// An opened dispute. There is no event of its end; only the transaction may show it.
pub(super) fn dispute(dispute: &wire::Dispute) -> Result<Fact, String> {
    let transaction = dispute.transaction.as_ref().and_then(Expandable::object);
    let state = match transaction.and_then(|transaction| transaction.status.as_deref()) {
        Some("chargedBack" | "chargeback" | "refunded") => DisputeState::Lost,
        _ => DisputeState::Open,
    };
    let amount = money(dispute.amount, &dispute.currency)?;
    let update = PaymentReversalUpdate::Dispute(Dispute { id: dispute.id.clone(), amount, state });
    Ok(reversal(dispute.transaction.as_ref(), update))
}

fn reversal(transaction: Option<&Expandable<Transaction>>, update: PaymentReversalUpdate) -> Fact {
    match transaction {
        Some(transaction) => {
            Fact::Reversal(PaymentReversal { payment: PaymentRefs::of_payment(transaction.id()), update })
        }
        None => Fact::Ignored("it names no transaction"),
    }
}
