//! Changes of plan.

use billing_core::catalog::ChangePolicy;
use billing_core::payments::{Payment, ProrationBehavior};
use billing_core::requests::{ChangePlan, PlanChangeResult};
use billing_core::subscriptions::Subscription;
use billing_core::values::{Period, PlanId};
use billing_sandbox::{SandboxEvent, SandboxPurchase, SandboxSession};
use billing_testkit::builders::an_external_id;
use serde_json::{Value, json};

use crate::world::{BUYER, Charge, World};

/// A plan as its provider sells it.
#[derive(Debug, Clone)]
pub(crate) struct Sold {
    pub(crate) plan: PlanId,
    /// The provider's price.
    pub(crate) price: String,
    pub(crate) minor: i64,
    /// The credits of a period.
    pub(crate) credits: i64,
    pub(crate) policy: ChangePolicy,
}

/// The service changes the live subscription to the plan at this index, and the provider follows.
pub(crate) async fn change(world: &mut World, place: usize) {
    let wanted = world.changeable[place % world.changeable.len()];
    let ask = |preview| ChangePlan {
        account: an_external_id(BUYER),
        plan: wanted,
        interval: None,
        preview,
        key: None,
    };
    // A provider changes its own state. The sandbox stores none, so its purchase and the service have to agree first.
    let mut place = of_one_mind(world).await;
    if place.is_none() {
        world.tells_all().await;
        place = of_one_mind(world).await;
    }
    let before = everything(world).await;
    let preview = world.billing.change_plan(&ask(true)).await;
    assert_eq!(everything(world).await, before, "a preview changes nothing");
    let Some(place) = place else { return };
    let known: Vec<_> = world.payments().await;
    let changed = match world.billing.change_plan(&ask(false)).await {
        Ok(changed) => changed,
        Err(refused) => {
            assert_eq!(preview.unwrap_err().code(), refused.code());
            assert_eq!(everything(world).await, before, "a refused change changes nothing");
            return;
        }
    };
    assert_eq!(changed.offer, preview.unwrap().offer);
    let (session, purchase) = &world.bought[place];
    let subscription = session.subscription().unwrap();
    let (next, event) = carried_out(world, session, purchase, &changed);
    let price = next["session"]["plan_price"].as_str().unwrap().to_owned();
    let to = world.sold(&price).clone();
    // A reversed payment does not count as paid, unless all payments for the current period were reversed.
    let went_back = |charge: &str| {
        known.iter().any(|paid| paid.refs.payment.as_deref() == Some(charge) && paid.is_reversed())
    };
    let paying = world.paid_for.get(&subscription).into_iter().flatten();
    let paying: Vec<_> = paying.filter(|(.., end)| world.billing.now() < *end).collect();
    let from = paying.iter().rfind(|(charge, ..)| !went_back(charge)).or(paying.last());
    let from = from.map(|(_, price, _)| price.clone());
    let period: Period = serde_json::from_value(in_json(purchase)["subscription"]["period"].clone()).unwrap();
    world.bought[place].1 = serde_json::from_value(next).unwrap();
    world.waiting.push(event);

    let mut paid = world.payments().await;
    paid.retain(|payment| known.iter().all(|known| known.id != payment.id));
    let offer = &changed.offer;
    if offer.money == ProrationBehavior::AtRenewal {
        assert_eq!((offer.due_now.minor, offer.credits_now.get(), paid.len()), (0, 0, 0));
        return;
    }
    assert_eq!(paid.len(), 1, "one payment per change");
    let payment = &paid[0];
    let name = payment.refs.payment.clone().unwrap();
    let from = world.sold(&from.unwrap()).clone();
    let (dearer, more) = (to.minor - from.minor, to.credits - from.credits);
    assert!(dearer > 0, "what is no dearer than what was paid for begins with the renewal");
    let promised = if offer.money == ProrationBehavior::ResetBillingAnchor {
        assert_eq!((to.policy, offer.due_now.minor), (ChangePolicy::ResetBillingAnchor, to.minor));
        to.credits
    } else {
        assert_eq!(to.policy, ChangePolicy::Prorate);
        let rest = period.end.seconds_since(world.billing.now());
        let whole = period.end.seconds_since(period.start);
        assert_eq!(offer.due_now.minor, dearer * rest / whole, "the difference for the rest");
        // At the plans' own rate, up to less than one minor unit.
        (offer.due_now.minor + 1) * more / dearer
    };
    assert_eq!(payment.paid, offer.due_now);
    let grants = world.store.history(world.account().await).await.unwrap().unwrap().kept.grants;
    let own = grants.iter().filter(|grant| payment.grant_keys.contains(&grant.business_key));
    let brought: i64 = own.map(|grant| grant.amount.get()).sum();
    assert!((0..=promised).contains(&brought), "{brought} of {promised}: {changed:?}");
    let offered = offer.credits_now.get();
    assert!((offered - 2..=offered).contains(&brought), "{brought} of {offered} offered: {changed:?}");
    let fresh = offer.money == ProrationBehavior::ResetBillingAnchor;
    let end = if fresh { offer.fresh.end } else { period.end };
    world.paid_for.entry(subscription).or_default().push((name.clone(), price, end));
    world.charges.insert(name, Charge { paid: payment.paid.minor, promised, ..Charge::default() });
}

