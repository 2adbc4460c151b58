//! Runs steps.

use std::sync::Arc;

use billing_core::Job;
use billing_core::ledger::Actor;
use billing_core::payments::{Channel, SubscriptionChange};
use billing_core::requests::{ChangeSubscription, RefundPayment, Refunded, StartCheckout};
use billing_core::values::Timestamp;
use billing_core::webhooks::InboxState;
use billing_sandbox::{Happening, SandboxEvent, SandboxPurchase, SandboxSession};
use billing_testkit::Stores;
use billing_testkit::builders::{a_checkout, a_code, a_spend_request, an_external_id, request_key};

use crate::gifts;
use crate::laws;
use crate::plans;
use crate::step::Step;
use crate::world::{BUYER, World};

/// Runs all steps, and checks the invariants after each step and at the end.
pub(crate) async fn play(store: Arc<dyn Stores>, steps: &[Step]) {
    let mut world = World::open(store).await;
    for step in steps {
        world.count += 1;
        world.clock.advance(7);
        happens(&mut world, step).await;
        laws::hold(&world).await;
        gifts::hold(&world).await;
    }
    settles(&mut world).await;
    laws::hold(&world).await;
    laws::hold_in_the_end(&world).await;
}

async fn happens(world: &mut World, step: &Step) {
    match step {
        Step::Checkout { item, coupon } => checkout(world, *item, *coupon).await,
        Step::Pay(place) => {
            if let Some(place) = place.checked_rem(world.open.len()) {
                let session = world.open.remove(place);
                let purchase = SandboxPurchase::paid(&session, world.billing.now());
                world.happened(&session, purchase.beginning());
                world.bought.push((session, purchase));
            }
        }
        Step::Decline(place) => {
            if let Some(place) = place.checked_rem(world.open.len()) {
                world.waiting.push(SandboxEvent::declined(&world.open[place], world.billing.now()));
            }
        }
        Step::Happens { to, what } => at_the_provider(world, *to, |purchase, now| purchase.then(*what, now)),
        Step::Refunded { of, percent } => at_the_provider(world, *of, |purchase, now| {
            purchase.refunded((purchase.refundable() * percent / 100).max(1), now)
        }),
        Step::Told(place) => {
            if let Some(place) = place.checked_rem(world.waiting.len()) {
                let event = world.waiting.remove(place);
                world.tells(&event).await;
                world.told.push(event);
            }
        }
        Step::AllTold { backwards } => {
            if *backwards {
                world.waiting.reverse();
            }
            world.tells_all().await;
        }
        Step::ToldAgain(place) => {
            if let Some(place) = place.checked_rem(world.told.len()) {
                world.tells(&world.told[place]).await;
            }
        }
        Step::Change(change) => changes(world, *change).await,
        Step::ChangePlan(place) => plans::change(world, *place).await,
        Step::Gift { months } => gifts::checkout(world, *months).await,
        Step::Redeem { gift, by } => gifts::redeem(world, *gift, *by).await,
        Step::Operator { refunds, percent } => refund(world, *refunds, *percent).await,
        Step::Spend(amount) => {
            let ask = a_spend_request(BUYER, *amount, &format!("spend-{}", world.count));
            if world.billing.spend(ask).await.is_ok() {
                world.spent += amount;
            }
        }
        Step::Runs(job) => drop(world.billing.run_due(*job).await.unwrap()),
        Step::Wait(hours) => {
            // No provider delays events for days.
            if *hours >= 24 {
                world.tells_all().await;
                catches_up(world).await;
            }
            world.clock.advance(hours * 3600);
        }
    }
}

fn at_the_provider(
    world: &mut World,
    place: usize,
    then: impl FnOnce(&SandboxPurchase, Timestamp) -> Option<(SandboxPurchase, Vec<SandboxEvent>)>,
) {
    let Some(place) = place.checked_rem(world.bought.len()) else { return };
    let (session, purchase) = world.bought[place].clone();
    if let Some((next, events)) = then(&purchase, world.billing.now()) {
        world.bought[place].1 = next;
        world.happened(&session, events);
    }
}

async fn checkout(world: &mut World, item: usize, coupon: bool) {
    let wanted = world.items[item.checked_rem(world.items.len()).unwrap()];
    let key = format!("checkout-{}", world.count);
    let ask = a_checkout(BUYER, Channel::named("sandbox"), wanted, Some(&key));
    let ask = StartCheckout { coupon: coupon.then(|| a_code("summer")), ..ask };
    // Refused if the buyer is subscribed already or has used the coupon.
    if let Ok(started) = world.billing.start_checkout(&ask).await {
        let token = started.session.url.rsplit('/').next().unwrap();
        let session = world.sandbox.session(token).unwrap();
        // An order that waits for its payment returns the same page again, which is paid once.
        let same = |known: &SandboxSession| known.order == session.order;
        if !world.open.iter().any(same) && !world.bought.iter().any(|(known, _)| same(known)) {
            world.open.push(session);
        }
    }
}

/// The service changes the live subscription, and the provider follows.
async fn changes(world: &mut World, change: SubscriptionChange) {
    let changed =
        world.billing.change_subscription(&ChangeSubscription::new(an_external_id(BUYER), change)).await;
    let Ok(changed) = changed else { return };
    let id = changed.shown.subscription.provider_id;
    let place = world.bought.iter().position(|(session, _)| session.subscription().as_ref() == Some(&id));
    let happening = match change {
        SubscriptionChange::CancelNow => Happening::End,
        SubscriptionChange::CancelAtPeriodEnd => Happening::EndWithPeriod,
        SubscriptionChange::Pause => Happening::Pause,
        SubscriptionChange::Resume => Happening::GoOn,
    };
    at_the_provider(world, place.unwrap(), |purchase, now| purchase.then(happening, now));
}

async fn refund(world: &mut World, place: usize, percent: i64) {
    let payments = world.payments().await;
    let Some(place) = place.checked_rem(payments.len()) else { return };
    let payment = &payments[place];
    let amount = (payment.left(false) * percent / 100).max(1);
    let key = Some(request_key(&format!("refund-{}", world.count)));
    let actor = Actor::Operator("ann".to_owned());
    let ask = RefundPayment { what: Refunded::Payment(payment.id), amount: Some(amount), key, actor };
    match world.billing.refund(&ask).await {
        Ok(after) => assert_eq!(after.left(false), payment.left(false) - amount),
        Err(error) => assert_eq!(error.code(), "already_refunded", "{error:?}"),
    }
}

/// Retries events that waited for others.
async fn catches_up(world: &World) {
    for _ in 0..12 {
        world.clock.advance(400);
        world.works().await;
    }
}

/// Delivers all events, and runs all jobs.
async fn settles(world: &mut World) {
    world.tells_all().await;
    for job in Job::ALL.iter().chain(Job::ALL) {
        catches_up(world).await;
        world.billing.run_due(*job).await.unwrap();
    }
    for event in &world.told {
        let kept = world.store.event(Channel::named("sandbox"), &event.id).await.unwrap().unwrap();
        // A payment that grants nothing is left to an operator.
        let explains = [
            "the period was over before its payment was reported: it granted nothing",
            "the subscription had ended before its payment was reported: it granted nothing",
            "it paid for a change in mid period that is worth no more than what was granted before",
        ];
        let is_explained = || {
            event.kind == "subscription.paid"
                && kept.note.as_deref().is_some_and(|note| explains.contains(&note))
        };
        let done = match kept.state {
            InboxState::NeedsOperator => is_explained(),
            state => state.is_handled(),
        };
        assert!(done, "{} is {}: {:?}", event.id, kept.state, kept.note);
    }
}
