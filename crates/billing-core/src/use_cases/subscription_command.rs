//! Idempotency keys of changes of a subscription.

use super::retry::{Again, retry};
use crate::BillingError;
use crate::billing::Ports;
use crate::changes::Changes;
use crate::ledger::Refusal;
use crate::ports::SubscriptionSelector;
use crate::subscriptions::{ChangeOffer, Subscription, SubscriptionCommand};
use crate::values::{AccountId, RequestKey};

/// The earlier request of the account with this key, and its subscription as it is now.
///
/// # Errors
///
/// [`Refusal::KeyReused`] if that was another request.
pub(super) async fn earlier(
    ports: &Ports,
    account: AccountId,
    key: Option<&RequestKey>,
    request: &str,
) -> Result<Option<(SubscriptionCommand, Subscription)>, BillingError> {
    let Some(key) = key else { return Ok(None) };
    let found = ports.store.billing.subscription_command(account, key).await?;
    let Some(command) = found else { return Ok(None) };
    if command.request != request {
        return Err(Refusal::KeyReused.into());
    }
    let which = SubscriptionSelector::Id(command.subscription);
    let subscription = ports.store.billing.subscription(which).await?;
    let subscription =
        subscription.ok_or_else(|| BillingError::not_found("subscription", command.subscription))?;
    Ok(Some((command, subscription.as_of(ports.clock.now()))))
}

/// Stores the request before it is carried out; of two at the same moment the first one's is what both carry out.
pub(super) async fn begin(
    ports: &Ports,
    subscription: &Subscription,
    key: Option<&RequestKey>,
    request: &str,
    offer: Option<ChangeOffer>,
) -> Result<Option<SubscriptionCommand>, BillingError> {
    let Some(key) = key else { return Ok(None) };
    let new = SubscriptionCommand {
        account: subscription.account,
        key: key.clone(),
        request: request.to_owned(),
        subscription: subscription.id,
        offer,
        completed: false,
        created_at: ports.clock.now(),
        version: 0,
    };
    retry(ports, || async {
        if let Some((known, _)) = earlier(ports, new.account, Some(key), request).await? {
            return Ok(Some(known));
        }
        write(ports, new.clone()).await?;
        Ok(Some(SubscriptionCommand { version: 1, ..new.clone() }))
    })
    .await
}

/// Marks it as carried out.
pub(super) async fn complete(
    ports: &Ports,
    command: Option<SubscriptionCommand>,
) -> Result<(), BillingError> {
    let Some(command) = command else { return Ok(()) };
    retry(ports, || async {
        let known = ports.store.billing.subscription_command(command.account, &command.key).await?;
        match known.filter(|known| !known.completed) {
            Some(known) => write(ports, SubscriptionCommand { completed: true, ..known }).await,
            None => Ok(()),
        }
    })
    .await
}

async fn write(ports: &Ports, command: SubscriptionCommand) -> Result<(), Again> {
    let changes = Changes { subscription_commands: vec![command], ..Changes::default() };
    ports.store.writer.commit(changes, ports.clock.now()).await?;
    Ok(())
}
