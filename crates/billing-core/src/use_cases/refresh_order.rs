//! Ask a provider what became of an order.

use super::checkout_coupon::follow_orders;
use super::retry::{Again, retry};
use crate::BillingError;
use crate::billing::Ports;
use crate::ledger::{Actor, Refusal};
use crate::orders::{Order, OrderStatus};
use crate::payments::{Capability, CheckoutFact};
use crate::ports::CommitError;
use crate::webhooks::{CheckoutContext, Effect, checkout_effect};

/// Asks the provider what became of the order's checkout, and does what its event would do: whoever comes first does
/// it, and the other finds it done. An order that is settled, or whose provider cannot say, is answered as it is.
pub(crate) async fn refresh_order(ports: &Ports, order: Order) -> Result<Order, BillingError> {
    let open = matches!(order.status, OrderStatus::Pending | OrderStatus::Expired | OrderStatus::Failed);
    let (Some(session), true) = (&order.session, open) else { return Ok(order) };
    let provider = ports.provider(order.channel);
    let Some(provider) = provider.filter(|provider| provider.capabilities().can(Capability::ReadCheckout))
    else {
        return Ok(order);
    };
    let Some(fact) = provider.read_checkout(&session.id).await? else { return Ok(order) };
    let (fact, id) = (&fact, order.id);
    retry(ports, || async move {
        let found = ports.orders.order(id).await?;
        let order = found.ok_or_else(|| BillingError::not_found("order", id))?;
        apply(ports, order, fact).await
    })
    .await
}

async fn apply(ports: &Ports, order: Order, fact: &CheckoutFact) -> Result<Order, Again> {
    let actor = Actor::Provider(format!("{}:{}", order.channel, fact.session));
    let (id, channel, now) = (order.id, order.channel, ports.clock.now());
    let context = CheckoutContext { order: Some(order.clone()), channel, actor, now };
    if let Effect::Apply(mut changes) = checkout_effect(fact, context, &*ports.ids) {
        follow_orders(ports, &mut changes).await?;
        match ports.store.commit(*changes, now).await {
            Ok(_) => {}
            // Its event was faster.
            Err(CommitError::Refused(Refusal::AlreadyGranted { .. })) => return Err(Again::Conflict),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(ports.orders.order(id).await?.unwrap_or(order))
}
