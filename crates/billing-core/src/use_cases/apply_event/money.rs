//! What an event says of money that went back.

use super::Teller;
use crate::billing::Ports;
use crate::ledger::{Grant, facts};
use crate::payments::{Capability, MoneyBack, Payment};
use crate::ports::{PaymentProvider, StoreError};
use crate::webhooks::{Effect, MoneyBackContext, money_back_effect};

/// What money that went back changes.
pub(in crate::use_cases) async fn money_back_news(
    ports: &Ports,
    Teller { channel, actor, .. }: Teller,
    fact: &MoneyBack,
) -> Result<Effect, StoreError> {
    let payment = ports.payments.payment_by_names(channel, &fact.payment).await?;
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
    let context = MoneyBackContext {
        payment,
        grants,
        order,
        subscription,
        disputes_are_refunded: provider.is_some_and(|table| table.can(Capability::DisputesAreRefunded)),
        spent: ports.spent_and_refunded,
        refund_days: ports.refund_days,
        actor,
        now: ports.clock.now(),
    };
    Ok(money_back_effect(&fact.news, &context))
}

/// What the payment granted, with what rolled over from it.
async fn granted(ports: &Ports, payment: &Payment) -> Result<Vec<Grant>, StoreError> {
    let mut grants = ports.reports.grants_by_fact(&payment.facts).await?;
    let ended = grants.iter().filter(|grant| !grant.forfeited.is_zero());
    let heirs: Vec<_> = ended.map(|grant| facts::rollover(grant.id)).collect();
    if !heirs.is_empty() {
        grants.extend(ports.reports.grants_by_fact(&heirs).await?);
    }
    Ok(grants)
}
