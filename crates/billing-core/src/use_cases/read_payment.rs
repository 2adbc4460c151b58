//! Reads a payment that no event has reported.

use super::apply_fact::apply_fact;
use crate::BillingError;
use crate::account_billing::FactSource;
use crate::billing::Ports;
use crate::payments::{Capability, Channel, Fact, PaymentRefs};

/// Reads what the payment that a refund or dispute names was for, and applies that: its own webhook may be lost, or it may
/// be known by its invoice only. Returns whether there was anything to read. Idempotent with the webhooks.
///
/// # Errors
///
/// [`BillingError::Provider`] if the provider does not answer, [`BillingError::Store`]; may be tried again.
pub(super) async fn read_payment(
    ports: &Ports,
    channel: Channel,
    refs: &PaymentRefs,
) -> Result<bool, BillingError> {
    let reader = ports.provider(channel);
    let reader = reader.filter(|provider| provider.capabilities().can(Capability::ReadSubscription));
    let (Some(provider), Some(payment)) = (reader, &refs.payment) else { return Ok(false) };
    let facts: Vec<Fact> = match provider.read_payment(payment, ports.clock.now()).await {
        // It is not this provider account's: there is nothing to read, now or later.
        Err(error) if error.is_refusal() => Vec::new(),
        read => read?,
    };
    for fact in &facts {
        apply_fact(ports, &FactSource::response(channel, payment), fact, None).await?;
    }
    Ok(!facts.is_empty())
}
