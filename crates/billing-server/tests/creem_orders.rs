//! Creem's events in many orders of delivery, each three times and in parallel, on both databases: what was bought is
//! granted exactly once, and what was refunded is gone.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::sync::Arc;
use std::time::Duration;

use billing_core::catalog::Interval;
use billing_core::ledger::audit;
use billing_core::payments::{AllowedOrigins, Channel, WebhookHeaders};
use billing_core::ports::AccountRef;
use billing_core::requests::PurchaseItem;
use billing_core::{Billing, Job};
use billing_creem::{CreemConfig, CreemProvider, SIGNATURE_HEADER, sign};
use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::builders::{
    ALLOWED_ORIGIN, a_checkout, a_pack_draft, a_plan_draft, an_external_id, creem_product, monthly_price,
    noon,
};
use billing_testkit::fixtures::creem::{CreemEvent, CreemIds, CreemStory, creem_story};
use billing_testkit::http_fakes::creem::CreemFake;
use billing_testkit::{ManualClock, SequentialIds, Stores};
use itertools::Itertools;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

const SECRET: &str = "whsec_a_secret_of_the_test";
/// How many orders of delivery a database is put through.
const ORDERS: usize = 20;

struct Shop {
    store: Arc<dyn Stores>,
    billing: Billing,
    clock: Arc<ManualClock>,
    /// Keeps it running.
    _fake: CreemFake,
    plan: PurchaseItem,
    pack: PurchaseItem,
}

impl Shop {
    async fn open(store: Arc<dyn Stores>) -> Self {
        let (clock, fake) = (Arc::new(ManualClock::at(noon())), CreemFake::start());
        let config = CreemConfig {
            api_base: fake.base_url(),
            retry_base: Duration::from_millis(1),
            ..CreemConfig::new(CreemFake::API_KEY.into(), vec![SECRET.into()])
        };
        // Its ids must not meet those that the store makes for entries and grants.
        let ids = Arc::new(SequentialIds::starting_at(1 << 40));
        let billing = Billing::builder(store.clone().ports(), clock.clone(), ids)
            .provider(Arc::new(CreemProvider::try_new(config).unwrap()))
            .allowed_origins(AllowedOrigins::parse([ALLOWED_ORIGIN]).unwrap())
            .build();
        let mut plan = a_plan_draft("pro");
        plan.prices = monthly_price(Channel::named("creem"), "prod_Plan");
        let plan = PurchaseItem::Plan(billing.publish_plan(None, &plan).await.unwrap().id, Interval::Monthly);
        let mut pack = a_pack_draft("small");
        pack.prices = creem_product("prod_Pack");
        let pack = PurchaseItem::Pack(billing.publish_pack(None, &pack).await.unwrap().id);
        Self { store, billing, clock, _fake: fake, plan, pack }
    }

    /// Plays one story for a buyer of its own, its events in this order.
    async fn play(&self, story: CreemStory, buyer: &str, order: &[usize]) {
        let expected = story.expected();
        let (wanted, product) = match expected.subscription {
            Some(_) => (self.plan, "prod_Plan"),
            None => (self.pack, "prod_Pack"),
        };
        let started = self
            .billing
            .start_checkout(&a_checkout(buyer, Channel::named("creem"), wanted, None))
            .await
            .unwrap();
        let ids = CreemIds {
            order_id: started.order.id.to_string(),
            session: started.session.id.clone(),
            subscription: format!("sub_{buyer}"),
            customer: format!("cust_{buyer}"),
            product: product.to_owned(),
        };
        let events = creem_story(story, &ids, self.billing.now());
        for place in order {
            self.deliver_at_once(&events[*place]).await;
        }
        self.settle().await;

        let name = an_external_id(buyer);
        let account = self.store.account(AccountRef::External(&name)).await.unwrap().unwrap();
        let history = self.store.history(account.id).await.unwrap().unwrap();
        assert_eq!(audit::check(&history), []);
        let grants = &history.kept.grants;
        assert_eq!(grants.len(), expected.grants, "{story:?} {order:?}");
        assert!(
            grants.iter().all(|grant| (grant.clawed == grant.amount) == expected.gone),
            "{story:?} {order:?}"
        );
        let now = self.billing.order(&name, started.order.id).await.unwrap();
        assert_eq!(now.status, expected.order, "{story:?} {order:?}");
        let summary = self.billing.summary(&name).await.unwrap();
        let status = summary.subscription.map(|shown| shown.subscription.status);
        assert_eq!(status, expected.subscription, "{story:?} {order:?}");
    }

    async fn deliver_at_once(&self, event: &CreemEvent) {
        let deliveries = [(); 3].map(|()| {
            let (billing, body) = (self.billing.clone(), event.body.clone());
            tokio::spawn(async move {
                let signature = (SIGNATURE_HEADER.to_owned(), sign(SECRET, &body).into_bytes());
                let headers = WebhookHeaders::new([signature]);
                billing.receive_webhook(Channel::named("creem"), &headers, &body).await.unwrap();
                billing.run_due(Job::Inbox).await.unwrap();
            })
        });
        for delivery in deliveries {
            delivery.await.unwrap();
        }
    }

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
}

async fn on(database: TestDatabase) {
    let store = SqlStore::connect(database.url(), 16, Arc::new(SequentialIds::default())).await.unwrap();
    let stores: Arc<dyn Stores> = Arc::new(store.clone());
    let plays = async move {
        let shop = Shop::open(stores).await;
        let mut chance = StdRng::seed_from_u64(2026);
        for story in CreemStory::ALL {
            let count = creem_story(story, &CreemIds::sample(), noon()).len();
            let mut orders: Vec<_> = (0..count).permutations(count).collect();
            orders.shuffle(&mut chance);
            for (number, order) in orders.iter().take(ORDERS).enumerate() {
                shop.play(story, &format!("{story:?}-{number}"), order).await;
            }
        }
    };
    let outcome = tokio::spawn(plays).await;
    store.close().await;
    database.remove().await;
    if let Err(failure) = outcome {
        std::panic::resume_unwind(failure.into_panic());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_orders_of_delivery_end_the_same_on_sqlite() {
    on(TestDatabase::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_orders_of_delivery_end_the_same_on_postgres() {
    on(TestDatabase::postgres().await).await;
}
