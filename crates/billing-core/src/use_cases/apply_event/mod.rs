//! Apply one event of the inbox.

mod money;
mod subscriptions;
mod whose;

use crate::BillingError;
use crate::billing::Ports;
use crate::changes::Changes;
use crate::ledger::{Actor, Refusal};
use crate::payments::{CheckoutFact, PaymentFact, PaymentMethod, PaymentMethodFact, PaymentRefs};
use crate::ports::{CommitError, StoreError};
use crate::webhooks::{
    CheckoutContext, Effect, InboxEvent, Receipt, ReceiptOutcome, checkout_effect, confirms_hint,
};

pub(super) use money::record_payment_reversal;
pub(super) use subscriptions::{FactSource, apply_subscription_update, record_payment};
use whose::hinted_order;

use super::checkout_coupon::follow_orders;
use super::retry::{Again, retry};

/// How applying an event ended, when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Applied {
    /// It was dealt with, now or before.
    Done,
    /// It speaks of something that we do not know yet.
    Orphan(&'static str),
}

/// Applies `event`: reads our state, decides what changes, and commits that together with the mark that the
/// event was dealt with. Doing it twice, or at the same time elsewhere, changes nothing more.
pub(crate) async fn apply_event(ports: &Ports, event: &InboxEvent) -> Result<Applied, BillingError> {
    let provider =
        ports.provider(event.channel).ok_or(crate::webhooks::WebhookRefusal::ChannelNotConfigured)?;
    let fact = match provider.read(event) {
        Ok(fact) => fact,
        Err(problem) => return Err(BillingError::Invalid { field: "event", problem }),
    };
    let fact = &fact;
    retry(ports, || async move {
        let effect = match fact {
            PaymentFact::Checkout(checkout) => apply_checkout_update(ports, event, checkout).await?,
            PaymentFact::Subscription(subscription) => {
                apply_subscription_update(ports, FactSource::event(event), subscription).await?
            }
            PaymentFact::PeriodPaid(period) => {
                record_payment(ports, FactSource::event(event), period).await?
            }
            PaymentFact::PaymentReversal(money) => {
                record_payment_reversal(ports, FactSource::event(event), money).await?
            }
            PaymentFact::Method(method) => apply_payment_method_update(ports, event, method).await?,
            PaymentFact::Named(refs) => record_payment_refs(ports, event, refs).await?,
            PaymentFact::Ignored(why) => Effect::Ignore(why),
        };
        let (mut changes, outcome) = match effect {
            Effect::Apply(changes) => (*changes, ReceiptOutcome::Processed),
            Effect::Ignore(why) => (Changes::default(), ReceiptOutcome::Ignored(why.to_owned())),
            Effect::Orphan(why) => return Ok(Applied::Orphan(why)),
        };
        follow_orders(ports, &mut changes).await?;
        changes.receipt = Some(Receipt { event: event.id, outcome });
        match ports.store.commit(changes, ports.clock.now()).await {
            Ok(_) | Err(CommitError::AlreadyHandled) => Ok(Applied::Done),
            // Another event of the same fact was faster: the next look finds what it did.
            Err(CommitError::Refused(Refusal::AlreadyGranted { .. })) => Err(Again::Conflict),
            Err(error) => Err(error.into()),
        }
    })
    .await
}

fn actor(event: &InboxEvent) -> Actor {
    Actor::Provider(format!("{}:{}", event.channel, event.event_id))
}

async fn apply_checkout_update(
    ports: &Ports,
    event: &InboxEvent,
    fact: &CheckoutFact,
) -> Result<Effect, StoreError> {
    let mut order = ports.orders.order_by_session(event.channel, &fact.session).await?;
    if order.is_none()
        && let Some(hinted) = hinted_order(ports, event.channel, fact.order_hint).await?
    {
        let customer = ports.accounts.provider_customer(event.channel, hinted.account).await?;
        order = Some(hinted).filter(|hinted| confirms_hint(fact, hinted, customer.as_deref()));
    }
    let context =
        CheckoutContext { order, channel: event.channel, actor: actor(event), now: ports.clock.now() };
    Ok(checkout_effect(fact, context, &*ports.ids))
}

async fn apply_payment_method_update(
    ports: &Ports,
    event: &InboxEvent,
    fact: &PaymentMethodFact,
) -> Result<Effect, StoreError> {
    let channel = event.channel;
    let Some(account) = ports.accounts.account_of_customer(channel, &fact.customer).await? else {
        return Ok(Effect::Orphan("no account has this customer"));
    };
    let method = match ports.payments.payment_method(channel, &fact.id).await? {
        None => Some(PaymentMethod::first_seen(fact, channel, account)),
        Some(mut known) => known.take_over(fact, account).then_some(known),
    };
    let payment_methods = method.into_iter().collect();
    Ok(Effect::Apply(Box::new(Changes { payment_methods, ..Changes::default() })))
}

async fn record_payment_refs(
    ports: &Ports,
    event: &InboxEvent,
    refs: &PaymentRefs,
) -> Result<Effect, StoreError> {
    let Some(mut payment) = ports.payments.payment_by_refs(event.channel, refs).await? else {
        return Ok(Effect::Orphan("no payment of ours is called so"));
    };
    let payments = if payment.refs.learn(refs) { vec![payment] } else { Vec::new() };
    Ok(Effect::Apply(Box::new(Changes { payments, ..Changes::default() })))
}
