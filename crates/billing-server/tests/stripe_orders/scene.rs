//! A shop that sells through a fake of Stripe.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use billing_core::accounts::ExternalId;
use billing_core::catalog::Interval;
use billing_core::ledger::audit;
use billing_core::orders::OrderStatus;
use billing_core::payments::{AllowedOrigins, Channel, WebhookHeaders};
use billing_core::ports::AccountRef;
use billing_core::requests::PurchaseItem;
use billing_core::values::Credits;
use billing_core::{Billing, Job};
use billing_stripe::{SIGNATURE_HEADER, StripeConfig, StripeProvider, sign};
use billing_testkit::builders::{
    ALLOWED_ORIGIN, a_checkout, a_pack_draft, a_plan_draft, an_external_id, monthly_price, noon,
};
use billing_testkit::fixtures::stripe::{FixtureEvent, Shape, Story, StoryIds, stripe_story};
use billing_testkit::http_fakes::stripe::StripeFake;
use billing_testkit::{ManualClock, SequentialIds, Stores};

use crate::Act;

const SECRET: &str = "whsec_a_secret_of_the_test";
const PRICE: &str = "price_1ProMonthly";
const OTHER_PRICE: &str = "price_1MaxMonthly";
/// What a trial of the plan brings.
const TRIAL: i64 = 50;

/// One shop, open for many buyers.
pub(crate) struct Scene {
    pub(crate) store: Arc<dyn Stores>,
    billing: Billing,
    clock: Arc<ManualClock>,
    fake: StripeFake,
    plan: PurchaseItem,
    pack: PurchaseItem,
    buyers: AtomicU32,
}

impl Scene {
    pub(crate) async fn open(store: Arc<dyn Stores>) -> Self {
        let clock = Arc::new(ManualClock::at(noon()));
        let fake = StripeFake::start(noon());
        let config = StripeConfig {
            api_base: fake.base_url(),
            retry_base: Duration::from_millis(1),
            ..StripeConfig::new(StripeFake::SECRET_KEY.into(), vec![SECRET.into()])
        };
        // Its ids must not meet those that the store makes for entries and grants.
        let ids = Arc::new(SequentialIds::starting_at(1 << 40));
        let billing = Billing::builder(store.clone().ports(), clock.clone(), ids)
            .provider(Arc::new(StripeProvider::try_new(config).unwrap()))
            .allowed_origins(AllowedOrigins::parse([ALLOWED_ORIGIN]).unwrap())
            .build();
        let mut plan = a_plan_draft("pro");
        plan.prices = monthly_price(Channel::named("stripe"), PRICE);
        plan.trial_credits = Credits::new(TRIAL);
        let plan = PurchaseItem::Plan(billing.publish_plan(None, &plan).await.unwrap().id, Interval::Monthly);
        let mut dearer = a_plan_draft("max");
        dearer.prices = monthly_price(Channel::named("stripe"), OTHER_PRICE);
        billing.publish_plan(None, &dearer).await.unwrap();
        let pack = PurchaseItem::Pack(billing.publish_pack(None, &a_pack_draft("small")).await.unwrap().id);
        Self { store, billing, clock, fake, plan, pack, buyers: AtomicU32::new(0) }
    }

    /// A new buyer opens a checkout; answers what Stripe will tell of it.
    pub(crate) async fn begin(&self, story: Story, shape: Shape) -> Act {
        self.fake.set_now(self.billing.now());
        let account = format!("buyer-{}", self.buyers.fetch_add(1, Ordering::Relaxed));
        let wanted = if story.expected().subscription.is_some() { self.plan } else { self.pack };
        let checkout = a_checkout(&account, Channel::named("stripe"), wanted, None);
        let started = self.billing.start_checkout(&checkout).await.unwrap();
        let owner = self.owner(&account).await;
        let customer =
            self.store.provider_customer(Channel::named("stripe"), owner).await.unwrap().unwrap().customer;
        let ids = StoryIds {
            order_id: started.order.id.to_string(),
            customer,
            session: started.session.id.clone(),
            subscription: format!("sub_{account}"),
            price: PRICE.to_owned(),
            other_price: OTHER_PRICE.to_owned(),
            amount: started.order.price.minor,
            currency: "usd".to_owned(),
        };
        let paid_at = self.billing.now().plus_seconds(120);
        let events = stripe_story(story, shape, &ids, paid_at);
        let last = events.iter().map(|event| event.created_at).max().unwrap().max(paid_at);
        self.clock.advance(last.seconds_since(self.billing.now()) + 120);
        Act { story, account, order: started.order.id, events }
    }

