//! Whole purchases through Creem: the core, this adapter, the fake, and the events in every order.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod ends;
mod failures;
mod refunds;

use std::sync::Arc;
use std::time::Duration;

use billing_core::catalog::Interval;
use billing_core::ledger::audit;
use billing_core::payments::{AllowedOrigins, Channel, WebhookHeaders};
use billing_core::ports::{AccountRef, BillingReads, Inbox, LedgerReads};
use billing_core::requests::{PurchaseItem, StartedCheckout};
use billing_core::values::Credits;
use billing_core::webhooks::InboxState;
use billing_core::{Billing, Job};
use billing_creem::{CreemConfig, CreemProvider, SIGNATURE_HEADER, sign};
use billing_testkit::builders::{
    ALLOWED_ORIGIN, a_checkout, a_pack_draft, a_plan_draft, an_external_id, creem_product, monthly_price,
    noon,
};
use billing_testkit::fixtures::creem::{CreemEvent, CreemIds, CreemStory, creem_story};
use billing_testkit::http_fakes::creem::CreemFake;
use billing_testkit::{ManualClock, MemoryStore, SequentialIds};
use itertools::Itertools;

const SECRET: &str = "whsec_a_secret_of_the_test";
const PRODUCT: &str = "prod_Ours";

struct World {
    store: Arc<MemoryStore>,
    billing: Billing,
    clock: Arc<ManualClock>,
    fake: CreemFake,
}

impl World {
    fn new() -> Self {
        let (clock, fake) = (Arc::new(ManualClock::at(noon())), CreemFake::start());
        let config = CreemConfig {
            api_base: fake.base_url(),
            retry_base: Duration::from_millis(1),
            ..CreemConfig::new(CreemFake::API_KEY.into(), vec![SECRET.into()])
        };
        let store = Arc::new(MemoryStore::new());
        let billing =
            Billing::builder(store.clone(), clock.clone(), Arc::new(SequentialIds::starting_at(1 << 40)))
                .provider(Arc::new(CreemProvider::try_new(config).unwrap()))
                .allowed_origins(AllowedOrigins::parse([ALLOWED_ORIGIN]).unwrap())
                .build();
        Self { store, billing, clock, fake }
    }

    async fn plan(&self) -> PurchaseItem {
        let mut draft = a_plan_draft("pro");
        draft.prices = monthly_price(Channel::named("creem"), PRODUCT);
        draft.trial_credits = Credits::new(50);
        PurchaseItem::Plan(self.billing.publish_plan(None, &draft).await.unwrap().id, Interval::Monthly)
    }

    async fn pack(&self) -> PurchaseItem {
        let mut draft = a_pack_draft("small");
        draft.prices = creem_product(PRODUCT);
        PurchaseItem::Pack(self.billing.publish_pack(None, &draft).await.unwrap().id)
    }

    async fn checkout(&self, wanted: PurchaseItem) -> StartedCheckout {
        self.billing.start_checkout(&a_checkout("ada", Channel::named("creem"), wanted, None)).await.unwrap()
    }

    async fn deliver(&self, event: &CreemEvent) {
        let signature = (SIGNATURE_HEADER.to_owned(), sign(SECRET, &event.body).into_bytes());
        let headers = WebhookHeaders::new([signature]);
        self.billing.receive_webhook(Channel::named("creem"), &headers, &event.body).await.unwrap();
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

    /// The grants that money brought, each with how much of it was taken back.
    async fn bought(&self) -> Vec<(i64, i64)> {
        let account =
            self.store.account(AccountRef::External(&an_external_id("ada"))).await.unwrap().unwrap();
        let history = self.store.history(account.id).await.unwrap().unwrap();
        assert_eq!(audit::check(&history), []);
        let bought = |key: &str| !key.starts_with("trial:") && !key.starts_with("restored:");
        let grants = history.kept.grants.iter().filter(|grant| bought(grant.business_key.as_str()));
        grants.map(|grant| (grant.amount.get(), grant.clawed.get())).collect()
    }

    async fn state_of(&self, event: &str) -> InboxState {
        self.store.event(Channel::named("creem"), event).await.unwrap().unwrap().state
    }
}

/// What a story about `started` names.
fn ids(started: &StartedCheckout) -> CreemIds {
    CreemIds {
        order_id: started.order.id.to_string(),
        session: started.session.id.clone(),
        product: PRODUCT.to_owned(),
        ..CreemIds::sample()
    }
}

/// Tells `story` with its events in this order, each as often as it comes up.
async fn tell(story: CreemStory, order: &[usize]) {
    let expected = story.expected();
    let world = World::new();
    let wanted = if expected.subscription.is_some() { world.plan().await } else { world.pack().await };
    let started = world.checkout(wanted).await;
    let events = creem_story(story, &ids(&started), noon());
    world.clock.advance(3600);
    for place in order {
        world.deliver(&events[*place]).await;
    }
    world.settle().await;
    let bought = world.bought().await;
    assert_eq!(bought.len(), expected.grants, "{story:?} {order:?}");
    let gone = |(amount, clawed): &(i64, i64)| if expected.gone { amount == clawed } else { *clawed == 0 };
    assert!(bought.iter().all(gone), "{story:?} {order:?} {bought:?}");
    let order_now = world.billing.order(&an_external_id("ada"), started.order.id).await.unwrap();
    assert_eq!(order_now.status, expected.order, "{story:?} {order:?}");
    let summary = world.billing.summary(&an_external_id("ada")).await.unwrap();
    let status = summary.subscription.map(|shown| shown.subscription.status);
    assert_eq!(status, expected.subscription, "{story:?} {order:?}");
}

#[tokio::test]
async fn every_story_ends_as_it_should_in_every_order() {
    for story in CreemStory::ALL {
        let count = creem_story(story, &CreemIds::sample(), noon()).len();
        // All orders of up to five events, and one in six of the 720 beyond.
        let step = if count > 5 { 6 } else { 1 };
        for order in (0..count).permutations(count).step_by(step) {
            tell(story, &order).await;
        }
    }
}

#[tokio::test]
async fn every_story_ends_the_same_when_all_of_it_comes_three_times() {
    for story in CreemStory::ALL {
        let count = creem_story(story, &CreemIds::sample(), noon()).len();
        let natural: Vec<usize> = (0..count).collect();
        let backwards: Vec<usize> = natural.iter().rev().copied().collect();
        tell(story, &[natural.as_slice(), &backwards, &natural].concat()).await;
        tell(story, &[backwards.as_slice(), &natural, &backwards].concat()).await;
    }
}
