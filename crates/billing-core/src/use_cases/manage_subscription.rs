//! Cancels or resumes a subscription, and opens the customer portal.

use super::CheckoutRefusal;
use super::apply_fact::apply_fact;
use super::end_gifts::end_gift_now;
use super::load_billing::show;
use super::provider_customer::customer_of;
use super::subscription_command::{Begun, KeyedRequest, begin, earlier, record_state, settle};
use crate::BillingError;
use crate::account_billing::{FactSource, ShownSubscription};
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::Actor;
use crate::payments::{
    Capability, ChangeRequest, Fact, PortalFlow, PortalRequest, SubscriptionChange, SubscriptionFact,
};
use crate::ports::{AccountRef, PaymentProvider, ProviderError, SubscriptionSelector};
use crate::subscriptions::{
    ChangeRefusal, CommandState, Subscription, SubscriptionCommand, SubscriptionStatus,
};
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
    let provider = provider_of(ports, &subscription, Capability::Portal, "open a customer portal")?;
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

/// A request to change the account's subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSubscription {
    /// The account.
    pub account: ExternalId,
    /// The change.
    pub change: SubscriptionChange,
    /// Why it is canceled, in the customer's words.
    pub reason: Option<String>,
    /// The request's key, so that a retry changes nothing more.
    pub key: Option<RequestKey>,
}

impl ChangeSubscription {
    /// A change without a reason and without a key.
    pub fn new(account: ExternalId, change: SubscriptionChange) -> Self {
        Self { account, change, reason: None, key: None }
    }
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
    ask: &ChangeSubscription,
) -> Result<ChangedSubscription, BillingError> {
    let account = &ask.account;
    let asked = KeyedRequest { key: ask.key.as_ref(), request: ask.change.as_str() };
    let earlier = match ports.find_account(account).await? {
        Some(known) => earlier(ports, known.id, asked).await?,
        None => None,
    };
    let (command, subscription) = match earlier {
        Some((command, subscription)) => (Some(command), subscription),
        None => (None, live(ports, account).await?),
    };
    let requested = RequestedChange { change: ask.change, reason: ask.reason.as_deref(), actor: Actor::User };
    change_once(ports, command, subscription, asked, requested).await
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
    // A key stands for a change of one subscription: an account may have several.
    let request = format!("{change}:{id}");
    let asked = KeyedRequest { key, request: &request };
    let command = earlier(ports, subscription.account, asked).await?.map(|(command, _)| command);
    let requested = RequestedChange { change, reason: None, actor };
    Ok((owner, change_once(ports, command, subscription, asked, requested).await?))
}

/// A requested change of a known subscription.
struct RequestedChange<'a> {
    change: SubscriptionChange,
    reason: Option<&'a str>,
    actor: Actor,
}

/// Carries the change out, unless it was, or it is in effect.
async fn change_once(
    ports: &Ports,
    mut command: Option<SubscriptionCommand>,
    mut subscription: Subscription,
    asked: KeyedRequest<'_>,
    requested: RequestedChange<'_>,
) -> Result<ChangedSubscription, BillingError> {
    loop {
        let completed = command.as_ref().is_some_and(|command| command.state == CommandState::Completed);
        if completed || is_in_effect(&subscription, requested.change) {
            if let Some(command) = &command {
                record_state(ports, command, CommandState::Completed).await?;
            }
            let (replayed, shown) = (command.is_some(), show(ports, subscription).await?);
            return Ok(ChangedSubscription { shown, replayed });
        }
        let now = ports.clock.now();
        let (mine, as_of) = match command {
            Some(known) if !known.is_repeatable(&subscription, now) => {
                return Err(ChangeRefusal::ChangedMeanwhile.into());
            }
            Some(known) => (Some(known.clone()), known.created_at),
            None => match begin(ports, &subscription, asked, None).await? {
                Begun::First(mine) => (mine, now),
                Begun::Repeated => {
                    let found = earlier(ports, subscription.account, asked).await?;
                    let Some((known, current)) = found else { continue };
                    (command, subscription) = (Some(known), current);
                    continue;
                }
            },
        };
        let carried_out = carry_out(ports, subscription, requested, as_of).await;
        let shown = settle(ports, mine, carried_out).await?;
        return Ok(ChangedSubscription { shown, replayed: false });
    }
}

/// Whether there is nothing to change.
fn is_in_effect(subscription: &Subscription, change: SubscriptionChange) -> bool {
    let ending = subscription.cancel_at_period_end || subscription.cancel_at.is_some();
    let is_over = subscription.status.is_final();
    match change {
        SubscriptionChange::CancelNow => is_over,
        SubscriptionChange::CancelAtPeriodEnd => subscription.cancel_at_period_end || is_over,
        SubscriptionChange::Pause => subscription.status == SubscriptionStatus::Paused,
        SubscriptionChange::Resume => !ending && subscription.status != SubscriptionStatus::Paused,
    }
}

async fn carry_out(
    ports: &Ports,
    subscription: Subscription,
    RequestedChange { change, reason, actor }: RequestedChange<'_>,
    as_of: Timestamp,
) -> Result<ShownSubscription, BillingError> {
    if subscription.is_given() && change == SubscriptionChange::CancelNow {
        return Ok(show(ports, end_gift_now(ports, subscription, actor).await?).await?);
    }
    let (needed, what) = match change {
        SubscriptionChange::Pause => (Capability::Pause, "pause subscriptions"),
        _ => (Capability::Cancel, "cancel subscriptions"),
    };
    let provider = provider_of(ports, &subscription, needed, what)?;
    let reason = reason.map(str::to_owned);
    let request = ChangeRequest { subscription, change, reason, now: as_of };
    let mut answered = provider.change_subscription(&request).await?;
    answered.cancel_reason = answered.cancel_reason.or_else(|| request.reason.clone());
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
