//! Invariants.

use std::collections::BTreeSet;

use billing_core::ledger::{Grant, Stage, audit};
use billing_core::payments::{DisputeState, Payment};
use billing_core::ports::AccountRef;
use billing_core::subscriptions::{GracePeriods, Subscription, SubscriptionRole, SubscriptionStatus};

use crate::plans;
use crate::world::{Charge, World};

/// The invariants after every step.
pub(crate) async fn hold(world: &World) {
    let account = world.store.account(AccountRef::Id(world.account().await)).await.unwrap().unwrap();
    let history = world.store.history(account.id).await.unwrap().unwrap();
    assert_eq!(audit::check(&history), []);
    let grants = &history.kept.grants;

    // The balance is what was granted and neither ended nor was clawed back, less what was spent.
    let counted = grants.iter().filter(|grant| grant.stage != Stage::Upcoming);
    let there: i64 =
        counted.map(|grant| grant.amount.get() - grant.forfeited.get() - grant.clawed.get()).sum();
    assert_eq!(history.kept.balance.posted.get(), there - world.spent, "the balance");

    let payments = world.payments().await;
    let subscriptions = world.store.subscriptions(account.id).await.unwrap();
    plans::of_periods(world, &payments, |payment| {
        let own = grants.iter().filter(|grant| payment.grant_keys.contains(&grant.business_key));
        own.filter(|grant| !is_restored(grant)).map(|grant| grant.amount.get()).sum()
    });
    for payment in &payments {
        of_payment(world, payment, grants, &subscriptions);
    }
    let facts: Vec<_> = payments.iter().flat_map(|payment| &payment.grant_keys).collect();
    assert_eq!(facts.len(), facts.iter().collect::<BTreeSet<_>>().len(), "a fact belongs to one payment");

    // A subscription that ended by time alone may have left the slot already.
    let grace = GracePeriods { renewal_days: 3, past_due_days: 14 };
    let lapsed = |known: &Subscription| known.lapses_at(grace).is_some_and(|at| at <= world.billing.now());
    let live: Vec<_> = subscriptions.iter().filter(|known| known.is_live() && !lapsed(known)).collect();
    assert!(live.len() <= 1, "more than one counts: {live:?}");
    if let Some(live) = live.first() {
        assert_eq!(account.active_subscription, Some(live.name()));
    }
    let seated = |known: &&Subscription| account.active_subscription.as_ref() == Some(&known.name());
    if let Some(seated) = subscriptions.iter().find(seated) {
        assert!(seated.role.is_active() && !seated.status.is_final(), "{seated:?}");
    }
}

pub(crate) fn is_restored(grant: &Grant) -> bool {
    grant.business_key.as_str().starts_with("restored:")
}

/// A payment's credits are at most those that were promised, and are clawed back in proportion to its reversals.
fn of_payment(world: &World, payment: &Payment, grants: &[Grant], subscriptions: &[Subscription]) {
    let charge = charge(world, payment);
    assert_eq!(payment.paid.minor, charge.paid);
    let of = |restored: bool| {
        let own = grants.iter().filter(|grant| payment.grant_keys.contains(&grant.business_key));
        own.filter(move |grant| is_restored(grant) == restored)
    };
    let sum = |restored: bool, part: fn(&Grant) -> i64| of(restored).map(part).sum::<i64>();
    let brought = sum(false, |grant| grant.amount.get());
    assert!(brought <= charge.promised, "{brought} of {}: {payment:?}", charge.promised);
    if payment.covers.is_none() {
        assert_eq!(brought, charge.promised);
    }
    let restored = sum(true, |grant| grant.amount.get());
    let taken = sum(false, |grant| grant.clawed.get()) + sum(true, |grant| grant.clawed.get()) - restored;
    let gone = payment.reversed(false);
    let share = |gone: i64| (brought * gone).checked_div(payment.paid.minor).unwrap_or(0);
    assert!((0..=share(gone.for_now)).contains(&taken), "{taken} of {brought}: {payment:?}");
    // Credits that ended unused cannot be clawed back, nor can spent ones while a dispute is open.
    let ended = of(false).chain(of(true)).any(|grant| grant.forfeited.get() > 0);
    if !ended && gone.firm == gone.for_now {
        assert_eq!(taken, share(gone.firm), "{payment:?}");
    }
    let of_subscription = |known: &&Subscription| {
        payment.covers.as_ref().is_some_and(|covered| covered.subscription == known.provider_id)
    };
    if let Some(known) = subscriptions.iter().find(of_subscription)
        && !known.role.is_active()
    {
        assert_eq!(brought, 0, "it was begun beside a live one: {known:?}");
    }
}

/// The invariants once everything was delivered and applied.
pub(crate) async fn hold_in_the_end(world: &World) {
    let account = world.account().await;
    let grants = world.store.history(account).await.unwrap().unwrap().kept.grants;
    let subscriptions = world.store.subscriptions(account).await.unwrap();
    let payments = world.payments().await;
    assert_eq!(payments.len(), world.charges.len(), "every payment is known, and no other");
    for payment in &payments {
        let charge = charge(world, payment);
        let gone = payment.reversed(false);
        // Operators' refunds come on top of those at the provider.
        assert!(gone.firm >= went_back(charge, &[DisputeState::Lost]), "{payment:?} {charge:?}");
        assert!(gone.for_now >= went_back(charge, &[DisputeState::Lost, DisputeState::Open]), "{payment:?}");
        let Some(covered) = &payment.covers else { continue };
        let known = subscriptions.iter().find(|known| known.provider_id == covered.subscription).unwrap();
        let own = grants
            .iter()
            .filter(|grant| payment.grant_keys.contains(&grant.business_key) && !is_restored(grant));
        let brought: i64 = own.clone().map(|grant| grant.amount.get()).sum();
        let in_time = payment.paid_at < covered.period.start.plus_days(27);
        let starts = |other: &Payment| {
            let covers = other.covers.as_ref();
            covers
                .filter(|of| of.subscription == covered.subscription && of.change.is_none())
                .map(|of| of.period.start)
        };
        let is_last = payments.iter().filter_map(starts).all(|start| start <= covered.period.start);
        let active = known.role.is_active() && known.status == SubscriptionStatus::Active;
        // A payment reported late, for a period that is over or whose subscription has ended, grants at most its
        // remainder.
        if covered.change.is_none() && active && is_last && in_time {
            assert_eq!(brought, charge.promised, "it was paid: {payment:?} {known:?}");
            let ends = own.filter_map(|grant| grant.expires_at).max();
            assert!(ends >= Some(covered.period.end), "it was cut short at {ends:?}: {payment:?} {known:?}");
        }
        if !known.role.is_active() {
            assert_eq!(payment.left(false), 0, "its money goes back: {payment:?}");
        }
    }
    for known in &subscriptions {
        assert!(
            matches!(known.role, SubscriptionRole::Active | SubscriptionRole::DuplicateRefunded),
            "{known:?}"
        );
        assert!(known.role.is_active() || known.status.is_final(), "{known:?}");
    }
}

fn charge<'a>(world: &'a World, payment: &Payment) -> &'a Charge {
    &world.charges[payment.refs.payment.as_ref().unwrap()]
}

/// The amount of a charge that was reversed at the provider.
fn went_back(charge: &Charge, states: &[DisputeState]) -> i64 {
    let disputed =
        charge.disputes.values().filter(|(_, state)| state.is_some_and(|state| states.contains(&state)));
    let gone = charge.refunds.values().sum::<i64>() + disputed.map(|(minor, _)| minor).sum::<i64>();
    gone.min(charge.paid)
}
