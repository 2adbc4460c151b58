//! What an event says of money that went back.

use super::FactSource;
use crate::billing::Ports;
use crate::ledger::{Grant, business_keys};
use crate::payments::{Capability, Payment, PaymentReversal};
use crate::ports::{PaymentProvider, StoreError};
use crate::webhooks::{Effect, PaymentReversalContext, payment_reversal_effect};

/// What money that went back changes.
pub(in crate::use_cases) async fn record_payment_reversal(
    ports: &Ports,
    FactSource { channel, actor, .. }: FactSource,
    fact: &PaymentReversal,
) -> Result<Effect, StoreError> {
    let payment = ports.payments.payment_by_refs(channel, &fact.payment).await?;
    let (grants, order, subscription) = match &payment {
        None => (Vec::new(), None, None),
        Some(payment) => {
            let order = match payment.order {
                None => None,
                Some(order) => ports.orders.order(order).await?,
            };
            let subscription = match &payment.covers {
                None => None,
                Some(of) => {
                    ports.subscriptions.subscription_by_provider_id(channel, &of.subscription).await?
                }
            };
            (granted(ports, payment).await?, order, subscription)
        }
    };
    let provider = ports.provider(channel).map(PaymentProvider::capabilities);
    let context = PaymentReversalContext {
        payment,
        grants,
        order,
        subscription,
        disputes_are_refunded: provider.is_some_and(|table| table.can(Capability::DisputesAreRefunded)),
        spent: ports.clawback_policy,
        refund_days: ports.refund_days,
        actor,
        now: ports.clock.now(),
    };
    Ok(payment_reversal_effect(&fact.news, &context))
}

/// What the payment granted, with what rolled over from it.
async fn granted(ports: &Ports, payment: &Payment) -> Result<Vec<Grant>, StoreError> {
    let mut grants = ports.reports.grants_by_key(&payment.grant_keys).await?;
    let ended = grants.iter().filter(|grant| !grant.forfeited.is_zero());
    let heirs: Vec<_> = ended.map(|grant| business_keys::rollover(grant.id)).collect();
    if !heirs.is_empty() {
        grants.extend(ports.reports.grants_by_key(&heirs).await?);
    }
    Ok(grants)
}
