//! End a subscription, keep it after all, or send its owner to the provider's pages.

use super::CheckoutRefusal;
use super::read_summary::ShownSubscription;
use super::retry::{Again, retry};
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::changes::Changes;
use crate::payments::{Capability, ChangeRequest, PortalRequest, SubscriptionChange};
use crate::ports::{PaymentProvider, ProviderError};
use crate::subscriptions::Subscription;
use crate::values::RequestKey;

/// Opens the pages of the provider that owns the account's subscription, and answers where they are.
pub(crate) async fn open_portal(
    ports: &Ports,
    account: &ExternalId,
    return_url: &str,
) -> Result<String, BillingError> {
    ports.origins.check("return_url", return_url)?;
    let subscription = latest(ports, account).await?;
    let provider = provider_of(ports, &subscription, Capability::Portal, "open pages of its own")?;
    let request = PortalRequest {
        customer: subscription.provider_customer,
        return_url: return_url.to_owned(),
        key: format!("portal:{}", RequestKey::fresh(&*ports.ids).as_str()),
    };
    Ok(provider.open_portal(&request).await?)
}

/// Changes the account's live subscription. What is so already is not asked for again. The provider is asked first,
/// with no database transaction open; if its answer is lost, its event brings what became of it.
pub(crate) async fn change_subscription(
    ports: &Ports,
    account: &ExternalId,
    change: SubscriptionChange,
) -> Result<ShownSubscription, BillingError> {
    let subscription = live(ports, account).await?;
    let ending = subscription.cancel_at_period_end || subscription.cancel_at.is_some();
    let already = match change {
        SubscriptionChange::CancelNow => false,
        SubscriptionChange::CancelAtPeriodEnd => subscription.cancel_at_period_end,
        SubscriptionChange::Resume => !ending,
    };
    if already {
        return shown(ports, subscription).await;
    }
    let provider = provider_of(ports, &subscription, Capability::Cancel, "end subscriptions")?;
    let request = ChangeRequest { subscription, change, now: ports.clock.now() };
    let answered = provider.change_subscription(&request).await?;
    let (channel, id) = (request.subscription.channel, &request.subscription.provider_id);
    let (answered, unknown) = (&answered, || BillingError::not_found("subscription", id));
    let kept = retry(|| async move {
        let found = ports.subscriptions.subscription_by_provider_id(channel, id).await?;
        let mut kept = found.ok_or_else(unknown)?;
        if kept.answered(answered) {
            let changes = Changes { subscriptions: vec![kept.clone()], ..Changes::default() };
            ports.store.commit(changes, ports.clock.now()).await?;
            kept.version = kept.version.saturating_add(1);
        }
        Ok::<_, Again>(kept)
    });
    shown(ports, kept.await?).await
}

/// The account's live subscription.
async fn live(ports: &Ports, account: &ExternalId) -> Result<Subscription, BillingError> {
    let all = all(ports, account).await?;
    let live = all.into_iter().find(Subscription::is_live);
    live.ok_or_else(|| BillingError::not_found("live subscription of", account))
}

/// The live one, else the one that began last: its owner may still want to see invoices.
async fn latest(ports: &Ports, account: &ExternalId) -> Result<Subscription, BillingError> {
    let all = all(ports, account).await?;
    let live = all.iter().find(|known| known.is_live());
    let latest = live.or_else(|| all.first()).cloned();
    latest.ok_or_else(|| BillingError::not_found("subscription of", account))
}

async fn all(ports: &Ports, account: &ExternalId) -> Result<Vec<Subscription>, BillingError> {
    match ports.accounts.account_by_external_id(account).await? {
        Some(account) => Ok(ports.subscriptions.subscriptions(account.id).await?),
        None => Ok(Vec::new()),
    }
}

async fn shown(ports: &Ports, subscription: Subscription) -> Result<ShownSubscription, BillingError> {
    let plan = ports.catalog.plan(subscription.plan).await?;
    Ok(ShownSubscription { subscription, plan })
}

fn provider_of<'a>(
    ports: &'a Ports,
    subscription: &Subscription,
    needed: Capability,
    what: &'static str,
) -> Result<&'a dyn PaymentProvider, BillingError> {
    let channel = subscription.channel;
    let provider = ports.provider(channel).ok_or(CheckoutRefusal::ChannelNotConfigured(channel))?;
    if provider.capabilities().can(needed) {
        Ok(provider)
    } else {
        Err(ProviderError::Unsupported(what).into())
    }
}
