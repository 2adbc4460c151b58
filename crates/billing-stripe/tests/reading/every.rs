//! Every type of event that Stripe is known to send around payments, in every shape that it has had.

use std::collections::BTreeSet;

use billing_core::payments::PartialFact;
use billing_testkit::fixtures::stripe::{Era, stripe_events, thin_stripe_events};

use super::*;

/// What a type of event may state, besides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Checkout,
    Subscription,
    Period,
    Customer,
    Method,
    Names,
    PaymentReversal,
    Nothing,
}

use Says::{Checkout, Customer, Method, Names, Nothing, PaymentReversal, Period, Subscription};

/// Each type with how many different events of it there are at least since basil, before it, and about 2020.
const KNOWN: [(&str, [usize; 3], Says); 43] = [
    ("charge.dispute.closed", [3, 3, 1], PaymentReversal),
    ("charge.dispute.created", [2, 2, 1], PaymentReversal),
    ("charge.dispute.funds_reinstated", [1, 1, 1], PaymentReversal),
    ("charge.dispute.funds_withdrawn", [1, 1, 1], PaymentReversal),
    ("charge.dispute.updated", [1, 1, 0], PaymentReversal),
    ("charge.failed", [0, 0, 1], Nothing),
    ("charge.refunded", [4, 4, 1], PaymentReversal),
    ("charge.succeeded", [2, 2, 1], Nothing),
    ("checkout.session.async_payment_failed", [1, 1, 0], Checkout),
    ("checkout.session.async_payment_succeeded", [1, 1, 0], Checkout),
    ("checkout.session.completed", [7, 7, 2], Checkout),
    ("checkout.session.expired", [1, 1, 0], Checkout),
    ("coupon.created", [1, 1, 1], Nothing),
    ("coupon.deleted", [1, 1, 0], Nothing),
    ("customer.created", [1, 1, 1], Nothing),
    ("customer.deleted", [1, 1, 1], Customer),
    ("customer.discount.created", [1, 1, 1], Nothing),
    ("customer.subscription.created", [2, 2, 1], Subscription),
    ("customer.subscription.deleted", [3, 3, 1], Subscription),
    ("customer.subscription.paused", [2, 1, 0], Subscription),
    ("customer.subscription.resumed", [1, 1, 0], Subscription),
    ("customer.subscription.trial_will_end", [1, 1, 1], Nothing),
    ("customer.subscription.updated", [10, 10, 1], Subscription),
    ("customer.updated", [1, 1, 1], Nothing),
    ("invoice.created", [2, 2, 1], Nothing),
    ("invoice.paid", [9, 9, 1], Period),
    ("invoice.payment_action_required", [1, 1, 1], Nothing),
    ("invoice.payment_failed", [3, 3, 1], Nothing),
    ("invoice.payment_succeeded", [2, 2, 1], Nothing),
    ("invoice.upcoming", [1, 1, 1], Nothing),
    ("invoice_payment.paid", [1, 0, 0], Names),
    ("payment_intent.payment_failed", [0, 0, 1], Nothing),
    ("payment_intent.succeeded", [2, 2, 1], Nothing),
    ("payment_method.attached", [1, 1, 1], Method),
    ("payment_method.automatically_updated", [1, 1, 0], Method),
    ("payment_method.detached", [1, 1, 1], Method),
    ("payment_method.updated", [1, 1, 0], Method),
    ("promotion_code.created", [1, 1, 0], Nothing),
    ("promotion_code.updated", [1, 1, 0], Nothing),
    ("refund.created", [3, 3, 0], PaymentReversal),
    ("refund.failed", [1, 1, 0], PaymentReversal),
    ("refund.updated", [3, 3, 0], PaymentReversal),
    ("charge.refund.updated", [1, 1, 0], PaymentReversal),
];

/// Made once: there are some hundreds.
static EVENTS: LazyLock<[Vec<FixtureEvent>; 3]> =
    LazyLock::new(|| Era::ALL.map(|era| stripe_events(era, &StoryIds::sample(), now())));

fn events(era: Era) -> &'static [FixtureEvent] {
    let place = Era::ALL.iter().position(|other| *other == era).unwrap();
    &EVENTS[place]
}

fn says(fact: &Fact) -> Says {
    match fact {
        Fact::Checkout(_) => Checkout,
        Fact::Subscription(_) => Subscription,
        Fact::PeriodPaid(_) | Fact::Partial(PartialFact::Invoice(_)) => Period,
        Fact::PaymentMethod(_) => Method,
        Fact::PaymentRefs(_) => Names,
        Fact::CustomerDeleted(_) => Customer,
        Fact::Reversal(_) | Fact::Partial(PartialFact::Charge(..)) => PaymentReversal,
        Fact::Ignored(_) => Nothing,
    }
}

