//! Subscriptions through the calendar: whole lives that start on difficult days.

use billing_core::catalog::Interval;
use billing_core::orders::Order;
use billing_core::payments::{
    Channel, Fact, PaidLine, PaidPeriod, PaymentRefs, PeriodReason, SubscriptionFact, SubscriptionItem,
};
use billing_core::ports::{AccountRef, BillingReads, LedgerReads};
use billing_core::requests::PurchaseItem;
use billing_core::subscriptions::SubscriptionStatus::{self, Active, Canceled, PastDue, Trialing};
use billing_core::values::{Money, Period, Timestamp, Zone};
use billing_testkit::builders::{a_checkout, an_external_id, at};

use super::shop::{Shop, customer_of};

/// Starts that calendars make difficult: ends of months, a leap day, the turn of the year, clock changes.
const STARTS: [&str; 8] = [
    "2027-01-31T10:00:00Z",
    "2028-01-31T00:00:00Z",
    "2028-02-29T12:00:00Z",
    "2027-12-31T23:59:59Z",
    "2027-11-30T00:00:01Z",
    "2027-03-28T01:00:00Z",
    "2027-10-31T01:00:00Z",
    "2027-11-07T06:00:00Z",
];
/// The number of days after which nothing of an earlier period is left.
const GRACE_DAYS: i64 = 4;

/// A customer who has just ordered the plan, and the facts that Stripe will report.
struct Life {
    shop: Shop,
    order: Order,
    interval: Interval,
    start: Timestamp,
    told: u32,
}

impl Life {
    async fn begins(start: &str, interval: Interval) -> Self {
        Self::tries(start, interval, 0).await
    }

    /// The same after a trial of `days`, which ends at `start`.
    async fn tries(start: &str, interval: Interval, days: i64) -> Self {
        let shop = Shop::open().await;
        shop.clock.set(at(start).plus_days(-days));
        let wanted =
            a_checkout("ada", Channel::named("stripe"), PurchaseItem::Plan(shop.plan.id, interval), None);
        let order = shop.billing.start_checkout(&wanted).await.unwrap().order;
        Self { shop, order, interval, start: at(start), told: 0 }
    }

    /// The period number `count`, from 0.
    fn period(&self, count: i32) -> Period {
        let months = i32::try_from(self.interval.months()).unwrap();
        let at = |count: i32| Zone::UTC.plus_months(self.start, months * count);
        Period { start: at(count), end: at(count + 1) }
    }

    /// Stripe reports the subscription's state at `moment`.
    async fn is(&mut self, moment: Timestamp, status: SubscriptionStatus, period: Period, ends: bool) {
        self.shop.clock.set(moment);
        let price = if self.interval == Interval::Monthly { "price_month" } else { "price_year" };
        let fact = Fact::Subscription(SubscriptionFact {
            id: "sub_1".to_owned(),
            customer: customer_of(&self.order),
            status,
            items: vec![SubscriptionItem::one(price)],
            period: Some(period),
            cancel_at_period_end: ends,
            cancel_at: ends.then_some(period.end),
            canceled_at: ends.then_some(moment),
            ended_at: (status == Canceled).then_some(moment),
            cancel_reason: None,
            trial_end: (status == Trialing).then_some(period.end),
            started_at: self.start,
            provider_updated_at: moment,
            order_hint: Some(self.order.id),
        });
        self.hears(fact).await;
    }

    /// Stripe reports at `moment` that `period` was paid.
    async fn pays(&mut self, moment: Timestamp, period: Period) {
        self.pays_sum(moment, period, self.order.price).await;
    }

