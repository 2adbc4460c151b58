//! A shop that sells through a fake of Stripe, to as many buyers as a test needs.

use std::sync::Arc;
use std::time::Duration;

use billing_core::accounts::ExternalId;
use billing_core::catalog::Interval;
use billing_core::ledger::{Grant, audit};
use billing_core::orders::OrderStatus;
use billing_core::payments::{AllowedOrigins, Channel};
use billing_core::ports::{AccountRef, BillingReads, Inbox, LedgerReads, Received, SubscriptionSelector};
use billing_core::requests::{PurchaseItem, StartedCheckout};
use billing_core::subscriptions::Subscription;
use billing_core::values::{Credits, Timestamp};
use billing_core::webhooks::InboxState;
use billing_core::{Billing, BillingError, Job};
use billing_stripe::{StripeConfig, StripeProvider, sign};
use billing_testkit::builders::{
    ALLOWED_ORIGIN, a_checkout, a_pack_draft, a_plan_draft, an_external_id, monthly_price, noon,
};
use billing_testkit::fixtures::stripe::{
    Era, FixtureEvent, Shape, Story, StoryIds, stripe_events, stripe_story,
};
use billing_testkit::http_fakes::stripe::StripeFake;
use billing_testkit::{ManualClock, MemoryStore, SequentialIds};
use serde_json::{Value, json};

use crate::common::{SECRET, headers};

pub(crate) const PRICE: &str = "price_1ProMonthly";
pub(crate) const DEARER_PRICE: &str = "price_1MaxMonthly";
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
    pub(crate) fake: StripeFake,
    pub(crate) pack: PurchaseItem,
    pub(crate) plan: PurchaseItem,
    pub(crate) dearer: PurchaseItem,
}