fn count_of(kind: &str, era: Era) -> usize {
    let of_kind = events(era).iter().filter(|event| event.kind == kind).map(|event| event.name);
    of_kind.collect::<BTreeSet<_>>().len()
}

#[test]
fn there_is_an_event_of_every_type_in_every_shape_that_has_it() {
    for (kind, [since, before, old], _) in KNOWN {
        for (era, least) in [(Era::PostBasil, since), (Era::PreBasil, before), (Era::Legacy, old)] {
            let count = count_of(kind, era);
            assert!(count >= least, "{kind} {era:?}: {count} of {least}");
        }
    }
}

#[test]
fn every_event_of_every_type_and_shape_is_read_as_what_it_states() {
    for era in Era::ALL {
        for event in events(era) {
            let fact =
                read(&event.body).unwrap_or_else(|problem| panic!("{era:?} {}: {problem}", event.name));
            let known = KNOWN.iter().find(|(kind, ..)| *kind == event.kind);
            let may = known.map_or(Nothing, |(.., says)| *says);
            assert!([may, Nothing].contains(&says(&fact)), "{era:?} {}: {fact:?}", event.name);
        }
    }
}

#[test]
fn what_states_something_since_basil_stated_it_before() {
    for (kind, counts, may) in KNOWN.into_iter().filter(|(.., says)| *says != Nothing) {
        for (era, count) in [Era::PostBasil, Era::PreBasil].into_iter().zip(counts) {
            let facts = events(era).iter().filter(|event| event.kind == kind);
            let stated = facts.filter(|event| says(&read(&event.body).unwrap()) == may).count();
            assert!(stated > 0 || count == 0, "{kind} {era:?}");
        }
    }
}

#[test]
fn what_says_nothing_says_why() {
    let mut reasons = BTreeSet::new();
    for era in Era::ALL {
        let facts = events(era).iter().map(|event| (event.name, read(&event.body).unwrap()));
        for (name, fact) in facts.filter(|(_, fact)| says(fact) == Nothing) {
            let Fact::Ignored(why) = fact else { panic!("{name}: {fact:?}") };
            assert!(why.len() > 10, "{name}: {why}");
            reasons.insert(why);
        }
    }
    // More than one word for everything: each says what it lacks.
    assert!(reasons.len() >= 8, "{reasons:#?}");
}

/// What makes nobody richer: of all events without a story around them, the ones that pay are few and known.
#[test]
fn no_type_but_two_says_that_something_was_paid() {
    for era in Era::ALL {
        for event in events(era) {
            let pays = match read(&event.body).unwrap() {
                Fact::Checkout(fact) => fact.outcome == CheckoutOutcome::Paid && !fact.subscription_mode,
                Fact::PeriodPaid(_) => true,
                _ => false,
            };
            let may = event.kind == "invoice.paid" || event.kind.starts_with("checkout.session.");
            assert!(may || !pays, "{era:?} {}", event.name);
        }
    }
}

#[test]
fn thin_events_are_taken_in_and_state_nothing() {
    let thin = thin_stripe_events(&StoryIds::sample(), now());
    assert_eq!(thin.len(), 2);
    for event in thin {
        let fact = read(&event.body).unwrap();
        assert!(matches!(fact, Fact::Ignored(why) if why.contains("thin")), "{}: {fact:?}", event.name);
    }
}

#[test]
fn what_old_senders_leave_out_of_the_envelope_changes_no_fact() {
    let all = events(Era::Legacy);
    for pair in all.chunks(2) {
        let [whole, bare] = pair else { panic!("each event is there twice") };
        assert_eq!(read(&whole.body), read(&bare.body), "{}", whole.name);
        assert!(bare.body.len() < whole.body.len(), "{}", whole.name);
    }
}

#[test]
fn the_version_that_an_event_names_changes_nothing() {
    for event in events(Era::PostBasil) {
        let fact = read(&event.body);
        for version in [json!("2031-04-01.zephyr"), json!("2015-10-16"), json!(null), json!(7)] {
            let mut body: Value = serde_json::from_slice(&event.body).unwrap();
            body["api_version"] = version.clone();
            assert_eq!(read(body.to_string().as_bytes()), fact, "{} {version}", event.name);
        }
    }
}
