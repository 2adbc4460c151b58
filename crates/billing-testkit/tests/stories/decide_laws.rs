//! Properties of decisions that hold for any facts about a subscription, in any order and repeated any number of times.

use billing_core::catalog::{ChangePolicy, Interval, Plan, RolloverMode, RolloverPolicy};
use billing_core::ledger::Source;
use billing_core::orders::{Order, OrderStatus};
use billing_core::payments::{
    Card, Channel, CheckoutOutcome, Fact, PaidLine, Payment, PaymentMethodFact, PaymentRefs, PaymentReversal,
    PaymentReversalUpdate, PeriodReason, Refund, RefundState, SubscriptionFact, SubscriptionItem,
};
use billing_core::ports::{AccountRef, BillingReads, Inbox, LedgerReports, PaymentQuery};
use billing_core::requests::PlanDraft;
use billing_core::subscriptions::{Subscription, SubscriptionStatus};
use billing_core::values::{Credits, Money, Period, Timestamp};
use billing_core::webhooks::InboxState;
use billing_testkit::builders::{a_plan_draft, an_external_id, noon, page, stripe_prices};
use proptest::prelude::*;

use super::shop::{Shop, customer_of, told};
use super::subscriptions::{orders_plan, paid, period, subscribed};

/// The outcome of a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Renewal {
    /// It is paid when the period starts.
    Paid,
    /// It fails, and is paid three days later.
    Late,
    /// It fails until the provider marks the subscription as unpaid, and then ends it.
    GivenUp,
    /// The same, and the buyer pays a day after the end.
    PaidAfterEnd,
    /// The subscription ended with the previous period.
    Ended,
}

/// How a change to the more expensive plan is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upgrade {
    /// At once, for the rest of the period.
    AtOnce,
    /// With the renewal's invoice, for the rest of the period.
    WithRenewal,
    /// Only from the renewal on.
    FromRenewal,
}

/// The life of one subscription, as its provider reports it.
#[derive(Debug, Clone)]
struct Life {
    quantity: u32,
    /// The outcome of each renewal. The life ends with the first unpaid one.
    renewals: Vec<Renewal>,
    /// The refund: the period, the day in it, and the part of its payment in hundredths.
    refund: Option<(usize, i64, i64)>,
    /// The day of the first period on which the plan was upgraded, and how.
    upgraded: Option<(i64, Upgrade)>,
    /// Whether the payment for an immediate upgrade was refunded a day later.
    upgrade_refunded: bool,
    /// What happens to a period's remaining credits.
    rollover: RolloverMode,
    /// Whether the first period is a trial.
    tried: bool,
    /// How many of its days have passed.
    days: i64,
}

fn lives() -> impl Strategy<Value = Life> {
    use Renewal::{Ended, GivenUp, Late, Paid, PaidAfterEnd};
    let renewal = prop_oneof![
        4 => Just(Paid), 2 => Just(Late), 1 => Just(GivenUp), 1 => Just(PaidAfterEnd), 1 => Just(Ended)
    ];
    let refund = prop::option::of((0_usize..3, 1_i64..20, prop_oneof![Just(100_i64), 1_i64..100]));
    let how = prop::sample::select(vec![Upgrade::AtOnce, Upgrade::WithRenewal, Upgrade::FromRenewal]);
    let upgraded = prop::option::of((1_i64..25, how));
    let rollover =
        prop::sample::select(vec![RolloverMode::Expire, RolloverMode::Keep, RolloverMode::RollOver]);
    let upgraded = (upgraded, any::<bool>());
    (1_u32..4, prop::collection::vec(renewal, 0..4), refund, upgraded, rollover, any::<bool>(), 0_i64..130)
        .prop_map(|(quantity, renewals, refund, (upgraded, upgrade_refunded), rollover, tried, days)| Life {
            quantity,
            renewals,
            refund,
            upgraded: upgraded.filter(|_| !tried),
            upgrade_refunded,
            rollover,
            tried,
            days,
        })
}

