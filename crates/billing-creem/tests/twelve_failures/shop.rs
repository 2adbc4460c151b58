//! A shop that sells through a fake of Creem, to as many buyers as a test needs.

use std::sync::Arc;
use std::time::Duration;

use billing_core::catalog::Interval;
use billing_core::ledger::{Grant, audit};
use billing_core::orders::Order;
use billing_core::payments::{AllowedOrigins, Channel, WebhookHeaders};
use billing_core::ports::{AccountRef, BillingReads, Inbox, LedgerReads, Received};
use billing_core::requests::{PurchaseItem, StartedCheckout};
use billing_core::subscriptions::Subscription;
use billing_core::values::Credits;
use billing_core::webhooks::InboxState;
use billing_core::{Billing, BillingError, Job};
use billing_creem::{CreemConfig, CreemProvider, SIGNATURE_HEADER, sign};
use billing_testkit::builders::{
    ALLOWED_ORIGIN, a_checkout, a_pack_draft, a_plan_draft, an_external_id, creem_product, monthly_price,
    noon,
};
use billing_testkit::fixtures::creem::{CreemEvent, CreemIds, CreemStory, creem_events, creem_story};
use billing_testkit::http_fakes::creem::CreemFake;
use billing_testkit::{ManualClock, MemoryStore, SequentialIds};
use serde_json::{Value, json};

pub(crate) const SECRET: &str = "whsec_a_secret_of_the_test";
pub(crate) const PRODUCT: &str = "prod_Pro";
/// What a dearer plan is called in all events.
pub(crate) const DEARER_PRODUCT: &str = "prod_Other";
pub(crate) const PACK_PRODUCT: &str = "prod_Pack";
/// What the plan brings in a month.
pub(crate) const PLAN: i64 = 2000;
/// What the dearer plan does.
pub(crate) const DEARER_PLAN: i64 = 5000;
/// What the pack brings.
pub(crate) const PACK: i64 = 1000;
/// What a trial of the plan brings.
pub(crate) const TRIAL: i64 = 50;

pub(crate) struct Shop {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) billing: Billing,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) fake: CreemFake,
    pub(crate) pack: PurchaseItem,
    pub(crate) plan: PurchaseItem,
}