/// The index of the live subscription's purchase, if the provider and the service agree on its state.
async fn of_one_mind(world: &World) -> Option<usize> {
    let known = world.store.subscriptions(world.account().await).await.unwrap();
    let known = known.into_iter().find(Subscription::is_live)?;
    let is_its =
        |(session, _): &(SandboxSession, _)| session.subscription().as_ref() == Some(&known.provider_id);
    let place = world.bought.iter().position(is_its)?;
    let there = &in_json(&world.bought[place].1)["subscription"];
    let untold = |event: &SandboxEvent| {
        event.kind == "subscription.paid" && event.data["subscription"] == *known.provider_id
    };
    let same = there["status"] == json!(known.status)
        && there["period"] == json!(known.period)
        && there["cancel_at_period_end"] == json!(known.cancel_at_period_end);
    (same && !world.waiting.iter().any(untold)).then_some(place)
}

/// The purchase at its provider after the change, and the event that reports it.
fn carried_out(
    world: &World,
    session: &SandboxSession,
    purchase: &SandboxPurchase,
    changed: &PlanChangeResult,
) -> (Value, SandboxEvent) {
    let mut next = in_json(purchase);
    let price = format!("{}:{}", changed.plan.id, changed.interval);
    next["session"]["plan_price"] = json!(price);
    next["session"]["price"]["minor"] = json!(world.sold(&price).minor);
    next["session"]["list_price"] = Value::Null;
    next["step"] = json!(next["step"].as_u64().unwrap() + 1);
    if changed.offer.money == ProrationBehavior::ResetBillingAnchor {
        next["subscription"]["period"] = json!(changed.offer.fresh);
    }
    let mut data = next["subscription"].clone();
    data["id"] = json!(session.subscription());
    data["order"] = json!(session.order);
    data["customer"] = json!(session.customer());
    data["price"] = json!(price);
    data["started_at"] = next["paid_at"].clone();
    let id = format!("evt_plan_{}", world.count);
    let event =
        SandboxEvent { id, kind: "subscription.updated".to_owned(), created_at: world.billing.now(), data };
    (next, event)
}

fn in_json(purchase: &SandboxPurchase) -> Value {
    serde_json::to_value(purchase).unwrap()
}

/// Everything stored for the buyer.
async fn everything(world: &World) -> String {
    let account = world.account().await;
    let history = world.store.history(account).await.unwrap().unwrap();
    let subscriptions = world.store.subscriptions(account).await.unwrap();
    format!("{:?} {:?} {:?}", history.kept, subscriptions, world.payments().await)
}

/// For each period of each subscription, changes in both directions grant no more than the largest plan does. A change
/// belongs to the period that ends with its rest. Reversed payments do not count.
pub(crate) fn of_periods(world: &World, payments: &[Payment], brought: impl Fn(&Payment) -> i64) {
    let kept = |payment: &Payment| payment.kept(brought(payment));
    for whole in payments {
        let Some(period) = whole.whole_period() else { continue };
        let covers = whole.covers.as_ref().unwrap();
        let changes = payments.iter().filter(|other| {
            other.covers.as_ref().is_some_and(|of| {
                of.subscription == covers.subscription
                    && of.change.is_some()
                    && of.period.end == period.end
                    && period.contains(of.period.start)
            })
        });
        let (mut most, mut sum) = (world.charges[whole.refs.payment.as_ref().unwrap()].promised, kept(whole));
        for change in changes {
            let plan = change.covers.as_ref().unwrap().plan;
            let sold = world.sold.iter().find(|sold| sold.plan == plan).unwrap();
            (most, sum) = (most.max(sold.credits), sum + kept(change));
        }
        assert!(sum <= most, "{sum} of {most}: {whole:?}");
    }
}
