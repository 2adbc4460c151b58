//! Refunds payments.

use super::apply_fact::apply_fact;
use crate::BillingError;
use crate::account_billing::{FactOrigin, FactSource};
use crate::billing::Ports;
use crate::ledger::Actor;
use crate::payments::{
    Capability, Channel, Fact, Payment, PaymentReversal, PaymentReversalUpdate, RefundRequest,
};
use crate::ports::{OrderRef, PaymentProvider, PaymentQuery, PaymentRef, ProviderError};
use crate::values::{Money, OrderId, PaymentId, RequestKey};

use super::CheckoutRefusal;

/// A refund requested by an operator.
#[derive(Debug, Clone)]
pub struct RefundPayment {
    /// The payment or order.
    pub what: Refunded,
    /// The amount in minor units; the whole refundable rest if none.
    pub amount: Option<i64>,
    /// The request's key, so that a retry refunds nothing more.
    pub key: Option<RequestKey>,
    /// The operator.
    pub actor: Actor,
}

/// The payment to refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refunded {
    /// This payment.
    Payment(PaymentId),
    /// The payment of this order.
    Order(OrderId),
}

/// Why a refund is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefusal {
    /// Nothing is left to refund.
    #[error("nothing of this payment is left to be refunded")]
    NothingLeft,
    /// The amount exceeds the refundable rest.
    #[error("{asked} minor units exceed what is left to refund of this payment: {left}")]
    TooMuch {
        /// The requested amount, in minor units.
        asked: i64,
        /// The refundable rest, in minor units.
        left: i64,
    },
    /// The provider supports full refunds only.
    #[error("{0} refunds a payment only in full; ask for all of it, or use its dashboard")]
    OnlyInFull(Channel),
}

impl RefundRefusal {
    /// The stable error code of the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NothingLeft => "already_refunded",
            Self::TooMuch { .. } => "refund_too_large",
            Self::OnlyInFull(_) => "partial_refund_unsupported",
        }
    }
}

/// Refunds a payment at the provider, and claws back its credits. The provider is called first, with no database
/// transaction open; if its response is lost, the same request may be sent again, and its event reports the outcome.
/// Returns the payment's new state.
pub(crate) async fn refund_payment(ports: &Ports, ask: &RefundPayment) -> Result<Payment, BillingError> {
    let payment = find(ports, ask.what).await?;
    let provider = provider(ports, payment.channel)?;
    let table = provider.capabilities();
    let left = payment.left(table.can(Capability::DisputesAreRefunded));
    let minor = ask.amount.unwrap_or(left);
    if minor <= 0 && ask.amount.is_some() {
        return Err(BillingError::Invalid { field: "amount", problem: "must be at least 1".to_owned() });
    }
    if repeated(&payment, ask) {
        return Ok(payment);
    }
    if left == 0 {
        return Err(RefundRefusal::NothingLeft.into());
    }
    if minor > left {
        return Err(RefundRefusal::TooMuch { asked: minor, left }.into());
    }
    if minor < left && !table.can(Capability::PartialRefund) {
        return Err(RefundRefusal::OnlyInFull(payment.channel).into());
    }
    let amount = Money::new(minor, payment.paid.currency);
    refund(ports, provider, payment, amount, ask).await
}

/// Refunds the rest of a payment, if there is any.
pub(super) async fn refund_rest(ports: &Ports, payment: Payment, actor: Actor) -> Result<(), BillingError> {
    let provider = provider(ports, payment.channel)?;
    let left = payment.left(provider.capabilities().can(Capability::DisputesAreRefunded));
    if left == 0 {
        return Ok(());
    }
    let (what, amount) = (Refunded::Payment(payment.id), Money::new(left, payment.paid.currency));
    let ask = RefundPayment { what, amount: None, key: None, actor };
    refund(ports, provider, payment, amount, &ask).await.map(drop)
}

async fn refund(
    ports: &Ports,
    provider: &dyn PaymentProvider,
    payment: Payment,
    amount: Money,
    ask: &RefundPayment,
) -> Result<Payment, BillingError> {
    // Without a caller's key, the same refund of the same state of the payment is one refund.
    let key = match &ask.key {
        Some(key) => format!("refund:{}:{}", payment.id, key.as_str()),
        None => format!("refund:{}:{}:{}", payment.id, amount.minor, payment.version),
    };
    // From the request, not from the current rest: a retry has to send exactly the same.
    let all = ask.amount.is_none() || !provider.capabilities().can(Capability::PartialRefund);
    let request = RefundRequest { payment: payment.refs.clone(), amount, all, key };
    if let Some(mut update) = provider.refund(&request).await? {
        if let PaymentReversalUpdate::Refund(refund) = &mut update {
            refund.asked_by = ask.key.as_ref().map(|key| key.as_str().to_owned());
        }
        // Idempotent with the provider's event.
        let fact = Fact::Reversal(PaymentReversal { payment: payment.refs.clone(), update });
        let (channel, actor) = (payment.channel, ask.actor.clone());
        let source = FactSource { channel, origin: FactOrigin::Response, actor };
        apply_fact(ports, &source, &fact, None).await?;
    }
    Ok(ports.store.billing.payment(PaymentRef::Id(payment.id)).await?.unwrap_or(payment))
}

/// Whether this very request was executed before.
fn repeated(payment: &Payment, ask: &RefundPayment) -> bool {
    let Some(key) = ask.key.as_ref().map(RequestKey::as_str) else { return false };
    payment.refunds.iter().any(|refund| refund.asked_by.as_deref() == Some(key))
}

async fn find(ports: &Ports, what: Refunded) -> Result<Payment, BillingError> {
    match what {
        Refunded::Payment(id) => {
            let found = ports.store.billing.payment(PaymentRef::Id(id)).await?;
            found.ok_or_else(|| BillingError::not_found("payment", id))
        }
        Refunded::Order(id) => {
            if ports.store.billing.order(OrderRef::Id(id)).await?.is_none() {
                return Err(BillingError::not_found("order", id));
            }
            let found = ports.store.billing.payments(PaymentQuery::Order(id)).await?.into_iter().next();
            found.ok_or_else(|| BillingError::not_found("payment of order", id))
        }
    }
}

fn provider(ports: &Ports, channel: Channel) -> Result<&dyn PaymentProvider, BillingError> {
    let provider = ports.provider(channel).ok_or(CheckoutRefusal::ChannelNotConfigured(channel))?;
    if provider.capabilities().can(Capability::Refund) {
        Ok(provider)
    } else {
        Err(ProviderError::Unsupported("refund payments").into())
    }
}
