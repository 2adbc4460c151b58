//! Idempotency keys of changes of a subscription.

use super::retry::{Again, retry};
use crate::BillingError;
use crate::billing::Ports;
use crate::changes::Changes;
use crate::ledger::Refusal;
use crate::ports::{ProviderError, SubscriptionSelector};
use crate::subscriptions::{ChangeOffer, CommandState, Subscription, SubscriptionCommand};
use crate::values::{AccountId, RequestKey};

/// A requested change, and the idempotency key that it was requested under.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeyedRequest<'a> {
    pub(super) key: Option<&'a RequestKey>,
    /// The request as text, by which a key's second use is told from another request's.
    pub(super) request: &'a str,
}

/// What a request finds under its key when it begins.
pub(super) enum Begun {
    /// It is the first one, or has no key.
    First(Option<SubscriptionCommand>),
    /// The same request was begun at the same moment.
    Repeated,
}

/// The earlier request of the account with this key, unless it was refused, and its subscription as it is now.
///
/// # Errors
///
/// [`Refusal::KeyReused`] if that was another request.
pub(super) async fn earlier(
    ports: &Ports,
    account: AccountId,
    asked: KeyedRequest<'_>,
) -> Result<Option<(SubscriptionCommand, Subscription)>, BillingError> {
    let known = stored(ports, account, asked).await?;
    let Some(command) = known.filter(|known| known.state != CommandState::Refused) else { return Ok(None) };
    let which = SubscriptionSelector::Id(command.subscription);
    let subscription = ports.store.billing.subscription(which).await?;
    let subscription =
        subscription.ok_or_else(|| BillingError::not_found("subscription", command.subscription))?;
    Ok(Some((command, subscription.as_of(ports.clock.now()))))
}

async fn stored(
    ports: &Ports,
    account: AccountId,
    asked: KeyedRequest<'_>,
) -> Result<Option<SubscriptionCommand>, BillingError> {
    let Some(key) = asked.key else { return Ok(None) };
    match ports.store.billing.subscription_command(account, key).await? {
        Some(known) if known.request != asked.request => Err(Refusal::KeyReused.into()),
        known => Ok(known),
    }
}

/// Stores the request before it is carried out, over one that was refused.
pub(super) async fn begin(
    ports: &Ports,
    subscription: &Subscription,
    asked: KeyedRequest<'_>,
    offer: Option<ChangeOffer>,
) -> Result<Begun, BillingError> {
    let Some(key) = asked.key else { return Ok(Begun::First(None)) };
    retry(ports, || async move {
        let known = stored(ports, subscription.account, asked).await?;
        if known.as_ref().is_some_and(|known| known.state != CommandState::Refused) {
            return Ok(Begun::Repeated);
        }
        let command = SubscriptionCommand {
            account: subscription.account,
            key: key.clone(),
            request: asked.request.to_owned(),
            subscription: subscription.id,
            subscription_version: subscription.version,
            offer,
            state: CommandState::Pending,
            created_at: ports.clock.now(),
            version: known.map_or(0, |known| known.version),
        };
        write(ports, command.clone()).await?;
        let version = command.version.saturating_add(1);
        Ok(Begun::First(Some(SubscriptionCommand { version, ..command })))
    })
    .await
}

/// Records the outcome of carrying `command` out. After an unknown one it stays pending.
pub(super) async fn settle<T>(
    ports: &Ports,
    command: Option<SubscriptionCommand>,
    carried_out: Result<T, BillingError>,
) -> Result<T, BillingError> {
    let state = match &carried_out {
        Ok(_) => CommandState::Completed,
        Err(BillingError::Provider(error)) if nothing_was_done(error) => CommandState::Refused,
        Err(_) => return carried_out,
    };
    if let Some(command) = command {
        record_state(ports, &command, state).await?;
    }
    carried_out
}

/// Records that `command` came to `state`, unless that is known.
pub(super) async fn record_state(
    ports: &Ports,
    command: &SubscriptionCommand,
    state: CommandState,
) -> Result<(), BillingError> {
    retry(ports, || async move {
        let known = ports.store.billing.subscription_command(command.account, &command.key).await?;
        match known.filter(|known| known.state == CommandState::Pending) {
            Some(known) => write(ports, SubscriptionCommand { state, ..known }).await,
            None => Ok(()),
        }
    })
    .await
}

const fn nothing_was_done(error: &ProviderError) -> bool {
    error.is_refusal() || matches!(error, ProviderError::Unsupported(_) | ProviderError::Unauthorized { .. })
}

async fn write(ports: &Ports, command: SubscriptionCommand) -> Result<(), Again> {
    let changes = Changes { subscription_commands: vec![command], ..Changes::default() };
    ports.store.writer.commit(changes, ports.clock.now()).await?;
    Ok(())
}
