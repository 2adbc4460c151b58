//! Cancels or resumes a subscription, and opens the customer portal.

use super::CheckoutRefusal;
use super::apply_fact::apply_fact;
use super::end_gifts::end_gift_now;
use super::load_billing::show;
use super::provider_customer::customer_of;
use super::subscription_command::{begin, complete, earlier};
use crate::BillingError;
use crate::account_billing::{FactSource, ShownSubscription};
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::Actor;
use crate::payments::{
    Capability, ChangeRequest, Fact, PortalFlow, PortalRequest, SubscriptionChange, SubscriptionFact,
};
use crate::ports::{AccountRef, PaymentProvider, ProviderError, SubscriptionSelector};
use crate::subscriptions::{Subscription, SubscriptionCommand, SubscriptionStatus};
use crate::values::{RequestKey, SubscriptionId, Timestamp};

/// Opens the customer portal of the subscription's provider, and returns its URL.
pub(crate) async fn open_portal(
    ports: &Ports,
    account_name: &ExternalId,
    flow: Option<PortalFlow>,
    return_url: &str,
) -> Result<String, BillingError> {
    ports.origins.check("return_url", return_url)?;
    let subscription = latest(ports, account_name).await?;
    let provider = provider_of(ports, &subscription, Capability::Portal, "open pages of its own")?;
    let key = || format!("portal:{}", RequestKey::fresh(&*ports.ids).as_str());
    let request = PortalRequest {
        customer: subscription.provider_customer.clone(),
        subscription: subscription.provider_id.clone(),
        flow,
        return_url: return_url.to_owned(),
        key: key(),
    };
    let opened = provider.open_portal(&request).await;
    let Err(ProviderError::UnknownCustomer { .. }) = &opened else { return Ok(opened?) };
    // It was deleted there, with all that it was subscribed to: its successor has invoices and cards of its own.
    let account = ports.store.billing.account(AccountRef::Id(subscription.account)).await?;
    let account = account.ok_or_else(|| BillingError::not_found("account", account_name))?;
    let successor = customer_of(ports, provider, &account, Some(&request.customer)).await?;
    let Some(customer) = successor else { return Ok(opened?) };
    let request = PortalRequest { customer, flow: None, key: key(), ..request };
    Ok(provider.open_portal(&request).await?)
}

/// A changed subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedSubscription {
    /// The subscription's current state.
    pub shown: ShownSubscription,
    /// Whether this is a replay: nothing was changed now.
    pub replayed: bool,
}

/// Changes the account's live subscription. A change that is already in effect is not requested again, nor is one whose
/// `key` was carried out before. The provider is called first, with no database transaction open; if its response is lost,
/// its event reports the outcome.
pub(crate) async fn change_subscription(
    ports: &Ports,
    account: &ExternalId,
    change: SubscriptionChange,
    key: Option<&RequestKey>,
) -> Result<ChangedSubscription, BillingError> {
    let earlier = match ports.find_account(account).await? {
        Some(known) => earlier(ports, known.id, key, change.as_str()).await?,
        None => None,
    };
    let (command, subscription) = match earlier {
        Some((command, subscription)) => (Some(command), subscription),
        None => (None, live(ports, account).await?),
    };
    change_once(ports, command, subscription, Change { change, key, actor: Actor::User }).await
}

/// Cancels the subscription with this id, of any account. An ended one is returned as it is.
pub(crate) async fn end_subscription(
    ports: &Ports,
    id: SubscriptionId,
    change: SubscriptionChange,
    key: Option<&RequestKey>,
    actor: Actor,
) -> Result<(ExternalId, ChangedSubscription), BillingError> {
    let found = ports.store.billing.subscription(SubscriptionSelector::Id(id)).await?;
    let subscription =
        found.ok_or_else(|| BillingError::not_found("subscription", id))?.as_of(ports.clock.now());
    let owner = ports.store.billing.account(AccountRef::Id(subscription.account)).await?;
    let owner = owner.ok_or_else(|| BillingError::not_found("account of subscription", id))?.external_id;
    let command = earlier(ports, subscription.account, key, change.as_str()).await?;
    let command = command.map(|(command, _)| command);
    Ok((owner, change_once(ports, command, subscription, Change { change, key, actor }).await?))
}

/// A requested change.
struct Change<'a> {
    change: SubscriptionChange,
    key: Option<&'a RequestKey>,
    actor: Actor,
}

