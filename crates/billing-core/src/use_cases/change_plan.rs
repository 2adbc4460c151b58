//! Changes the plan of a subscription.

use super::CheckoutRefusal;
use super::apply_fact::apply_fact;
use super::load_billing::show;
use super::manage_subscription::{apply_provider_response, collected, live};
use super::provider_prices::provider_price;
use super::subscription_command::{Begun, KeyedRequest, begin, earlier, record_state, settle};
use crate::BillingError;
use crate::account_billing::{FactSource, ShownSubscription};
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::catalog::{ChangePolicy, Interval, Plan};
use crate::payments::{Capabilities, Capability, ChangePlanRequest, Fact, ProrationBehavior};
use crate::ports::{PaymentProvider, PaymentQuery};
use crate::subscriptions::{
    ChangeOffer, ChangeRefusal, CommandState, PaidPlan, Subscription, SubscriptionStatus, WantedPlan,
    paid_plan, plan_change,
};
use crate::values::{Money, Period, PlanId, RequestKey, Timestamp};

/// A request for a change of plan.
#[derive(Debug, Clone)]
pub struct ChangePlan {
    /// The account.
    pub account: ExternalId,
    /// The new plan.
    pub plan: PlanId,
    /// The new billing interval; unchanged if none.
    pub interval: Option<Interval>,
    /// Whether this is a preview only.
    pub preview: bool,
    /// The request's key, so that a retry changes and charges nothing more; a preview has none.
    pub key: Option<RequestKey>,
}

impl ChangePlan {
    /// The request as text, by which a key's second use is told from another request's.
    fn text(&self) -> String {
        let interval = self.interval.map_or("same", Interval::as_str);
        format!("change_plan:{}:{interval}", self.plan)
    }
}

/// The effect of a change of plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanChangeResult {
    /// The new plan.
    pub plan: Plan,
    /// Its billing interval.
    pub interval: Interval,
    /// The effect on money and credits. The amount due now is the provider's, if it was asked.
    pub offer: ChangeOffer,
    /// The subscription's current state.
    pub subscription: ShownSubscription,
    /// Whether this is a replay: nothing was changed now.
    pub replayed: bool,
}

/// Computes the effect of a change of plan, and makes the change unless it is a preview. The provider is called first,
/// with no database transaction open; if its response is lost, its events report the outcome, and the same request with its
/// key finds it done.
pub(crate) async fn change_plan(ports: &Ports, ask: &ChangePlan) -> Result<PlanChangeResult, BillingError> {
    let text = ask.text();
    let asked = KeyedRequest { key: ask.key.as_ref().filter(|_| !ask.preview), request: &text };
    let earlier = match ports.find_account(&ask.account).await? {
        Some(account) => earlier(ports, account.id, asked).await?,
        None => None,
    };
    let (command, subscription) = match earlier {
        Some((command, subscription)) => (Some(command), subscription),
        None => (None, live(ports, &ask.account).await?),
    };
    let plan = ports.store.catalog.plan(ask.plan).await?;
    let plan = plan.ok_or_else(|| BillingError::not_found("plan", ask.plan))?;
    let interval = ask.interval.unwrap_or(subscription.interval);
    let mut now = ports.clock.now();
    if let Some(command) = &command {
        let carried_out = (subscription.plan, subscription.interval) == (plan.id, interval);
        if let Some(offer) = command.offer.filter(|_| command.state == CommandState::Completed || carried_out)
        {
            record_state(ports, command, CommandState::Completed).await?;
            let subscription = show(ports, subscription).await?;
            return Ok(PlanChangeResult { plan, interval, offer, subscription, replayed: true });
        }
        if !command.is_repeatable(&subscription, now) {
            return Err(ChangeRefusal::ChangedMeanwhile.into());
        }
        now = command.created_at;
    }
    collected(&subscription)?;
    let channel = subscription.channel;
    let provider = ports.provider(channel).ok_or(CheckoutRefusal::ChannelNotConfigured(channel))?;
    let paid = paid(ports, &subscription, now).await?;
    if let Some((before, _)) = &paid
        && before.currency != plan.currency
    {
        return Err(ChangeRefusal::OtherCurrency(plan.slug).into());
    }
    let table = provider.capabilities();
    let known = paid.as_ref().map(|(plan, period)| PaidPlan { plan, period: *period });
    let wanted = WantedPlan { plan: &plan, interval };
    let mut offer = plan_change(&subscription, known, wanted, table, now)?;
    if paid.is_none() && offer.money == ProrationBehavior::AtRenewal {
        may_wait_for_renewal(ports, &subscription, wanted, table).await?;
    }
    let Some(price) = provider_price(provider, &plan, interval) else {
        return Err(CheckoutRefusal::NotAvailableOnChannel { item: plan.slug, channel }.into());
    };
    let paid_at = paid.as_ref().and_then(|(plan, _)| provider_price(provider, plan, subscription.interval));
    let has_scheduled_change = paid.as_ref().is_some_and(|(plan, _)| plan.id != subscription.plan);
    let (money, due, fresh) = (offer.money, offer.due_now, offer.fresh);
    let call = ChangePlanRequest {
        subscription,
        paid_at,
        has_scheduled_change,
        price,
        interval,
        money,
        due,
        fresh,
        now,
    };
    let subscription = if ask.preview {
        offer.due_now = due_now(provider, &call).await?;
        call.subscription
    } else {
        let mine = match command {
            Some(known) => Some(known),
            None => match begin(ports, &call.subscription, asked, Some(offer)).await? {
                Begun::First(mine) => mine,
                // The other one's time and effect are those of both.
                Begun::Repeated => return Box::pin(change_plan(ports, ask)).await,
            },
        };
        settle(ports, mine, carry_out(ports, provider, call).await).await?
    };
    let subscription = show(ports, subscription).await?;
    Ok(PlanChangeResult { plan, interval, offer, subscription, replayed: false })
}