impl Life {
    /// The plan's price at `at`.
    fn plan_at(&self, at: Timestamp) -> &'static str {
        match self.upgraded {
            Some((day, _)) if at >= noon().plus_days(day) => "price_max_month",
            _ => "price_month",
        }
    }

    fn state(
        &self,
        order: &Order,
        status: SubscriptionStatus,
        count: i32,
        at: Timestamp,
    ) -> (Timestamp, Fact) {
        let Fact::Subscription(fact) = subscribed(order, status, at) else { unreachable!() };
        let item = SubscriptionItem { price: self.plan_at(at).to_owned(), quantity: self.quantity };
        let ended = status.is_final();
        let trial_end = self.tried.then(|| period(Interval::Monthly, 0).end);
        let period = Some(period(Interval::Monthly, count));
        let ended_at = ended.then_some(at);
        let fact = SubscriptionFact { items: vec![item], period, ended_at, trial_end, ..fact };
        (at, Fact::Subscription(fact))
    }

    fn payment(&self, order: &Order, count: i32, at: Timestamp) -> (Timestamp, Fact) {
        let mut fact = paid(order, &format!("in_{count}"), Interval::Monthly, count);
        // The first period was paid before any change.
        let price = if count == 0 { "price_month" } else { self.plan_at(at) };
        price.clone_into(&mut fact.lines[0].price);
        fact.lines[0].quantity = self.quantity;
        fact.paid = Some(Money::new(1000, order.price.currency));
        fact.collected_at = Some(at);
        if let (1, Some((day, Upgrade::WithRenewal))) = (count, self.upgraded) {
            fact.lines.extend(self.prorations(noon().plus_days(day)));
        }
        (at, Fact::PeriodPaid(fact))
    }

    /// The more expensive plan's price for the rest of the first period, less the cheaper one's.
    fn prorations(&self, at: Timestamp) -> [PaidLine; 2] {
        let rest = Period { start: at, end: period(Interval::Monthly, 0).end };
        let line = |price: &str, gives_back| PaidLine {
            price: price.to_owned(),
            quantity: self.quantity,
            period: rest,
            free: false,
            proration: true,
            gives_back,
        };
        [line("price_month", true), line("price_max_month", false)]
    }

    fn proration(&self, order: &Order, at: Timestamp) -> (Timestamp, Fact) {
        let mut fact = paid(order, "in_change", Interval::Monthly, 0);
        fact.lines = self.prorations(at).to_vec();
        fact.reason = PeriodReason::Change;
        fact.paid = Some(Money::new(500, order.price.currency));
        fact.collected_at = Some(at);
        (at, Fact::PeriodPaid(fact))
    }

    /// All facts stated by the observed day, in the order in which they happened.
    fn facts(&self, order: &Order, checkout: Fact) -> Vec<Fact> {
        use SubscriptionStatus::{Active, Canceled, PastDue, Unpaid};
        let start = |count| period(Interval::Monthly, count).start;
        let mut all = vec![(noon(), checkout)];
        if self.tried {
            all.push(self.state(order, SubscriptionStatus::Trialing, 0, noon()));
        } else {
            all.extend([self.state(order, Active, 0, noon()), self.payment(order, 0, noon())]);
        }
        if let Some((day, how)) = self.upgraded {
            let at = noon().plus_days(day);
            all.push(self.state(order, Active, 0, at));
            if how == Upgrade::AtOnce {
                all.push(self.proration(order, at));
                if self.upgrade_refunded {
                    let back = refunded(order, "in_change", 500, "re_change");
                    all.extend(back.map(|fact| (at.plus_days(1), fact)));
                }
            }
        }
        for (renewal, count) in self.renewals.iter().zip(1..) {
            let at = start(count);
            match renewal {
                Renewal::Paid => {
                    all.extend([self.state(order, Active, count, at), self.payment(order, count, at)]);
                }
                Renewal::Late => {
                    let paid = at.plus_days(3);
                    all.push(self.state(order, PastDue, count, at.plus_seconds(60)));
                    all.push(self.payment(order, count, paid));
                    all.push(self.state(order, Active, count, paid.plus_seconds(1)));
                }
                Renewal::GivenUp | Renewal::PaidAfterEnd => {
                    all.push(self.state(order, PastDue, count, at.plus_seconds(60)));
                    all.push(self.state(order, Unpaid, count, at.plus_days(10)));
                    all.push(self.state(order, Canceled, count, at.plus_days(12)));
                    if *renewal == Renewal::PaidAfterEnd {
                        all.push(self.payment(order, count, at.plus_days(13)));
                    }
                }
                Renewal::Ended => all.push(self.state(order, Canceled, count - 1, at)),
            }
            if !matches!(renewal, Renewal::Paid | Renewal::Late) {
                break;
            }
        }
        if let Some((count, day, part)) = self.refund {
            let at = start(i32::try_from(count).unwrap()).plus_days(day);
            let back = refunded(order, &format!("in_{count}"), part * 10, "re_1");
            all.extend(back.map(|fact| (at, fact)));
        }
        all.push((noon(), card(order)));
        let now = self.now();
        all.retain(|(at, _)| *at <= now);
        all.sort_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, fact)| fact).collect()
    }

    fn rollover(&self) -> RolloverPolicy {
        let cap = (self.rollover == RolloverMode::RollOver).then(|| Credits::new(500));
        RolloverPolicy { mode: self.rollover, cap }
    }

    fn now(&self) -> Timestamp {
        noon().plus_days(self.days).plus_seconds(3600)
    }
}