/// A checkout that is open, and what Creem's events about it name.
pub(crate) struct Purchase {
    pub(crate) buyer: String,
    pub(crate) started: StartedCheckout,
    pub(crate) ids: CreemIds,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::waiting_for(Duration::from_secs(30)).await
    }

    /// A shop that waits so long for an answer.
    pub(crate) async fn waiting_for(timeout: Duration) -> Self {
        let (clock, fake) = (Arc::new(ManualClock::at(noon())), CreemFake::start());
        let config = CreemConfig {
            api_base: fake.base_url(),
            retry_base: Duration::from_millis(1),
            timeout,
            ..CreemConfig::new(CreemFake::API_KEY.into(), vec![SECRET.into()])
        };
        let store = Arc::new(MemoryStore::new());
        // Its ids must not meet those that the store makes for entries and grants.
        let ids = Arc::new(SequentialIds::starting_at(1 << 40));
        let billing = Billing::builder(store.clone(), clock.clone(), ids)
            .provider(Arc::new(CreemProvider::try_new(config).unwrap()))
            .allowed_origins(AllowedOrigins::parse([ALLOWED_ORIGIN]).unwrap())
            .build();
        let mut plan = a_plan_draft("pro");
        plan.prices = monthly_price(Channel::named("creem"), PRODUCT);
        plan.trial_credits = Credits::new(TRIAL);
        let mut dearer = a_plan_draft("max");
        dearer.prices = monthly_price(Channel::named("creem"), DEARER_PRODUCT);
        dearer.credits_included = Credits::new(DEARER_PLAN);
        let mut pack = a_pack_draft("small");
        pack.prices = creem_product(PACK_PRODUCT);
        billing.publish_plan(None, &dearer).await.unwrap();
        let plan = PurchaseItem::Plan(billing.publish_plan(None, &plan).await.unwrap().id, Interval::Monthly);
        let pack = PurchaseItem::Pack(billing.publish_pack(None, &pack).await.unwrap().id);
        Self { store, billing, clock, fake, pack, plan }
    }

    /// `buyer`, whom nobody has seen before, opens a checkout. All of Creem's news will be from around noon.
    pub(crate) async fn begins(&self, buyer: &str, wanted: PurchaseItem) -> Purchase {
        self.clock.set(noon());
        let ask = a_checkout(buyer, Channel::named("creem"), wanted, None);
        let started = self.billing.start_checkout(&ask).await.unwrap();
        let product = if wanted == self.pack { PACK_PRODUCT } else { PRODUCT };
        let ids = CreemIds {
            order_id: started.order.id.to_string(),
            session: started.session.id.clone(),
            subscription: format!("sub_{buyer}"),
            customer: format!("cust_{buyer}"),
            product: product.to_owned(),
        };
        Purchase { buyer: buyer.to_owned(), started, ids }
    }

    /// The same, and the checkout has been completed already.
    pub(crate) async fn links(&self, buyer: &str) -> Purchase {
        let purchase = self.begins(buyer, self.plan).await;
        self.hears(&purchase.told(CreemStory::FirstPeriod)[0]).await;
        purchase
    }

    /// Takes in what Creem posts.
    pub(crate) async fn receives(&self, event: &CreemEvent) -> Result<Received, BillingError> {
        self.receives_signed(&sign(SECRET, &event.body), &event.body).await
    }

    pub(crate) async fn receives_signed(&self, code: &str, body: &[u8]) -> Result<Received, BillingError> {
        let headers = WebhookHeaders::new([(SIGNATURE_HEADER.to_owned(), code.as_bytes().to_vec())]);
        self.billing.receive_webhook(Channel::named("creem"), &headers, body).await
    }

    /// Takes in an event and applies whatever is due.
    pub(crate) async fn hears(&self, event: &CreemEvent) {
        self.receives(event).await.unwrap();
        self.billing.run_due(Job::Inbox).await.unwrap();
    }

    /// Lets what had to wait for something else be tried again; nothing may be left over.
    pub(crate) async fn settles(&self) {
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

    pub(crate) async fn state_of(&self, event: &CreemEvent) -> Option<InboxState> {
        let kept = self.store.event(Channel::named("creem"), &event.id).await.unwrap();
        kept.map(|event| event.state)
    }

    /// What `buyer` can spend; below zero where something is owed.
    pub(crate) async fn credits(&self, buyer: &str) -> i64 {
        self.billing.balance(&an_external_id(buyer)).await.unwrap().available.get()
    }

    pub(crate) async fn order(&self, purchase: &Purchase) -> Order {
        self.billing.order(&an_external_id(&purchase.buyer), purchase.started.order.id).await.unwrap()
    }

    pub(crate) async fn subscription(&self, buyer: &str) -> Option<Subscription> {
        let summary = self.billing.summary(&an_external_id(buyer)).await.unwrap();
        summary.subscription.map(|shown| shown.subscription)
    }

    /// The grants that money brought to `buyer`, whose ledger is sound.
    pub(crate) async fn bought(&self, buyer: &str) -> Vec<Grant> {
        let owner = self.store.account(AccountRef::External(&an_external_id(buyer))).await.unwrap().unwrap();
        let history = self.store.history(owner.id).await.unwrap().unwrap();
        assert_eq!(audit::check(&history), [], "{buyer}");
        let bought = |key: &str| !key.starts_with("trial:") && !key.starts_with("restored:");
        history.kept.grants.into_iter().filter(|grant| bought(grant.business_key.as_str())).collect()
    }
}

impl Purchase {
    /// What Creem tells of it.
    pub(crate) fn told(&self, story: CreemStory) -> Vec<CreemEvent> {
        creem_story(story, &self.ids, noon())
    }

    /// One event by its name, of all that there are.
    pub(crate) fn event(&self, name: &str) -> CreemEvent {
        let mut events = creem_events(&self.ids, noon()).into_iter();
        events.find(|(other, _)| other == name).unwrap().1
    }
}

/// Another event like this one, with some places of it replaced.
pub(crate) fn another(like: &CreemEvent, id: &str, places: &[(&str, Value)]) -> CreemEvent {
    let mut body: Value = serde_json::from_slice(&like.body).unwrap();
    body["id"] = json!(id);
    for (place, value) in places {
        *body.pointer_mut(place).unwrap() = value.clone();
    }
    CreemEvent { id: id.to_owned(), body: body.to_string().into_bytes(), ..like.clone() }
}
