//! Whole purchases: the core, this adapter, the fake, and the events in every disorder.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

#[expect(dead_code, reason = "not every test needs all of it")]
#[path = "../common/mod.rs"]
mod common;
mod customers;
mod ends;
mod lost_answers;
mod methods;
mod odd_invoices;
mod plan_changes;
mod reads;
mod refunds;

use std::sync::Arc;
use std::time::Duration;

use billing_core::catalog::Interval;
use billing_core::orders::OrderStatus;
use billing_core::payments::{AllowedOrigins, Channel};
use billing_core::requests::{PurchaseItem, StartedCheckout};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Credits, Timestamp};
use billing_core::{Billing, Job};
use billing_stripe::{StripeConfig, StripeProvider, sign};
use billing_testkit::builders::{
    ALLOWED_ORIGIN, a_checkout, a_pack_draft, a_plan_draft, an_external_id, monthly_price, noon,
};
use billing_testkit::fixtures::stripe::{FixtureEvent, Shape, Story, StoryIds, stripe_story};
use billing_testkit::http_fakes::stripe::{Fault, StripeFake};
use billing_testkit::{ManualClock, MemoryStore, SequentialIds};
use common::{SECRET, headers};

const PRICE: &str = "price_1ProMonthly";
const OTHER_PRICE: &str = "price_1MaxMonthly";
/// What a trial of the plan brings.
const TRIAL: i64 = 50;
const MONTH: i64 = 30 * 86_400;

struct World {
    store: Arc<MemoryStore>,
    billing: Billing,
    clock: Arc<ManualClock>,
    fake: StripeFake,
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::at(noon()));
        let fake = StripeFake::start(noon());
        let config = StripeConfig {
            api_base: fake.base_url(),
            retry_base: Duration::from_millis(1),
            ..StripeConfig::new(StripeFake::SECRET_KEY.into(), vec![SECRET.into()])
        };
        let store = Arc::new(MemoryStore::new());
        let billing = Billing::builder(store.clone(), clock.clone(), Arc::new(SequentialIds::new()))
            .provider(Arc::new(StripeProvider::try_new(config).unwrap()))
            .allowed_origins(AllowedOrigins::parse([ALLOWED_ORIGIN]).unwrap())
            .build();
        Self { store, billing, clock, fake }
    }

    /// Puts what `story` is about on sale, and opens a checkout for it.
    async fn checkout(&self, story: Story) -> StartedCheckout {
        let wanted = if story.expected().subscription.is_some() {
            let mut draft = a_plan_draft("pro");
            draft.prices = monthly_price(Channel::named("stripe"), PRICE);
            draft.trial_credits = Credits::new(TRIAL);
            let mut dearer = a_plan_draft("max");
            dearer.prices = monthly_price(Channel::named("stripe"), OTHER_PRICE);
            self.billing.publish_plan(None, &dearer).await.unwrap();
            PurchaseItem::Plan(self.billing.publish_plan(None, &draft).await.unwrap().id, Interval::Monthly)
        } else {
            PurchaseItem::Pack(self.billing.publish_pack(None, &a_pack_draft("small")).await.unwrap().id)
        };
        self.billing.start_checkout(&a_checkout("ada", Channel::named("stripe"), wanted, None)).await.unwrap()
    }

    /// What a story about `started` names.
    fn ids(&self, started: &StartedCheckout) -> StoryIds {
        StoryIds {
            order_id: started.order.id.to_string(),
            customer: self.fake.customers()[0].id.clone(),
            session: started.session.id.clone(),
            price: PRICE.to_owned(),
            other_price: OTHER_PRICE.to_owned(),
            amount: started.order.price.minor,
            ..StoryIds::sample()
        }
    }

    async fn deliver(&self, event: &FixtureEvent) {
        let signature = sign(SECRET, self.billing.now(), &event.body);
        self.billing
            .receive_webhook(Channel::named("stripe"), &headers(&signature), &event.body)
            .await
            .unwrap();
        self.billing.run_due(Job::Inbox).await.unwrap();
    }

    /// Lets what had to wait for something else be tried again; nothing may be left over.
    async fn settle(&self) {
        for _ in 0..10 {
            self.clock.advance(60);
            let report = self.billing.run_due(Job::Inbox).await.unwrap();
            assert_eq!(report.failed, 0);
            if report.seen() == 0 {
                return;
            }
        }
        panic!("something is never dealt with");
    }

    async fn credits(&self) -> i64 {
        self.billing.balance(&an_external_id("ada")).await.unwrap().available.get()
    }

    async fn order(&self, started: &StartedCheckout) -> OrderStatus {
        self.billing.order(&an_external_id("ada"), started.order.id).await.unwrap().status
    }

    async fn subscription(&self) -> Option<SubscriptionStatus> {
        let summary = self.billing.summary(&an_external_id("ada")).await.unwrap();
        summary.subscription.map(|shown| shown.subscription.status)
    }
}

