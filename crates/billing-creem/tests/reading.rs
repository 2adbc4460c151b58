//! What events state.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use billing_core::payments::{
    Channel, CheckoutOutcome, DisputeState, Fact, PaymentReversalUpdate, PeriodReason, RefundState,
    WebhookHeaders,
};
use billing_core::ports::Webhooks;
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::InboxEventId;
use billing_core::webhooks::{InboxEvent, InboxState, WebhookRefusal};
use billing_creem::{CreemConfig, CreemProvider, sign};
use billing_testkit::SequentialIds;
use billing_testkit::builders::noon;
use billing_testkit::fixtures::creem::{CreemEvent, CreemIds, creem_events};

const SECRET: &str = "whsec_a_secret_of_the_test";

fn creem(key: &str) -> CreemProvider {
    CreemProvider::try_new(CreemConfig::new(key.into(), vec![SECRET.into()])).unwrap()
}

/// The fact of one of the fixtures, as it would be read after it was verified.
fn told(name: &str) -> Result<Fact, String> {
    let (_, event) =
        creem_events(&CreemIds::sample(), noon()).into_iter().find(|(other, _)| other == name).unwrap();
    read(&creem("creem_test_1"), &event).unwrap()
}

fn read(creem: &CreemProvider, event: &CreemEvent) -> Result<Result<Fact, String>, WebhookRefusal> {
    let headers =
        WebhookHeaders::new([("creem-signature".to_owned(), sign(SECRET, &event.body).into_bytes())]);
    let event = creem.verify(&headers, &event.body, noon())?;
    Ok(creem.read(&InboxEvent {
        id: InboxEventId::new(&SequentialIds::new()),
        channel: Channel::named("creem"),
        event_id: event.id,
        kind: event.kind,
        created_at: event.created_at,
        body: event.body,
        received_at: noon(),
        state: InboxState::Pending,
        attempts: 0,
        note: None,
        next_attempt_at: None,
    }))
}

#[test]
fn every_event_in_every_shape_is_read_or_passed_over() {
    let creem = creem("creem_test_1");
    for (name, event) in creem_events(&CreemIds::sample(), noon()) {
        let stated = read(&creem, &event);
        match name.as_str() {
            "envelope.blank_event_id" => assert_eq!(stated, Err(WebhookRefusal::NotAnEvent)),
            // Without its transaction nobody can tell one payment from another.
            "subscription.paid.initial.no_last_transaction_id" => assert!(stated.unwrap().is_err()),
            // A subscription's time is what its payment is for.
            _ => {
                let stated = stated.unwrap();
                assert!(stated.is_ok() || name.ends_with("idonly"), "{name}: {stated:?}");
            }
        }
    }
}

#[test]
fn a_packs_checkout_is_the_payment_and_a_plans_is_not() {
    let Fact::Checkout(pack) = told("checkout.completed.onetime.discount").unwrap() else { panic!() };
    assert_eq!((pack.outcome, pack.subscription_mode), (CheckoutOutcome::Paid, false));
    assert_eq!(pack.total.unwrap().minor, 1815);
    assert!(pack.refs.payment.unwrap().starts_with("tran_"));
    let Fact::Checkout(plan) = told("checkout.completed.subscription.with_period").unwrap() else { panic!() };
    assert!(plan.subscription_mode);
    assert_eq!(plan.refs.subscription, Some(CreemIds::sample().subscription));
    let Fact::Checkout(pending) = told("checkout.completed.onetime.order_pending").unwrap() else { panic!() };
    assert_eq!(pending.outcome, CheckoutOutcome::Processing);
    // What cost nothing has no transaction, and is bought all the same.
    let Fact::Checkout(free) = told("checkout.completed.onetime.free_product").unwrap() else { panic!() };
    assert_eq!((free.outcome, free.total.unwrap().minor), (CheckoutOutcome::Paid, 0));
}