/// Carries the change out, unless the `command` of its key says that it was.
async fn change_once(
    ports: &Ports,
    command: Option<SubscriptionCommand>,
    subscription: Subscription,
    asked: Change<'_>,
) -> Result<ChangedSubscription, BillingError> {
    if command.as_ref().is_some_and(|command| command.completed) {
        return Ok(ChangedSubscription { shown: show(ports, subscription).await?, replayed: true });
    }
    let command = match command {
        Some(command) => Some(command),
        None => begin(ports, &subscription, asked.key, asked.change.as_str(), None).await?,
    };
    let now = ports.clock.now();
    let as_of = command.as_ref().map_or(now, |command| command.requested_at(now));
    let shown = change_known(ports, subscription, asked.change, asked.actor, as_of).await?;
    complete(ports, command).await?;
    Ok(ChangedSubscription { shown, replayed: false })
}

async fn change_known(
    ports: &Ports,
    subscription: Subscription,
    change: SubscriptionChange,
    actor: Actor,
    as_of: Timestamp,
) -> Result<ShownSubscription, BillingError> {
    let ending = subscription.cancel_at_period_end || subscription.cancel_at.is_some();
    let already = match change {
        SubscriptionChange::CancelNow => subscription.status.is_final(),
        SubscriptionChange::CancelAtPeriodEnd => {
            subscription.cancel_at_period_end || subscription.status.is_final()
        }
        SubscriptionChange::Pause => subscription.status == SubscriptionStatus::Paused,
        SubscriptionChange::Resume => !ending && subscription.status != SubscriptionStatus::Paused,
    };
    if already {
        return Ok(show(ports, subscription).await?);
    }
    if subscription.is_given() && change == SubscriptionChange::CancelNow {
        return Ok(show(ports, end_gift_now(ports, subscription, actor).await?).await?);
    }
    let (needed, what) = match change {
        SubscriptionChange::Pause => (Capability::Pause, "set subscriptions aside"),
        _ => (Capability::Cancel, "end subscriptions"),
    };
    let provider = provider_of(ports, &subscription, needed, what)?;
    let request = ChangeRequest { subscription, change, now: as_of };
    let answered = provider.change_subscription(&request).await?;
    let kept = apply_provider_response(ports, request.subscription, answered).await?;
    Ok(show(ports, kept).await?)
}

/// Applies a provider's response about a subscription, with all effects of its event. Returns the subscription's new
/// state.
pub(super) async fn apply_provider_response(
    ports: &Ports,
    subscription: Subscription,
    answered: SubscriptionFact,
) -> Result<Subscription, BillingError> {
    let (channel, id) = (subscription.channel, &subscription.provider_id);
    apply_fact(ports, &FactSource::response(channel, id), &Fact::Subscription(answered), None).await?;
    let kept = ports.store.billing.subscription(SubscriptionSelector::Provider(channel, id)).await?;
    Ok(kept.unwrap_or(subscription))
}

/// The account's live subscription.
pub(super) async fn live(ports: &Ports, account: &ExternalId) -> Result<Subscription, BillingError> {
    let all = all(ports, account).await?;
    let live = all.into_iter().find(Subscription::is_live);
    live.ok_or_else(|| BillingError::not_found("live subscription of", account))
}

/// The live one, else the latest one: its owner may still want to see invoices.
async fn latest(ports: &Ports, account: &ExternalId) -> Result<Subscription, BillingError> {
    let all = all(ports, account).await?;
    let live = all.iter().find(|known| known.is_live());
    let latest = live.or_else(|| all.first()).cloned();
    latest.ok_or_else(|| BillingError::not_found("subscription of", account))
}

async fn all(ports: &Ports, account: &ExternalId) -> Result<Vec<Subscription>, BillingError> {
    match ports.find_account(account).await? {
        Some(account) => {
            let now = ports.clock.now();
            let all = ports.store.billing.subscriptions(account.id).await?;
            Ok(all.into_iter().map(|known| known.as_of(now)).collect())
        }
        None => Ok(Vec::new()),
    }
}

fn provider_of<'a>(
    ports: &'a Ports,
    subscription: &Subscription,
    needed: Capability,
    what: &'static str,
) -> Result<&'a dyn PaymentProvider, BillingError> {
    let channel = subscription.channel;
    collected(subscription)?;
    let provider = ports.provider(channel).ok_or(CheckoutRefusal::ChannelNotConfigured(channel))?;
    if provider.capabilities().can(needed) {
        Ok(provider)
    } else {
        Err(ProviderError::Unsupported(what).into())
    }
}

/// Refuses gift subscriptions, which have no provider.
pub(super) fn collected(subscription: &Subscription) -> Result<(), BillingError> {
    let given = "be asked: the subscription was given, and nobody collects for it";
    if subscription.is_given() { Err(ProviderError::Unsupported(given).into()) } else { Ok(()) }
}
