//! Refunds.

use billing_core::payments::{Capability, PaymentReversalUpdate, RefundRequest};

use super::stage::{ProviderStage, told_truly, usd};

pub(super) fn refund_of(stage: &dyn ProviderStage, minor: i64, key: &str) -> RefundRequest {
    RefundRequest { payment: stage.paid(), amount: usd(minor), all: minor == 999, key: key.to_owned() }
}

fn reversed(update: &PaymentReversalUpdate) -> i64 {
    match update {
        PaymentReversalUpdate::RefundedInAll(amount) => amount.minor,
        PaymentReversalUpdate::Refund(refund) => refund.amount.minor,
        PaymentReversalUpdate::Dispute(_) => 0,
    }
}

/// A payment is refunded in full, and the same request again refunds nothing more.
pub async fn a_payment_is_given_back_once(stage: &dyn ProviderStage) {
    let request = refund_of(stage, 999, "refund:all");
    let answered = stage.provider().refund(&request).await;
    let Some(first) = told_truly(stage, Capability::Refund, answered) else { return };
    let again = stage.provider().refund(&request).await.unwrap();
    assert_eq!(first, again, "it went back twice");
    assert_eq!(first.as_ref().map_or(999, reversed), 999);
}

/// Parts of a payment are refunded one by one, each once; a provider with full refunds only says so and refunds
/// nothing.
pub async fn parts_of_a_payment_are_given_back_where_the_table_says_so(stage: &dyn ProviderStage) {
    let first = refund_of(stage, 400, "refund:first");
    let answered = stage.provider().refund(&first).await;
    let Some(part) = told_truly(stage, Capability::PartialRefund, answered) else {
        let all = RefundRequest { amount: usd(999), all: true, key: "refund:rest".to_owned(), ..first };
        let answered = stage.provider().refund(&all).await;
        let whole = told_truly(stage, Capability::Refund, answered).flatten();
        assert_eq!(whole.as_ref().map_or(999, reversed), 999);
        return;
    };
    assert_eq!(part.as_ref().map(reversed), Some(400));
    assert_eq!(stage.provider().refund(&first).await.unwrap(), part, "one request, one refund");
    let rest = RefundRequest { amount: usd(599), all: true, key: "refund:rest".to_owned(), ..first };
    let rest = stage.provider().refund(&rest).await.unwrap();
    assert_eq!(rest.as_ref().map(reversed), Some(599));
    assert_ne!(rest, part);
}