#[test]
fn only_a_collected_charge_pays_a_period() {
    for (name, reason, free) in [
        ("subscription.paid.initial", PeriodReason::Unclear, false),
        ("subscription.paid.initial.idonly", PeriodReason::Unclear, false),
        ("subscription.paid.renewal.no_last_transaction_object", PeriodReason::Unclear, false),
        ("subscription.paid.zero_amount_100pct_discount", PeriodReason::Unclear, false),
        ("subscription.paid.upgrade_proration_same_cycle", PeriodReason::Unclear, false),
    ] {
        let Fact::PeriodPaid(paid) = told(name).unwrap() else { panic!("{name}") };
        assert_eq!((paid.reason, paid.lines[0].free), (reason, free), "{name}");
        assert!(paid.subscription_now.is_some(), "{name}");
    }
    for name in
        ["subscription.active.no_period", "subscription.trialing.no_transaction", "subscription.update.seats"]
    {
        assert!(matches!(told(name).unwrap(), Fact::Subscription(_)), "{name}");
    }
}

#[test]
fn statuses_are_put_into_our_words() {
    use SubscriptionStatus::{Active, Canceled, PastDue, Paused, Unpaid};
    for (name, status, canceling) in [
        ("subscription.active.no_metadata", Active, false),
        ("subscription.scheduled_cancel", Active, true),
        ("subscription.past_due", PastDue, false),
        ("subscription.unpaid", Unpaid, false),
        ("subscription.paused", Paused, false),
        ("subscription.expired.status_active", Unpaid, false),
        ("subscription.expired.status_expired", Unpaid, false),
        ("subscription.canceled.at_period_end", Canceled, false),
        ("subscription.canceled.immediate_future_period_end", Canceled, false),
    ] {
        let Fact::Subscription(fact) = told(name).unwrap() else { panic!("{name}") };
        assert_eq!((fact.status, fact.cancel_at_period_end), (status, canceling), "{name}");
    }
}

#[test]
fn who_canceled_in_mid_period_keeps_what_was_paid_for() {
    let name = "subscription.canceled.immediate_future_period_end";
    let Fact::Subscription(fact) = told(name).unwrap() else { panic!() };
    assert!(fact.ended_at.unwrap() > fact.provider_updated_at);
    assert_eq!(fact.ended_at, fact.period.map(|period| period.end));
}

#[test]
fn refunds_tell_the_sum_once_it_is_known() {
    let news = |name: &str| match told(name).unwrap() {
        Fact::Reversal(money) => money.update,
        other => panic!("{name}: {other:?}"),
    };
    for (name, in_all) in
        [("refund.created.onetime.partial_1", 420), ("refund.created.onetime.partial_2_cumulative", 2420)]
    {
        assert!(
            matches!(news(name), PaymentReversalUpdate::RefundedInAll(sum) if sum.minor == in_all),
            "{name}"
        );
    }
    for (name, state) in [
        ("refund.created.onetime.pending", RefundState::Pending),
        ("refund.created.onetime.failed", RefundState::Failed),
    ] {
        assert!(
            matches!(news(name), PaymentReversalUpdate::Refund(refund) if refund.state == state),
            "{name}"
        );
    }
    for (name, state) in [
        ("dispute.created.transaction_still_paid", DisputeState::Open),
        ("dispute.created.subscription.idonly", DisputeState::Lost),
    ] {
        assert!(
            matches!(news(name), PaymentReversalUpdate::Dispute(dispute) if dispute.state == state),
            "{name}"
        );
    }
}

#[test]
fn events_of_the_other_mode_state_nothing() {
    assert!(matches!(told("envelope.mode_prod_on_test_key").unwrap(), Fact::Ignored(_)));
    assert!(!matches!(told("envelope.mode_local").unwrap(), Fact::Ignored(_)));
    let (_, event) = creem_events(&CreemIds::sample(), noon()).remove(0);
    assert!(matches!(read(&creem("creem_1"), &event).unwrap(), Ok(Fact::Ignored(_))));
}

#[test]
fn unknown_types_and_statuses_entitle_nobody() {
    for name in ["envelope.unknown_event_type", "credits.granted", "customer_credits.exhausted"] {
        assert!(matches!(told(name).unwrap(), Fact::Ignored(_)), "{name}");
    }
    let (_, event) = creem_events(&CreemIds::sample(), noon())
        .into_iter()
        .find(|(name, _)| name == "subscription.update.unknown_status_incomplete")
        .unwrap();
    assert!(matches!(read(&creem("creem_test_1"), &event).unwrap(), Ok(Fact::Ignored(_))));
}