    /// Delivers all of `events` at the same moment, and lets as many workers apply what came in.
    pub(crate) async fn deliver_at_once(&self, events: &[FixtureEvent]) {
        let deliveries = events.iter().map(|event| {
            let (billing, event) = (self.billing.clone(), event.clone());
            tokio::spawn(async move {
                let signature = sign(SECRET, billing.now(), &event.body);
                billing
                    .receive_webhook(Channel::named("stripe"), &headers(&signature), &event.body)
                    .await
                    .unwrap();
                billing.run_due(Job::Inbox).await.unwrap();
            })
        });
        for delivery in deliveries.collect::<Vec<_>>() {
            delivery.await.unwrap();
        }
    }

    /// Lets what had to wait for something else be tried again.
    pub(crate) async fn settle(&self) {
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

    /// Checks that the act ended as its story says, and that the ledger holds.
    pub(crate) async fn check(&self, act: &Act) {
        let expected = act.story.expected();
        let each = if expected.subscription.is_some() { 2000 } else { 1000 };
        let name = external(&act.account);
        let balance = self.billing.balance(&name).await.unwrap();
        let order = self.billing.order(&name, act.order).await.unwrap();
        assert_eq!(
            balance.available.get(),
            expected.credits(each, TRIAL, order.price.minor),
            "{:?}",
            act.story
        );
        assert_eq!(order.status, expected.order.unwrap_or(OrderStatus::Pending), "{:?}", act.story);
        let summary = self.billing.summary(&name).await.unwrap();
        assert_eq!(summary.subscription.map(|shown| shown.subscription.status), expected.subscription);
        let history = self.store.history(self.owner(&act.account).await).await.unwrap().unwrap();
        let bought = |key: &str| !key.starts_with("restored:") && !key.starts_with("trial:");
        let bought = history.kept.grants.iter().filter(|grant| bought(grant.business_key.as_str()));
        assert_eq!(bought.count(), usize::try_from(expected.grants).unwrap());
        assert_eq!(audit::check(&history), []);
    }

    /// One flipped byte, an old or a future timestamp, another secret, no signature: all are refused.
    pub(crate) async fn refuses_forgeries_of(&self, event: &FixtureEvent) {
        let now = self.billing.now();
        for place in (0..event.body.len()).step_by(event.body.len() / 16) {
            let mut body = event.body.clone();
            body[place] ^= 1;
            self.refuses(Some(&sign(SECRET, now, &event.body)), &body).await;
        }
        for seconds in [-301, 301] {
            self.refuses(Some(&sign(SECRET, now.plus_seconds(seconds), &event.body)), &event.body).await;
        }
        self.refuses(Some(&sign("whsec_another", now, &event.body)), &event.body).await;
        self.refuses(None, &event.body).await;
    }

    async fn refuses(&self, signature: Option<&str>, body: &[u8]) {
        let headers = signature.map(headers).unwrap_or_default();
        let refused =
            self.billing.receive_webhook(Channel::named("stripe"), &headers, body).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_signature");
    }

    async fn owner(&self, account: &str) -> billing_core::values::AccountId {
        self.store.account(AccountRef::External(&external(account))).await.unwrap().unwrap().id
    }
}

fn headers(signature: &str) -> WebhookHeaders {
    WebhookHeaders::new([(SIGNATURE_HEADER.to_owned(), signature.as_bytes().to_vec())])
}

fn external(account: &str) -> ExternalId {
    an_external_id(account)
}
