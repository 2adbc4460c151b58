//! What events state.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod checkout;
#[path = "../common/mod.rs"]
mod common;
mod every;
mod hostile;
mod invoice;
mod subscription;

use std::sync::LazyLock;

use billing_core::payments::{
    CheckoutFact, CheckoutOutcome, Fact, PaidPeriod, PeriodReason, SubscriptionFact,
};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Money, Period, Timestamp};
use billing_stripe::StripeProvider;
use billing_testkit::fixtures::stripe::{FixtureEvent, Shape, Story, StoryIds, stripe_story};
use common::{now, offline, read_signed};
use serde_json::{Value, json};

const MONTH: i64 = 30 * 86_400;

/// Made once: an HTTP client takes its time to set up.
static PROVIDER: LazyLock<StripeProvider> = LazyLock::new(|| offline("sk_test_1"));

fn read(body: &[u8]) -> Result<Fact, String> {
    read_signed(&PROVIDER, body)
}

fn told(story: Story, shape: Shape) -> Vec<(&'static str, Fact)> {
    let events = stripe_story(story, shape, &StoryIds::sample(), now());
    events.into_iter().map(|event| (event.name, read(&event.body).unwrap())).collect()
}

fn event(story: Story, shape: Shape, name: &str) -> Value {
    let events = stripe_story(story, shape, &StoryIds::sample(), now());
    let event: FixtureEvent = events.into_iter().find(|event| event.name == name).unwrap();
    serde_json::from_slice(&event.body).unwrap()
}

/// The event with parts of its object replaced, and what it then states.
fn changed(mut event: Value, changes: &[(&str, Value)]) -> Result<Fact, String> {
    for (pointer, value) in changes {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        let parent = event.pointer_mut(&format!("/data/object{parent}")).unwrap();
        parent[field] = value.clone();
    }
    read(event.to_string().as_bytes())
}

fn usd(minor: i64) -> Money {
    Money::new(minor, "usd".parse().unwrap())
}

/// The month from `now` on.
fn month() -> Period {
    Period { start: now(), end: now().plus_seconds(MONTH) }
}

#[test]
fn of_all_events_around_a_purchase_one_is_the_payment() {
    for shape in Shape::ALL {
        for story in Story::all() {
            let facts = told(story, shape);
            let payments = facts.iter().filter(|(_, fact)| match fact {
                Fact::Checkout(fact) => fact.outcome == CheckoutOutcome::Paid && !fact.subscription_mode,
                Fact::PeriodPaid(fact) => {
                    matches!(fact.reason, PeriodReason::Create | PeriodReason::Cycle)
                        && fact.lines.iter().any(|line| !line.free && !line.proration)
                }
                _ => false,
            });
            let grants = usize::try_from(story.expected().grants).unwrap();
            assert_eq!(payments.count(), grants, "{story:?} {shape:?} {facts:#?}");
        }
    }
}

#[test]
fn both_shapes_state_the_same_facts() {
    for story in Story::all() {
        let facts = |shape| {
            let mut facts = told(story, shape);
            // Where the shapes tell different events of one subscription, only the last one says how it is.
            facts.retain(|(name, fact)| {
                !matches!(fact, Fact::Ignored(_) | Fact::PaymentRefs(_))
                    && !name.ends_with("created.incomplete")
                    && !name.ends_with("canceling_in_portal")
            });
            facts.into_iter().map(|(_, fact)| fact).collect::<Vec<_>>()
        };
        let without_time = |mut facts: Vec<Fact>| {
            for fact in &mut facts {
                match fact {
                    Fact::Subscription(fact) => fact.provider_updated_at = Timestamp::EPOCH,
                    // Which payment paid which invoice is an event of its own since basil.
                    Fact::PeriodPaid(fact) => fact.refs.payment = None,
                    Fact::Reversal(fact) => fact.payment.invoice = None,
                    _ => {}
                }
            }
            // A subscription's news come before or after the payment's.
            facts.sort_by_key(|fact| format!("{fact:?}"));
            facts
        };
        assert_eq!(without_time(facts(Shape::PreBasil)), without_time(facts(Shape::PostBasil)), "{story:?}");
    }
}

#[test]
fn odd_events_state_nothing() {
    for shape in Shape::ALL {
        for (name, fact) in told(Story::Odd, shape) {
            assert!(matches!(fact, Fact::Ignored(_)), "{name}: {fact:?}");
        }
    }
}

#[test]
fn events_of_the_other_mode_count_only_for_a_key_that_does_not_say() {
    let live = event(Story::Odd, Shape::PostBasil, "odd.livemode_true").to_string();
    let test =
        event(Story::CreditsPaid, Shape::PostBasil, "checkout.session.completed.payment.paid").to_string();
    for (key, takes_live, takes_test) in [
        ("sk_test_1", false, true),
        ("rk_test_1", false, true),
        ("sk_live_1", true, false),
        ("rk_live_1", true, false),
        ("something_else", true, true),
    ] {
        for (body, taken) in [(&live, takes_live), (&test, takes_test)] {
            let fact = read_signed(&offline(key), body.as_bytes()).unwrap();
            assert_eq!(matches!(fact, Fact::Checkout(_)), taken, "{key}: {fact:?}");
        }
    }
}

#[test]
fn fixtures_are_filled_in_and_their_ids_differ() {
    let mut ids = std::collections::BTreeSet::new();
    for shape in Shape::ALL {
        for story in Story::all() {
            for event in stripe_story(story, shape, &StoryIds::sample(), now()) {
                let text = String::from_utf8(event.body).unwrap();
                assert!(!text.contains("{{") && text.contains(&event.id), "{text}");
                assert!(ids.insert(event.id.clone()), "{}", event.id);
            }
        }
    }
}
