//! Documents A, B and C and `/subscription` say the same of one account, in every state that it can be in.

use billing_core::catalog::{Interval, Plan};
use billing_core::changes::Changes;
use billing_core::credentials::Scope;
use billing_core::payments::{Channel, Covered, Payment, PeriodTerms, SubscriptionItem};
use billing_core::subscriptions::{Subscription, SubscriptionStatus};
use billing_core::values::Period;
use billing_testkit::builders::{a_payment, a_plan, a_subscription, noon};
use serde_json::{Value, json};

use crate::common::World;

/// How a subscription is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    WithPeriod,
    OnDay,
    Over,
}

#[derive(Debug, Clone, Copy)]
struct State {
    status: SubscriptionStatus,
    end: End,
    /// Whether it was changed to another plan for its renewal.
    changed: bool,
    interval: Interval,
    channel: Channel,
}

fn states() -> Vec<State> {
    let mut all = Vec::new();
    for status in SubscriptionStatus::ALL {
        for end in [End::Open, End::WithPeriod, End::OnDay, End::Over] {
            let paid = Channel::named("stripe");
            for (changed, interval, channel) in
                [(false, Interval::Yearly, Channel::GIFT), (true, Interval::Monthly, paid)]
            {
                all.push(State { status: *status, end, changed, interval, channel });
            }
        }
    }
    all
}

/// A world in which ada's subscription is in `state`, on the first day of a period of 30.
async fn world(state: State) -> World {
    let world = World::new();
    let account = world.account("ada").await;
    let plan = |slug: &str| Plan { price_yearly: Some(9990), ..a_plan(slug, &*world.ids) };
    let (paid, set_to) = (world.plan(plan("small")).await, world.plan(plan("large")).await);
    let period = Period { start: noon(), end: noon().plus_days(30) };
    let now = if state.changed { &set_to } else { &paid };
    let mut subscription = Subscription {
        status: state.status,
        interval: state.interval,
        channel: state.channel,
        item: Some(SubscriptionItem { price: "price_1".to_owned(), quantity: 3 }),
        period: Some(period),
        ..a_subscription(account.id, now, "sub_1", &*world.ids)
    };
    match state.end {
        End::Open => {}
        End::WithPeriod => subscription.cancel_at_period_end = true,
        End::OnDay => subscription.cancel_at = Some(noon().plus_days(10)),
        End::Over => subscription.ended_at = Some(noon()),
    }
    let payment = Payment {
        channel: state.channel,
        covers: Some(Covered {
            subscription: "sub_1".to_owned(),
            period,
            plan: paid.id,
            brings: vec![PeriodTerms { plan: paid.id, period, terms: paid.terms() }],
            change: None,
            grace: None,
        }),
        ..a_payment(account.id, "pi_1", &*world.ids)
    };
    let changes =
        Changes { subscriptions: vec![subscription], payments: vec![payment], ..Changes::default() };
    world.commit(changes).await;
    world.give("ada", 70).await;
    world
}

/// What each of the four says, in the words of `/subscription`; of what one does not say, nothing.
async fn told(world: &World) -> [Value; 4] {
    let key = world.key_of("ada", &[Scope::BillingRead]).await;
    let read = async |path: &str| {
        let answer = world.get(&key, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    };
    let a = read("/api/external/v2/billing/summary").await["data"].clone();
    let b = read("/v1/billing/summary").await;
    let c = read("/v1/billing/overview").await["data"].clone();
    let own = read("/subscription").await["data"].clone();
    assert_eq!(a["credits"]["balance"], c["credits"]["available"]);
    let day = |at: &Value| at.as_str().map(|at| at.split('T').next().unwrap_or_default().to_owned());
    let (in_b, in_c) = (&b["subscription"], &c["subscription"]);
    let cycle = match a["subscription"]["billing_cycle"].as_str() {
        Some("annual") => json!("yearly"),
        Some(other) => json!(other),
        None => Value::Null,
    };
    let interval = match in_c["plan"]["interval"].as_str() {
        Some("month") => json!("monthly"),
        Some("year") => json!("yearly"),
        other => json!(other),
    };
    let ending = |flag: &Value| flag.as_str().map(|flag| flag == "true");
    [
        json!({ "status": own["status"], "plan": own["plan"], "plan_id": own["plan_id"],
            "interval": own["interval"], "start": own["current_period_start"], "end": own["current_period_end"],
            "end_day": day(&own["current_period_end"]), "ending": own["cancel_at_period_end"] }),
        json!({ "status": a["subscription"]["status"], "plan": a["subscription"]["type"], "interval": cycle,
            "end_day": a["subscription"]["end_date"] }),
        json!({ "status": in_b["status"], "plan_id": in_b["plan_id"], "start": in_b["current_period_start"],
            "end": in_b["current_period_end"], "ending": in_b["cancel_at_period_end"] }),
        json!({ "status": in_c["status"], "plan": in_c["plan"]["slug"], "plan_id": in_c["plan"]["id"],
            "interval": interval, "start": in_c["current_period_start"], "end": in_c["current_period_end"],
            "ending": ending(&in_c["cancel_at_period_end"]) }),
    ]
}

#[actix_web::test]
async fn every_view_says_the_same_in_every_state() {
    for state in states() {
        let world = world(state).await;
        // On the first day; when it was to end; at the end of the period; past the days in which a renewal may come;
        // long after.
        for days in [0, 10, 20, 4, 400] {
            world.clock.advance(days * 86_400);
            let [own, others @ ..] = told(&world).await;
            for (view, other) in ["A", "B", "C"].into_iter().zip(others) {
                for (field, said) in other.as_object().unwrap() {
                    assert_eq!(said, &own[field], "`{field}` of {view} after {days} days in {state:?}");
                }
            }
        }
    }
}

#[actix_web::test]
async fn what_is_over_and_was_not_renewed_is_past_due_in_every_view() {
    let state = State {
        status: SubscriptionStatus::Active,
        end: End::Open,
        changed: false,
        interval: Interval::Monthly,
        channel: Channel::named("stripe"),
    };
    let world = world(state).await;
    world.clock.advance(33 * 86_400 - 1);
    assert!(told(&world).await.iter().all(|view| view["status"] == "active"));
    world.clock.advance(1);
    assert!(told(&world).await.iter().all(|view| view["status"] == "past_due"));
}