/// A refund is reported one by one and cumulatively.
fn refunded(order: &Order, invoice: &str, minor: i64, id: &str) -> [Fact; 2] {
    let payment = PaymentRefs::of_invoice(invoice);
    let amount = Money::new(minor, order.price.currency);
    let refund = Refund::new(id.to_owned(), amount, RefundState::Succeeded);
    [PaymentReversalUpdate::RefundedInAll(amount), PaymentReversalUpdate::Refund(refund)]
        .map(|update| Fact::Reversal(PaymentReversal { payment: payment.clone(), update }))
}

fn card(order: &Order) -> Fact {
    Fact::PaymentMethod(PaymentMethodFact {
        id: "pm_1".to_owned(),
        customer: customer_of(order),
        card: Card { brand: "visa".to_owned(), last4: "4242".to_owned(), exp_month: 1, exp_year: 2030 },
        removed: false,
        provider_updated_at: noon(),
    })
}

/// The observable billing of an account, without our own ids and versions.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    subscription: Option<Subscription>,
    payments: Vec<Payment>,
    order: OrderStatus,
    /// On the observed day, and a week, three weeks and two months later.
    balances: Vec<i64>,
    holds_slot: bool,
}

struct World {
    shop: Shop,
    max: Plan,
    order: Order,
    told: Vec<Fact>,
}

impl World {
    async fn hears(&mut self, fact: &Fact) {
        self.told.push(fact.clone());
        self.shop.hears(&format!("evt_{}", self.told.len()), fact.clone()).await;
    }