/// A checkout that is open, and what Stripe's events about it name.
pub(crate) struct Purchase {
    pub(crate) buyer: String,
    pub(crate) started: StartedCheckout,
    pub(crate) ids: StoryIds,
    /// When the money will come.
    pub(crate) at: Timestamp,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::waiting_for(Duration::from_secs(30)).await
    }

    /// A shop that waits so long for an answer.
    pub(crate) async fn waiting_for(timeout: Duration) -> Self {
        let (clock, fake) = (Arc::new(ManualClock::at(noon())), StripeFake::start(noon()));
        let config = StripeConfig {
            api_base: fake.base_url(),
            retry_base: Duration::from_millis(1),
            timeout,
            ..StripeConfig::new(StripeFake::SECRET_KEY.into(), vec![SECRET.into()])
        };
        let store = Arc::new(MemoryStore::new());
        // Its ids must not meet those that the store makes for entries and grants.
        let ids = Arc::new(SequentialIds::starting_at(1 << 40));
        let billing = Billing::builder(store.clone(), clock.clone(), ids)
            .provider(Arc::new(StripeProvider::try_new(config).unwrap()))
            .allowed_origins(AllowedOrigins::parse([ALLOWED_ORIGIN]).unwrap())
            .build();
        let mut plan = a_plan_draft("pro");
        plan.prices = monthly_price(Channel::named("stripe"), PRICE);
        plan.trial_credits = Credits::new(TRIAL);
        let mut dearer = a_plan_draft("max");
        dearer.prices = monthly_price(Channel::named("stripe"), DEARER_PRICE);
        dearer.credits_included = Credits::new(DEARER_PLAN);
        let plan = PurchaseItem::Plan(billing.publish_plan(None, &plan).await.unwrap().id, Interval::Monthly);
        let dearer =
            PurchaseItem::Plan(billing.publish_plan(None, &dearer).await.unwrap().id, Interval::Monthly);
        let pack = PurchaseItem::Pack(billing.publish_pack(None, &a_pack_draft("small")).await.unwrap().id);
        Self { store, billing, clock, fake, pack, plan, dearer }
    }

    /// What a story sells.
    pub(crate) fn sold_in(&self, story: Story) -> PurchaseItem {
        if story.expected().subscription.is_some() { self.plan } else { self.pack }
    }

    /// `buyer`, whom nobody has seen before, opens a checkout.
    pub(crate) async fn begins(&self, buyer: &str, wanted: PurchaseItem) -> Purchase {
        self.fake.set_now(self.billing.now());
        let ask = a_checkout(buyer, Channel::named("stripe"), wanted, None);
        let started = self.billing.start_checkout(&ask).await.unwrap();
        let owner =
            self.store.account(AccountRef::External(&an_external_id(buyer))).await.unwrap().unwrap().id;
        let ids = StoryIds {
            order_id: started.order.id.to_string(),
            customer: self
                .store
                .provider_customer(Channel::named("stripe"), owner)
                .await
                .unwrap()
                .unwrap()
                .customer,
            session: started.session.id.clone(),
            subscription: format!("sub_{buyer}"),
            price: PRICE.to_owned(),
            other_price: DEARER_PRICE.to_owned(),
            amount: started.order.price.minor,
            currency: "usd".to_owned(),
        };
        Purchase { buyer: buyer.to_owned(), started, ids, at: self.billing.now().plus_seconds(120) }
    }

    /// Takes in what Stripe posts.
    pub(crate) async fn receives(&self, event: &FixtureEvent) -> Result<Received, BillingError> {
        let signature = sign(SECRET, self.billing.now(), &event.body);
        self.billing.receive_webhook(Channel::named("stripe"), &headers(&signature), &event.body).await
    }

    /// Takes in an event and applies whatever is due, once Stripe's clock has come to where it speaks from.
    pub(crate) async fn hears(&self, event: &FixtureEvent) {
        self.waits_until(event.created_at);
        self.receives(event).await.unwrap();
        self.billing.run_due(Job::Inbox).await.unwrap();
    }

    pub(crate) fn waits_until(&self, moment: Timestamp) {
        self.clock.advance(moment.seconds_since(self.billing.now()).max(0));
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

    pub(crate) async fn state_of(&self, event: &FixtureEvent) -> Option<InboxState> {
        let kept = self.store.event(Channel::named("stripe"), &event.id).await.unwrap();
        kept.map(|event| event.state)
    }

    /// What `buyer` can spend; below zero where something is owed.
    pub(crate) async fn credits(&self, buyer: &str) -> i64 {
        self.billing.balance(&an_external_id(buyer)).await.unwrap().available.get()
    }

    pub(crate) async fn order(&self, purchase: &Purchase) -> OrderStatus {
        let order = self.billing.order(&an_external_id(&purchase.buyer), purchase.started.order.id).await;
        order.unwrap().status
    }

    pub(crate) async fn subscription(&self, buyer: &str) -> Option<Subscription> {
        let summary = self.billing.summary(&an_external_id(buyer)).await.unwrap();
        summary.subscription.map(|shown| shown.subscription)
    }

    /// The subscription of `purchase` as it is kept, also where it is not one to show.
    pub(crate) async fn kept_subscription(&self, purchase: &Purchase) -> Subscription {
        let id = &purchase.ids.subscription;
        self.store
            .subscription(SubscriptionSelector::Provider(Channel::named("stripe"), id))
            .await
            .unwrap()
            .unwrap()
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
    /// What Stripe tells of it.
    pub(crate) fn told(&self, story: Story, shape: Shape) -> Vec<FixtureEvent> {
        stripe_story(story, shape, &self.ids, self.at)
    }

    /// The events of these kinds, of all that Stripe tells of it.
    pub(crate) fn told_of(&self, story: Story, shape: Shape, kinds: &[&str]) -> Vec<FixtureEvent> {
        let mut events = self.told(story, shape);
        events.retain(|event| kinds.contains(&event.kind.as_str()));
        events
    }

    /// One event by its name, also one that is in no story.
    pub(crate) fn event(&self, era: Era, name: &str) -> FixtureEvent {
        let events = stripe_events(era, &self.ids, self.at);
        events.into_iter().find(|event| event.name == name).unwrap()
    }

    pub(crate) fn who(&self) -> ExternalId {
        an_external_id(&self.buyer)
    }
}

/// Another event like this one, told `after` so many seconds, with some of its object's fields replaced.
pub(crate) fn another(like: &FixtureEvent, id: &str, after: i64, fields: &[(&str, Value)]) -> FixtureEvent {
    let created_at = like.created_at.plus_seconds(after);
    let mut body: Value = serde_json::from_slice(&like.body).unwrap();
    body["id"] = json!(id);
    body["created"] = json!(created_at.unix_seconds());
    for (place, value) in fields {
        *body.pointer_mut(&format!("/data/object{place}")).unwrap() = value.clone();
    }
    FixtureEvent { id: id.to_owned(), created_at, body: body.to_string().into_bytes(), ..like.clone() }
}