/// Checks that a change which waits for the renewal only because the current period's payment is not known yet is to
/// nothing dearer: of that the difference would be due now.
async fn may_wait_for_renewal(
    ports: &Ports,
    subscription: &Subscription,
    wanted: WantedPlan<'_>,
    can: Capabilities,
) -> Result<(), BillingError> {
    let due_now = match wanted.plan.change_policy {
        ChangePolicy::None => false,
        ChangePolicy::Prorate => can.can(Capability::Prorate),
        ChangePolicy::ResetBillingAnchor => can.can(Capability::ResetBillingAnchor),
    };
    if subscription.status != SubscriptionStatus::Active || !due_now {
        return Ok(());
    }
    let current = ports.store.catalog.plan(subscription.plan).await?;
    let before = current.and_then(|plan| plan.price(subscription.interval));
    match before.zip(wanted.plan.price(wanted.interval)) {
        Some((before, after)) if before.minor < after.minor => Err(ChangeRefusal::PaymentPending.into()),
        _ => Ok(()),
    }
}

/// The plan that the current period was paid for.
async fn paid(
    ports: &Ports,
    subscription: &Subscription,
    now: Timestamp,
) -> Result<Option<(Plan, Period)>, BillingError> {
    let (channel, id) = (subscription.channel, &subscription.provider_id);
    let payments =
        ports.store.billing.payments(PaymentQuery::Subscription { channel, id, since: Some(now) }).await?;
    let Some((plan, period)) = paid_plan(&payments, subscription, now) else { return Ok(None) };
    Ok(ports.store.catalog.plan(plan).await?.map(|plan| (plan, period)))
}

async fn due_now(provider: &dyn PaymentProvider, call: &ChangePlanRequest) -> Result<Money, BillingError> {
    let asks =
        call.money != ProrationBehavior::AtRenewal && provider.capabilities().can(Capability::PreviewChange);
    if asks { Ok(provider.preview_change(call).await?) } else { Ok(call.due) }
}

async fn carry_out(
    ports: &Ports,
    provider: &dyn PaymentProvider,
    call: ChangePlanRequest,
) -> Result<Subscription, BillingError> {
    let changed = provider.change_plan(&call).await?;
    if let Some(paid) = changed.paid {
        // Idempotent with its event, and first: the subscription's new plan says that nothing is left to do.
        let source = FactSource::response(call.subscription.channel, &paid.payment);
        apply_fact(ports, &source, &Fact::PeriodPaid(paid), None).await?;
    }
    apply_provider_response(ports, call.subscription, changed.subscription).await
}
