//! A service that applies the facts of a life, and what can be seen of it then.

use billing_core::catalog::{ChangePolicy, Interval, Plan};
use billing_core::ledger::Source;
use billing_core::orders::{Order, OrderStatus};
use billing_core::payments::{Channel, CheckoutOutcome, Fact, Payment};
use billing_core::ports::{AccountRef, BillingReads, Inbox, LedgerReports, PaymentQuery};
use billing_core::requests::PlanDraft;
use billing_core::subscriptions::Subscription;
use billing_core::values::Credits;
use billing_core::webhooks::InboxState;
use billing_testkit::builders::{a_plan_draft, an_external_id, noon, page, stripe_prices};

use super::super::shop::{Shop, told};
use super::super::subscriptions::orders_plan;
use super::life::Life;

/// The observable billing of an account, without our own ids and versions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    pub(super) subscription: Option<Subscription>,
    pub(super) payments: Vec<Payment>,
    pub(super) order: OrderStatus,
    /// On the observed day, and a week, three weeks and two months later.
    pub(super) balances: Vec<i64>,
    pub(super) holds_slot: bool,
}

pub(super) struct World {
    pub(super) shop: Shop,
    pub(super) max: Plan,
    pub(super) order: Order,
    pub(super) told: Vec<Fact>,
}

impl World {
    pub(super) async fn hears(&mut self, fact: &Fact) {
        self.told.push(fact.clone());
        self.shop.hears(&format!("evt_{}", self.told.len()), fact.clone()).await;
    }

    /// Whether an event of `payment` is left to an operator.
    pub(super) async fn is_left_to_an_operator(&self, payment: &Payment) -> bool {
        for (number, fact) in (1..).zip(&self.told) {
            if !matches!(fact, Fact::PeriodPaid(paid) if paid.refs.invoice == payment.refs.invoice) {
                continue;
            }
            let id = format!("evt_{number}");
            let event = self.shop.store.event(Channel::named("stripe"), &id).await.unwrap().unwrap();
            if event.state == InboxState::NeedsOperator {
                return event.note.is_some();
            }
        }
        false
    }

    /// Starts the life, and delivers the `facts` that `pick` returns on its last day.
    pub(super) async fn lives(life: &Life, pick: impl Fn(Vec<Fact>) -> Vec<Fact>) -> Self {
        let shop = Shop::open().await;
        let draft = PlanDraft {
            price_monthly: 3 * shop.plan.price_monthly,
            credits_included: Credits::new(6000),
            prices: stripe_prices("price_max_month", "price_max_year"),
            change_policy: ChangePolicy::Prorate,
            rollover: life.rollover(),
            ..a_plan_draft("max")
        };
        let max = shop.billing.publish_plan(None, &draft).await.unwrap();
        let draft = PlanDraft {
            price_yearly: Some(20_000),
            prices: stripe_prices("price_month", "price_year"),
            rollover: life.rollover(),
            trial_days: 30,
            trial_credits: Credits::new(100),
            ..a_plan_draft("pro")
        };
        let mut shop = shop;
        shop.plan = shop.billing.publish_plan(Some(shop.plan.id), &draft).await.unwrap();
        let started = orders_plan(&shop, Interval::Monthly).await;
        shop.clock.set(life.now());
        let order = started.order.clone();
        let facts = pick(life.facts(&order, told(&started, CheckoutOutcome::Paid)));
        let mut world = Self { shop, max, order, told: Vec::new() };
        for fact in &facts {
            world.hears(fact).await;
        }
        // Events that waited for another are retried.
        for _ in 0..6 {
            world.shop.clock.advance(600);
            world.shop.works().await;
        }
        world
    }

    pub(super) async fn payments(&self) -> Vec<Payment> {
        let mut all = self
            .shop
            .store
            .payments(PaymentQuery::Subscription {
                channel: Channel::named("stripe"),
                id: "sub_1",
                since: None,
            })
            .await
            .unwrap();
        all.sort_by(|one, other| one.refs.invoice.cmp(&other.refs.invoice));
        all
    }

    /// The total granted for payments.
    pub(super) async fn granted(&self) -> i64 {
        let account = self.store_account().await;
        let grants = self.shop.store.grants(account, &page(100, 0)).await.unwrap();
        // Rollovers and revived credits were granted before.
        let of_plans = grants.items.iter().filter(|grant| grant.source == Source::Plan);
        let of_plans = of_plans.filter(|grant| !grant.business_key.as_str().starts_with("rollover:"));
        let of_plans = of_plans.filter(|grant| !grant.business_key.as_str().starts_with("revived:"));
        of_plans.map(|grant| grant.amount.get()).sum()
    }

    pub(super) async fn store_account(&self) -> billing_core::values::AccountId {
        self.shop.store.account(AccountRef::External(&an_external_id("ada"))).await.unwrap().unwrap().id
    }

    pub(super) async fn seen(&self) -> Seen {
        let account =
            self.shop.store.account(AccountRef::External(&an_external_id("ada"))).await.unwrap().unwrap();
        let mut payments = self.payments().await;
        for payment in &mut payments {
            payment.id = billing_core::values::PaymentId::from_uuid(uuid::Uuid::nil());
            (payment.version, payment.paid_at) = (0, noon());
            // The balances show whether credits were granted and ended, or were never granted.
            payment.grant_keys.clear();
        }
        let summary = self.shop.billing.summary(&an_external_id("ada")).await.unwrap();
        let subscription = summary.subscription.map(|shown| Subscription {
            id: billing_core::values::SubscriptionId::from_uuid(uuid::Uuid::nil()),
            version: 0,
            ..shown.subscription
        });
        let order = self.shop.order("ada", &self.order).await.status;
        let mut balances = Vec::new();
        for days in [0, 7, 14, 40] {
            self.shop.clock.advance(days * 86_400);
            balances.push(self.shop.balance("ada").await);
        }
        Seen { subscription, payments, order, balances, holds_slot: account.active_subscription.is_some() }
    }
}
