//! Reads a subscription from its provider.

use super::apply_fact::apply_fact;
use crate::BillingError;
use crate::account_billing::FactSource;
use crate::billing::Ports;
use crate::payments::{Capability, Channel, Fact};
use crate::ports::{PaymentProvider, SubscriptionSelector};

/// Reads a subscription and its latest payment from the provider, and applies both. Idempotent with the webhooks. Does
/// nothing if the provider does not support reads.
///
/// # Errors
///
/// [`BillingError::Provider`] if the provider does not answer, [`BillingError::Store`]; a retry is safe.
pub(super) async fn read_subscription(ports: &Ports, channel: Channel, id: &str) -> Result<(), BillingError> {
    let Some(provider) = reader(ports, channel) else { return Ok(()) };
    for fact in provider.read_subscription(id, ports.clock.now()).await? {
        apply_fact(ports, &FactSource::response(channel, id), &fact, None).await?;
    }
    Ok(())
}

/// The subscription that `fact` is about or that it started, if it is not stored and can be read from its provider: its
/// own webhook may be lost.
///
/// # Errors
///
/// [`BillingError::Store`]; a retry is safe.
pub(super) async fn unknown_subscription(
    ports: &Ports,
    channel: Channel,
    fact: &Fact,
) -> Result<Option<String>, BillingError> {
    let id = match fact {
        Fact::Checkout(fact) => fact.refs.subscription.as_ref(),
        Fact::PeriodPaid(fact) => Some(&fact.subscription),
        _ => None,
    };
    let (Some(id), Some(_)) = (id, reader(ports, channel)) else { return Ok(None) };
    let known = ports.store.billing.subscription(SubscriptionSelector::Provider(channel, id)).await?;
    Ok(known.is_none().then(|| id.clone()))
}

/// The provider, if its subscriptions can be read.
fn reader(ports: &Ports, channel: Channel) -> Option<&dyn PaymentProvider> {
    let provider = ports.provider(channel);
    provider.filter(|provider| provider.capabilities().can(Capability::ReadSubscription))
}
