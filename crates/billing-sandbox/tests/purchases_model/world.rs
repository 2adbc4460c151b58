//! A shop that sells through the sandbox, and its buyer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use billing_core::catalog::{ChangePolicy, Interval, RolloverMode, RolloverPolicy};
use billing_core::payments::{AllowedOrigins, Channel, DisputeState, Payment, WebhookHeaders};
use billing_core::requests::{PackDraft, PlanDraft, PurchaseItem};
use billing_core::values::{AccountId, Credits, OrderId, Period, PlanId, Timestamp};
use billing_core::{Billing, Job};
use billing_sandbox::{Sandbox, SandboxConfig, SandboxEvent, SandboxPurchase, SandboxSession};
use billing_testkit::builders::{
    ALLOWED_ORIGIN, a_coupon_draft, a_pack_draft, a_plan_draft, an_adjustment, an_external_id, noon, page,
};
use billing_testkit::{ManualClock, SequentialIds, Stores};

use crate::plans::Sold;

/// The buyer.
pub(crate) const BUYER: &str = "ada";
/// The credits of a pack, including its bonus.
pub(crate) const PACK: i64 = 1050;

pub(crate) struct World {
    pub(crate) store: Arc<dyn Stores>,
    pub(crate) billing: Billing,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) sandbox: Sandbox,
    /// A pack, and plans: monthly, yearly, with a trial, with rollover, and with policies for changes.
    pub(crate) items: Vec<PurchaseItem>,
    /// The targets of plan changes.
    pub(crate) changeable: Vec<PlanId>,
    /// The plans as they are sold.
    pub(crate) sold: Vec<Sold>,
    /// By subscription, in order: the charges, the price that each one paid, and the end of what it paid for.
    pub(crate) paid_for: BTreeMap<String, Vec<(String, String, Timestamp)>>,
    /// The checkouts that can still be paid.
    pub(crate) open: Vec<SandboxSession>,
    pub(crate) bought: Vec<(SandboxSession, SandboxPurchase)>,
    /// The events that were not delivered yet.
    pub(crate) waiting: Vec<SandboxEvent>,
    pub(crate) told: Vec<SandboxEvent>,
    /// By the provider's ids.
    pub(crate) charges: BTreeMap<String, Charge>,
    /// The orders of gifts: they grant nothing to the buyer.
    pub(crate) gifts: BTreeSet<OrderId>,
    /// The number of credits spent.
    pub(crate) spent: i64,
    /// The number of steps so far.
    pub(crate) count: u32,
}

/// A payment, as the buyer sees it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Charge {
    pub(crate) paid: i64,
    /// The credits that it may grant at most.
    pub(crate) promised: i64,
    /// The refunded amounts, by refund.
    pub(crate) refunds: BTreeMap<String, i64>,
    pub(crate) disputes: BTreeMap<String, (i64, Option<DisputeState>)>,
}

impl World {
    pub(crate) async fn open(store: Arc<dyn Stores>) -> Self {
        let clock = Arc::new(ManualClock::at(noon()));
        let config = SandboxConfig {
            secret: "a secret of the tests that is long enough".into(),
            public_url: "http://shop.test".to_owned(),
            webhook_url: "http://127.0.0.1:1/payment/webhook/sandbox".to_owned(),
        };
        let sandbox = || Sandbox::try_new(config.clone(), clock.clone()).unwrap();
        // Its ids must not collide with those that the store generates for entries and grants.
        let ids = Arc::new(SequentialIds::starting_at(1 << 40));
        let billing = Billing::builder(store.clone().ports(), clock.clone(), ids)
            .provider(Arc::new(sandbox()))
            .allowed_origins(AllowedOrigins::parse([ALLOWED_ORIGIN]).unwrap())
            .build();
        let pack = PackDraft {
            bonus_credits: Credits::new(50),
            expires_after_days: Some(90),
            ..a_pack_draft("small")
        };
        let mut items = vec![PurchaseItem::Pack(billing.publish_pack(None, &pack).await.unwrap().id)];
        let plan = |slug| PlanDraft { price_yearly: Some(20_000), ..a_plan_draft(slug) };
        let tried = PlanDraft { trial_days: 14, trial_credits: Credits::new(50), ..plan("tried") };
        let cap = Some(Credits::new(300));
        let rolls =
            PlanDraft { rollover: RolloverPolicy { mode: RolloverMode::RollOver, cap }, ..plan("rolls") };
        let dearer = |slug, price_monthly, credits, change_policy| PlanDraft {
            price_monthly,
            credits_included: Credits::new(credits),
            change_policy,
            ..a_plan_draft(slug)
        };
        let (mut changeable, mut sold) = (Vec::new(), Vec::new());
        for (draft, interval) in [
            (plan("pro"), Interval::Monthly),
            (plan("max"), Interval::Yearly),
            (tried, Interval::Monthly),
            (rolls, Interval::Monthly),
            (dearer("waits", 5000, 7000, ChangePolicy::None), Interval::Monthly),
            (dearer("steps", 3000, 5000, ChangePolicy::Prorate), Interval::Monthly),
            (dearer("leaps", 4000, 6100, ChangePolicy::ResetBillingAnchor), Interval::Monthly),
            (dearer("climbs", 7000, 11_003, ChangePolicy::Prorate), Interval::Monthly),
        ] {
            let plan = billing.publish_plan(None, &draft).await.unwrap();
            items.push(PurchaseItem::Plan(plan.id, interval));
            if !matches!(&*plan.slug, "max" | "tried" | "rolls") {
                changeable.push(plan.id);
            }
            let sells = |interval: Interval| {
                Some(Sold {
                    plan: plan.id,
                    price: format!("{}:{interval}", plan.id),
                    minor: plan.price(interval)?.minor,
                    credits: plan.credits_included.get() * i64::from(interval.months()),
                    policy: plan.change_policy,
                })
            };
            sold.extend([Interval::Monthly, Interval::Yearly].into_iter().filter_map(sells));
        }
        billing.publish_coupon(None, &a_coupon_draft("summer")).await.unwrap();
        billing.adjust(an_adjustment(BUYER, 1, "welcome")).await.unwrap();
        Self {
            sandbox: sandbox(),
            store,
            billing,
            clock,
            items,
            changeable,
            sold,
            paid_for: BTreeMap::new(),
            open: Vec::new(),
            bought: Vec::new(),
            waiting: Vec::new(),
            told: Vec::new(),
            charges: BTreeMap::new(),
            gifts: BTreeSet::new(),
            spent: 0,
            count: 0,
        }
    }