    /// The same for another amount.
    async fn pays_sum(&mut self, moment: Timestamp, period: Period, sum: Money) {
        self.shop.clock.set(moment);
        let invoice = format!("in_{}", period.start.unix_seconds());
        let first = period.start == self.start;
        let price = if self.interval == Interval::Monthly { "price_month" } else { "price_year" };
        let line = PaidLine {
            free: false,
            quantity: 1,
            price: price.to_owned(),
            period,
            proration: false,
            gives_back: false,
        };
        let fact = Fact::PeriodPaid(PaidPeriod {
            payment: invoice.clone(),
            refs: PaymentRefs::of_invoice(&invoice),
            collected_at: None,
            paid: Some(sum),
            subscription: "sub_1".to_owned(),
            customer: customer_of(&self.order),
            reason: if first { PeriodReason::Create } else { PeriodReason::Cycle },
            lines: vec![line],
            order_hint: Some(self.order.id),
            subscription_now: None,
        });
        self.hears(fact).await;
    }

    async fn hears(&mut self, fact: Fact) {
        self.told += 1;
        let report = self.shop.hears(&format!("evt_{}", self.told), fact).await;
        assert_eq!((report.failed, report.orphans), (0, 0), "{}: event {}", self.start, self.told);
    }

    /// The credits available at `moment`.
    async fn credits_at(&self, moment: Timestamp) -> i64 {
        self.shop.clock.set(moment);
        self.shop.balance("ada").await
    }

    async fn status(&self) -> SubscriptionStatus {
        let summary = self.shop.billing.summary(&an_external_id("ada")).await.unwrap();
        summary.subscription.unwrap().subscription.status
    }

    /// The start, amount and end of each of the plan's grants.
    async fn grants(&self) -> Vec<(Timestamp, i64, Option<Timestamp>)> {
        let owner =
            self.shop.store.account(AccountRef::External(&an_external_id("ada"))).await.unwrap().unwrap();
        let history = self.shop.store.history(owner.id).await.unwrap().unwrap();
        let of_plan = |key: &str| key.starts_with("period:stripe:");
        let grants = history.kept.grants.iter().filter(|grant| of_plan(grant.business_key.as_str()));
        let mut grants: Vec<_> =
            grants.map(|grant| (grant.effective_at, grant.amount.get(), grant.expires_at)).collect();
        grants.sort_unstable();
        grants
    }
}

/// Each grant ends where the next one starts, except for the two seconds until the event arrived and the microsecond by
/// which an end may be late.
fn follow_each_other(grants: &[(Timestamp, i64, Option<Timestamp>)]) {
    for pair in grants.windows(2) {
        let between = pair[1].0.micros() - pair[0].2.unwrap().micros();
        assert!((-1..=2_000_000).contains(&between), "{between} microseconds between {pair:?}");
    }
}

#[tokio::test]
async fn a_month_after_month_brings_one_months_credits_at_a_time() {
    for start in STARTS {
        let mut life = Life::begins(start, Interval::Monthly).await;
        for count in 0..14 {
            let period = life.period(count);
            life.is(period.start.plus_seconds(1), Active, period, false).await;
            life.pays(period.start.plus_seconds(2), period).await;
            assert!(life.credits_at(period.start.plus_seconds(3)).await >= 2000, "{start} {count}");
            assert_eq!(life.credits_at(period.start.plus_days(GRACE_DAYS)).await, 2000, "{start} {count}");
            assert_eq!(life.credits_at(period.end.plus_seconds(-1)).await, 2000, "{start} {count}");
        }
        let end = life.period(13).end;
        assert_eq!(life.credits_at(end.plus_days(GRACE_DAYS)).await, 0, "{start}: nobody paid for more");
        let grants = life.grants().await;
        assert_eq!(grants.len(), 14, "{start}");
        follow_each_other(&grants);
        life.shop.is_sound("ada").await;
    }
}

