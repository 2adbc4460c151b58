//! Rows of payments.

use billing_core::payments::{Card, Covered, Payment, PaymentMethod, PaymentRefs};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, BusinessKey, Money, OrderId, PaymentId, Timestamp};

use super::read::{Reader, at, to_json};
use crate::entity::payment_methods;
use crate::entity::payments::Model;

/// The row of `payment`, at the next version.
pub(crate) fn payment_model(payment: &Payment) -> Model {
    let facts: Vec<&str> = payment.grant_keys.iter().map(BusinessKey::as_str).collect();
    Model {
        id: payment.id.uuid(),
        account_id: payment.account.uuid(),
        channel: payment.channel.to_string(),
        payment_ref: payment.refs.payment.clone(),
        invoice_ref: payment.refs.invoice.clone(),
        order_id: payment.order.map(OrderId::uuid),
        subscription_ref: payment.covers.as_ref().map(|covered| covered.subscription.clone()),
        period_end: payment.covers.as_ref().map(|covered| covered.end().micros()),
        covers: payment.covers.as_ref().map(to_json),
        paid: payment.paid.minor,
        currency: payment.paid.currency.code().to_owned(),
        grant_keys: to_json(&facts),
        refunded_in_all: payment.refunded_in_all,
        refunds: to_json(&payment.refunds),
        disputes: to_json(&payment.disputes),
        restored: i64::from(payment.restored),
        paid_at: payment.paid_at.micros(),
        collected_at: payment.collected_at.map(Timestamp::micros),
        version: payment.version.saturating_add(1),
    }
}

pub(crate) fn read_payment(row: Model) -> Result<Payment, StoreError> {
    let read = Reader::new("payments", row.id);
    let covers: Option<Covered> = row.covers.map(|covers| read.json("covers", &covers)).transpose()?;
    if covers.as_ref().map(|covered| &covered.subscription) != row.subscription_ref.as_ref() {
        return Err(read.corrupt("subscription_ref", "another subscription than what it covers"));
    }
    let facts: Vec<String> = read.json("grant_keys", &row.grant_keys)?;
    Ok(Payment {
        id: PaymentId::from_uuid(row.id),
        account: AccountId::from_uuid(row.account_id),
        channel: read.parse("channel", &row.channel)?,
        refs: PaymentRefs { payment: row.payment_ref, invoice: row.invoice_ref },
        order: row.order_id.map(OrderId::from_uuid),
        covers,
        paid: Money::new(row.paid, read.parse("currency", &row.currency)?),
        grant_keys: facts.into_iter().map(BusinessKey::from_stored).collect(),
        refunded_in_all: row.refunded_in_all,
        refunds: read.json("refunds", &row.refunds)?,
        disputes: read.json("disputes", &row.disputes)?,
        restored: read.small("restored", row.restored)?,
        paid_at: at(row.paid_at),
        collected_at: row.collected_at.map(at),
        version: row.version,
    })
}

/// The row of `method`, at the next version.
pub(crate) fn payment_method_model(method: &PaymentMethod) -> payment_methods::Model {
    payment_methods::Model {
        channel: method.channel.to_string(),
        provider_id: method.provider_id.clone(),
        account_id: method.account.uuid(),
        brand: method.card.brand.clone(),
        last4: method.card.last4.clone(),
        exp_month: i64::from(method.card.exp_month),
        exp_year: i64::from(method.card.exp_year),
        removed: method.removed,
        provider_updated_at: method.provider_updated_at.micros(),
        version: method.version.saturating_add(1),
    }
}

pub(crate) fn read_payment_method(row: payment_methods::Model) -> Result<PaymentMethod, StoreError> {
    let read = Reader::new("payment_methods", row.provider_id.clone());
    Ok(PaymentMethod {
        channel: read.parse("channel", &row.channel)?,
        account: AccountId::from_uuid(row.account_id),
        card: Card {
            exp_month: read.small("exp_month", row.exp_month)?,
            exp_year: read.small("exp_year", row.exp_year)?,
            brand: row.brand,
            last4: row.last4,
        },
        provider_id: row.provider_id,
        removed: row.removed,
        provider_updated_at: at(row.provider_updated_at),
        version: row.version,
    })
}