    pub(crate) async fn account(&self) -> AccountId {
        self.billing.account(&an_external_id(BUYER)).await.unwrap().id
    }

    /// The plan that is sold at this price.
    pub(crate) fn sold(&self, price: &str) -> &Sold {
        self.sold.iter().find(|sold| sold.price == price).unwrap()
    }

    pub(crate) async fn payments(&self) -> Vec<Payment> {
        let account = Some(self.account().await);
        self.store.all_payments(account, &page(1000, 0)).await.unwrap().items
    }

    /// Queues events that happened at the provider; a later step delivers them.
    pub(crate) fn happened(&mut self, session: &SandboxSession, events: Vec<SandboxEvent>) {
        for event in events {
            let text = |field: &str| event.data[field].as_str().unwrap_or_default().to_owned();
            let minor = |value: &serde_json::Value| value["minor"].as_i64().unwrap_or_default();
            let charge = text("charge");
            match event.kind.as_str() {
                "checkout.paid" if session.plan_price.is_none() => {
                    let promised = if self.gifts.contains(&session.order) { 0 } else { PACK };
                    let known = self.charges.entry(charge).or_default();
                    (known.paid, known.promised) = (minor(&event.data["total"]), promised);
                }
                "subscription.paid" => {
                    let promised = self.sold(&text("price")).credits;
                    let paid_for = self.paid_for.entry(text("subscription")).or_default();
                    let period: Period = serde_json::from_value(event.data["period"].clone()).unwrap();
                    paid_for.push((charge.clone(), text("price"), period.end));
                    let known = self.charges.entry(charge).or_default();
                    (known.paid, known.promised) = (minor(&event.data["total"]), promised);
                }
                "charge.refunded" => {
                    let known = self.charges.get_mut(&charge).unwrap();
                    known.refunds.insert(text("id"), minor(&event.data["amount"]));
                }
                "charge.disputed" => {
                    let state = event.data["state"].as_str().unwrap().parse().unwrap();
                    let known = self.charges.get_mut(&charge).unwrap();
                    known.disputes.insert(text("id"), (minor(&event.data["amount"]), Some(state)));
                }
                _ => {}
            }
            self.waiting.push(event);
        }
    }

    /// Delivers one event, and applies all due events.
    pub(crate) async fn tells(&self, event: &SandboxEvent) {
        let signed = self.sandbox.sign(event, self.billing.now());
        let headers = signed.map(|(name, value)| (name.to_owned(), value.into_bytes()));
        let headers = WebhookHeaders::new(headers);
        self.billing.receive_webhook(Channel::named("sandbox"), &headers, &event.body()).await.unwrap();
        let report = self.billing.run_due(Job::Inbox).await.unwrap();
        let kept = self.store.event(Channel::named("sandbox"), &event.id).await.unwrap().unwrap();
        assert_eq!(report.failed, 0, "{} {report:?}: {:?}", event.id, kept.note);
    }

    pub(crate) async fn tells_all(&mut self) {
        for event in std::mem::take(&mut self.waiting) {
            self.tells(&event).await;
            self.told.push(event);
        }
    }

    /// Applies all due events. None may fail: what cannot be applied yet waits.
    pub(crate) async fn works(&self) {
        let report = self.billing.run_due(Job::Inbox).await.unwrap();
        assert_eq!((report.failed, report.unrecorded), (0, 0), "{report:?}");
    }
}