#[tokio::test]
async fn a_year_brings_each_month_once_and_twelve_in_all() {
    for start in STARTS {
        let mut life = Life::begins(start, Interval::Yearly).await;
        for count in 0..2 {
            let year = life.period(count);
            life.is(year.start.plus_seconds(1), Active, year, false).await;
            life.pays(year.start.plus_seconds(2), year).await;
            for month in 0..12 {
                let starts = Zone::UTC.plus_months(year.start, month);
                assert_eq!(
                    life.credits_at(starts.plus_days(GRACE_DAYS)).await,
                    2000,
                    "{start} {count} {month}"
                );
            }
        }
        let grants = life.grants().await;
        assert_eq!(grants.iter().map(|(_, amount, _)| amount).sum::<i64>(), 2 * 12 * 2000, "{start}");
        // Each starts with its calendar month; the first of a year starts when it was paid, two seconds later.
        assert_eq!(grants.len(), 24, "{start}");
        let months = (0..2).flat_map(|count| (0..12).map(move |month| (count, month)));
        for ((count, month), (begins, ..)) in months.zip(&grants) {
            let due = Zone::UTC.plus_months(life.period(count).start, month);
            let late = if month == 0 { 2 } else { 0 };
            assert_eq!(*begins, due.plus_seconds(late), "{start} {count} {month}");
        }
        follow_each_other(&grants);
        assert_eq!(life.credits_at(life.period(1).end.plus_days(GRACE_DAYS)).await, 0, "{start}");
        life.shop.is_sound("ada").await;
    }
}

#[tokio::test]
async fn a_trial_is_renewed_falls_behind_recovers_and_is_canceled() {
    for start in STARTS {
        let mut life = Life::tries(start, Interval::Monthly, 7).await;
        let trial = Period { start: life.start.plus_days(-7), end: life.start };
        life.is(trial.start, Trialing, trial, false).await;
        assert_eq!((life.status().await, life.grants().await.len()), (Trialing, 0), "{start}");
        let first = life.period(0);
        life.is(first.start, Active, first, false).await;
        life.pays(first.start.plus_seconds(5), first).await;
        assert_eq!(life.credits_at(first.start.plus_days(GRACE_DAYS)).await, 2000, "{start}");
        let second = life.period(1);
        life.is(second.start, Active, second, false).await;
        life.pays(second.start.plus_seconds(5), second).await;
        assert_eq!(life.credits_at(second.start.plus_days(GRACE_DAYS)).await, 2000, "{start}");
        // The third is paid two days late: until then only the remainder is available, and its own credits from then
        // on.
        let third = life.period(2);
        life.is(third.start.plus_seconds(10), PastDue, third, false).await;
        assert_eq!(life.status().await, PastDue, "{start}");
        assert_eq!((life.credits_at(third.start.plus_days(1)).await, life.grants().await.len()), (2000, 2));
        life.pays(third.start.plus_days(2), third).await;
        life.is(third.start.plus_days(2).plus_seconds(1), Active, third, false).await;
        assert_eq!((life.status().await, life.grants().await.len()), (Active, 3), "{start}");
        assert_eq!(life.credits_at(third.start.plus_days(GRACE_DAYS + 2)).await, 2000, "{start}");
        // A cancellation is scheduled, and takes effect.
        life.is(third.end.plus_days(-5), Active, third, true).await;
        assert_eq!(
            life.credits_at(third.end.plus_seconds(-1)).await,
            2000,
            "{start}: until its end it is there"
        );
        life.is(third.end, Canceled, third, true).await;
        assert_eq!(life.status().await, Canceled, "{start}");
        assert_eq!(life.credits_at(third.end.plus_days(GRACE_DAYS)).await, 0, "{start}");
        assert_eq!(life.grants().await.len(), 3, "{start}");
        life.shop.is_sound("ada").await;
    }
}

#[tokio::test]
async fn a_month_that_a_coupon_paid_whole_ends_like_any_other() {
    for start in STARTS {
        let mut life = Life::begins(start, Interval::Monthly).await;
        for count in 0..3 {
            let period = life.period(count);
            let sum = if count == 1 { life.order.price } else { Money { minor: 0, ..life.order.price } };
            life.is(period.start.plus_seconds(1), Active, period, false).await;
            life.pays_sum(period.start.plus_seconds(2), period, sum).await;
            assert_eq!(life.credits_at(period.start.plus_seconds(3)).await, 2000, "{start} {count}");
        }
        follow_each_other(&life.grants().await);
        life.shop.is_sound("ada").await;
    }
}