    /// Whether an event of `payment` is left to an operator.
    async fn is_left_to_an_operator(&self, payment: &Payment) -> bool {
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
    async fn lives(life: &Life, pick: impl Fn(Vec<Fact>) -> Vec<Fact>) -> Self {
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

    async fn payments(&self) -> Vec<Payment> {
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
    async fn granted(&self) -> i64 {
        let account = self.store_account().await;
        let grants = self.shop.store.grants(account, &page(100, 0)).await.unwrap();
        // Rollovers and revived credits were granted before.
        let of_plans = grants.items.iter().filter(|grant| grant.source == Source::Plan);
        let of_plans = of_plans.filter(|grant| !grant.business_key.as_str().starts_with("rollover:"));
        let of_plans = of_plans.filter(|grant| !grant.business_key.as_str().starts_with("revived:"));
        of_plans.map(|grant| grant.amount.get()).sum()
    }

    async fn store_account(&self) -> billing_core::values::AccountId {
        self.shop.store.account(AccountRef::External(&an_external_id("ada"))).await.unwrap().unwrap().id
    }

    async fn seen(&self) -> Seen {
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

/// The `facts` in the order of `keys`.
fn shuffled(facts: Vec<Fact>, keys: &[u32]) -> Vec<Fact> {
    let mut keyed: Vec<_> = keys.iter().copied().chain(std::iter::repeat(0)).zip(facts).collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, fact)| fact).collect()
}

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Delivering each fact twice in a row, and all of them once more at the end, has the same result as delivering
    /// each once.
    #[test]
    fn applying_a_fact_twice_changes_nothing(life in lives()) {
        block(async {
            let once = World::lives(&life, |facts| facts).await;
            let twice = |facts: Vec<Fact>| -> Vec<Fact> {
                let doubled = facts.iter().flat_map(|fact| [fact.clone(), fact.clone()]);
                doubled.chain(facts.clone()).collect()
            };
            let twice = World::lives(&life, twice).await;
            prop_assert_eq!(once.granted().await, twice.granted().await);
            prop_assert_eq!(once.seen().await, twice.seen().await);
            twice.shop.is_sound("ada").await;
            Ok(())
        })?;
    }

    /// The facts have the same result in any order; so an older state never overwrites a newer one. Ended credits do
    /// not come back, so balances are compared only while the last paid period, or the grace period of its renewal, has
    /// not ended. A rollover is what was left when the next period, or the end of the subscription, was reported (ADR
    /// 20), so its amount depends on the order.
    #[test]
    fn any_order_of_the_same_facts_ends_the_same(
        life in lives(), keys in prop::collection::vec(any::<u32>(), 24)
    ) {
        block(async {
            let in_order = World::lives(&life, |facts| facts).await;
            let shuffled = World::lives(&life, |facts| shuffled(facts, &keys)).await;
            let mut seen = [in_order.seen().await, shuffled.seen().await];
            let last = seen[0].payments.iter().filter_map(Payment::whole_period).map(|paid| paid.end).max();
            let rolls_over = life.rollover == RolloverMode::RollOver;
            if rolls_over || last.is_none_or(|end| end.plus_days(2) < life.now()) {
                for one in &mut seen {
                    one.balances.clear();
                }
            }
            prop_assert_eq!(&seen[0], &seen[1]);
            shuffled.shop.is_sound("ada").await;
            Ok(())
        })?;
    }

    /// Payments never grant more than their plan's credits, times the quantity, for each paid period.
    #[test]
    fn payments_bring_no_more_than_the_plan_for_each_paid_period(
        life in lives(), keys in prop::collection::vec(any::<u32>(), 24)
    ) {
        block(async {
            let world = World::lives(&life, |facts| shuffled(facts, &keys)).await;
            let credits = |payment: &Payment| {
                let plan = payment.covers.as_ref().map(|covered| covered.plan);
                if plan == Some(world.max.id) { world.max.credits_included } else { world.shop.plan.credits_included }
            };
            let periods = world.payments().await;
            let of_trial = if life.tried { 100 } else { 0 };
            // The credits that a renewal pays for in the period before.
            let with_renewal = |paid: &Payment| {
                paid.whole_period().is_some() && paid.covers.as_ref().is_some_and(|covers| covers.change.is_some())
            };
            let rest = world.max.credits_included.get() - world.shop.plan.credits_included.get();
            let of_rest = |paid: &Payment| if with_renewal(paid) { rest } else { 0 };
            let most = periods.iter().map(|paid| credits(paid).get() + of_trial + of_rest(paid)).sum::<i64>();
            let most = most.max(of_trial) * i64::from(life.quantity);
            let granted = world.granted().await;
            prop_assert!(granted <= most, "{granted} of {most}");
            Ok(())
        })?;
    }

    /// Every payment grants, is reversed, or is left to an operator.
    #[test]
    fn every_payment_is_explained(life in lives(), keys in prop::collection::vec(any::<u32>(), 24)) {
        block(async {
            let world = World::lives(&life, |facts| shuffled(facts, &keys)).await;
            for payment in world.payments().await {
                let explained = payment.paid.minor == 0
                    || !payment.grant_keys.is_empty()
                    || payment.is_reversed()
                    || world.is_left_to_an_operator(&payment).await;
                prop_assert!(explained, "{payment:?}");
            }
            Ok(())
        })?;
    }
}
