//! Payments.

use billing_core::payments::{Covered, Payment, PaymentNames};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, BusinessKey, Money, OrderId, PaymentId, Period};

use super::read::{Reader, at, to_json};
use crate::entity::payments::Model;

/// The row to write for `payment`, one version on.
pub(crate) fn payment_model(payment: &Payment) -> Model {
    let facts: Vec<&str> = payment.facts.iter().map(BusinessKey::as_str).collect();
    Model {
        id: payment.id.uuid(),
        account_id: payment.account.uuid(),
        channel: payment.channel.to_string(),
        payment_ref: payment.names.payment.clone(),
        invoice_ref: payment.names.invoice.clone(),
        order_id: payment.order.map(OrderId::uuid),
        subscription_ref: payment.covers.as_ref().map(|covered| covered.subscription.clone()),
        period_start: payment.covers.as_ref().map(|covered| covered.period.start.micros()),
        period_end: payment.covers.as_ref().map(|covered| covered.period.end.micros()),
        paid: payment.paid.minor,
        currency: payment.paid.currency.code().to_owned(),
        facts: to_json(&facts),
        refunded_in_all: payment.refunded_in_all,
        refunds: to_json(&payment.refunds),
        disputes: to_json(&payment.disputes),
        restored: i64::from(payment.restored),
        paid_at: payment.paid_at.micros(),
        version: payment.version.saturating_add(1),
    }
}

pub(crate) fn read_payment(row: Model) -> Result<Payment, StoreError> {
    let read = Reader::new("payments", row.id);
    let covers = match (row.subscription_ref, row.period_start, row.period_end) {
        (Some(subscription), Some(start), Some(end)) => {
            Some(Covered { subscription, period: Period { start: at(start), end: at(end) } })
        }
        _ => None,
    };
    let facts: Vec<String> = read.json("facts", &row.facts)?;
    Ok(Payment {
        id: PaymentId::from_uuid(row.id),
        account: AccountId::from_uuid(row.account_id),
        channel: read.parse("channel", &row.channel)?,
        names: PaymentNames { payment: row.payment_ref, invoice: row.invoice_ref },
        order: row.order_id.map(OrderId::from_uuid),
        covers,
        paid: Money::new(row.paid, read.parse("currency", &row.currency)?),
        facts: facts.into_iter().map(BusinessKey::from_stored).collect(),
        refunded_in_all: row.refunded_in_all,
        refunds: read.json("refunds", &row.refunds)?,
        disputes: read.json("disputes", &row.disputes)?,
        restored: read.small("restored", row.restored)?,
        paid_at: at(row.paid_at),
        version: row.version,
    })
}