/// Some orders of `events`: the natural one, the reverse, every one to begin with, and shuffles that are the
/// same in every run; each event twice in some.
fn disorders(events: &[FixtureEvent]) -> Vec<Vec<FixtureEvent>> {
    let mut orders = vec![events.to_vec(), events.iter().rev().cloned().collect()];
    for start in 1..events.len() {
        let mut turned = events.to_vec();
        turned.rotate_left(start);
        orders.push(turned);
    }
    let mut state = 7_usize;
    for _ in 0..12 {
        let mut shuffled = [events, events].concat();
        for last in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345) % 2_147_483_648;
            shuffled.swap(last, (state / 65_536) % (last + 1));
        }
        orders.push(shuffled);
    }
    orders
}

async fn tell(story: Story, shape: Shape, disorder: usize, at: Timestamp) -> Option<()> {
    let world = World::new();
    let started = world.checkout(story).await;
    let events =
        disorders(&stripe_story(story, shape, &world.ids(&started), at)).into_iter().nth(disorder)?;
    let last = events.iter().map(|event| event.created_at).max().unwrap_or(at).max(at);
    world.clock.advance(last.seconds_since(world.billing.now()) + 120);
    let told: Vec<_> = events.iter().map(|event| event.name).collect();
    for event in &events {
        world.deliver(event).await;
    }
    world.settle().await;
    let expected = story.expected();
    let each = if expected.subscription.is_some() { 2000 } else { 1000 };
    let left = expected.credits(each, TRIAL, started.order.price.minor);
    assert_eq!(world.credits().await, left, "{shape:?} {told:#?}");
    assert_eq!(Some(world.order(&started).await), expected.order.or(Some(OrderStatus::Pending)), "{told:#?}");
    assert_eq!(world.subscription().await, expected.subscription, "{shape:?} {told:#?}");
    Some(())
}

#[tokio::test]
async fn every_story_ends_as_it_should_in_whatever_order_it_is_told() {
    for story in Story::all().filter(|story| *story != Story::SubscriptionRenewed) {
        for shape in Shape::ALL {
            let mut disorder = 0;
            while tell(story, shape, disorder, noon().plus_seconds(120)).await.is_some() {
                disorder += 1;
            }
            assert!(disorder > 0, "{story:?} {shape:?}");
        }
    }
}

#[tokio::test]
async fn a_renewal_grants_its_month_and_ends_the_last_even_if_its_news_come_with_the_first_ones() {
    for shape in Shape::ALL {
        let first_period = noon().plus_seconds(120);
        for disorder in 0.. {
            let world = World::new();
            let started = world.checkout(Story::SubscriptionFirst).await;
            let ids = world.ids(&started);
            let mut events = stripe_story(Story::SubscriptionFirst, shape, &ids, first_period);
            let renewed = first_period.plus_seconds(MONTH);
            events.extend(stripe_story(Story::SubscriptionRenewed, shape, &ids, renewed));
            let Some(events) = disorders(&events).into_iter().nth(disorder) else { break };
            world.clock.advance(MONTH + 7200);
            for event in &events {
                world.deliver(event).await;
            }
            world.settle().await;
            // The first month's ended with it: only where no renewal came would they live on for some days.
            assert_eq!(world.credits().await, 2000, "{shape:?} {disorder}");
            assert_eq!(world.order(&started).await, OrderStatus::Completed);
            assert_eq!(world.subscription().await, Some(SubscriptionStatus::Active));
        }
    }
}

#[tokio::test]
async fn a_checkout_survives_stripes_bad_moments_once() {
    let world = World::new();
    // Both while the customer is made: the third try is the last.
    world.fake.inject(Fault::server_error());
    world.fake.inject(Fault::CutAfterEffect);
    let started = world.checkout(Story::CreditsPaid).await;
    assert_eq!(world.fake.sessions().len(), 1);
    assert_eq!(world.fake.customers().len(), 1);
    assert_eq!(world.fake.sessions()[0].client_reference_id, Some(started.order.id.to_string()));
}
