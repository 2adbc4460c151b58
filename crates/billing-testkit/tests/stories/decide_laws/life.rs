//! The life of one subscription, and the facts that its provider reports.

use billing_core::catalog::{Interval, RolloverMode, RolloverPolicy};
use billing_core::orders::Order;
use billing_core::payments::{
    Card, Fact, PaidLine, PaymentMethodFact, PaymentRefs, PaymentReversal, PaymentReversalUpdate,
    PeriodReason, Refund, RefundState, SubscriptionFact, SubscriptionItem,
};
use billing_core::subscriptions::SubscriptionStatus;
use billing_core::values::{Credits, Money, Period, Timestamp};
use billing_testkit::builders::noon;
use proptest::prelude::*;

use super::super::shop::customer_of;
use super::super::subscriptions::{paid, period, subscribed};

/// The outcome of a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Renewal {
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
pub(super) enum Upgrade {
    /// At once, for the rest of the period.
    AtOnce,
    /// With the renewal's invoice, for the rest of the period.
    WithRenewal,
    /// Only from the renewal on.
    FromRenewal,
}

/// The life of one subscription, as its provider reports it.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub(super) quantity: u32,
    /// The outcome of each renewal. The life ends with the first unpaid one.
    pub(super) renewals: Vec<Renewal>,
    /// The refund: the period, the day in it, and the part of its payment in hundredths.
    pub(super) refund: Option<(usize, i64, i64)>,
    /// The day of the first period on which the plan was upgraded, and how.
    pub(super) upgraded: Option<(i64, Upgrade)>,
    /// Whether the payment for an immediate upgrade was refunded a day later.
    pub(super) upgrade_refunded: bool,
    /// What happens to a period's remaining credits.
    pub(super) rollover: RolloverMode,
    /// Whether the first period is a trial.
    pub(super) tried: bool,
    /// How many of its days have passed.
    pub(super) days: i64,
}

pub(super) fn lives() -> impl Strategy<Value = Life> {
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
    pub(super) fn plan_at(&self, at: Timestamp) -> &'static str {
        match self.upgraded {
            Some((day, _)) if at >= noon().plus_days(day) => "price_max_month",
            _ => "price_month",
        }
    }

    pub(super) fn state(
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

    pub(super) fn payment(&self, order: &Order, count: i32, at: Timestamp) -> (Timestamp, Fact) {
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
    pub(super) fn prorations(&self, at: Timestamp) -> [PaidLine; 2] {
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

    pub(super) fn proration(&self, order: &Order, at: Timestamp) -> (Timestamp, Fact) {
        let mut fact = paid(order, "in_change", Interval::Monthly, 0);
        fact.lines = self.prorations(at).to_vec();
        fact.reason = PeriodReason::Change;
        fact.paid = Some(Money::new(500, order.price.currency));
        fact.collected_at = Some(at);
        (at, Fact::PeriodPaid(fact))
    }

    /// All facts stated by the observed day, in the order in which they happened.
    pub(super) fn facts(&self, order: &Order, checkout: Fact) -> Vec<Fact> {
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

    pub(super) fn rollover(&self) -> RolloverPolicy {
        let cap = (self.rollover == RolloverMode::RollOver).then(|| Credits::new(500));
        RolloverPolicy { mode: self.rollover, cap }
    }

    pub(super) fn now(&self) -> Timestamp {
        noon().plus_days(self.days).plus_seconds(3600)
    }
}

/// A refund is reported one by one and cumulatively.
pub(super) fn refunded(order: &Order, invoice: &str, minor: i64, id: &str) -> [Fact; 2] {
    let payment = PaymentRefs::of_invoice(invoice);
    let amount = Money::new(minor, order.price.currency);
    let refund = Refund::new(id.to_owned(), amount, RefundState::Succeeded);
    [PaymentReversalUpdate::RefundedInAll(amount), PaymentReversalUpdate::Refund(refund)]
        .map(|update| Fact::Reversal(PaymentReversal { payment: payment.clone(), update }))
}

pub(super) fn card(order: &Order) -> Fact {
    Fact::PaymentMethod(PaymentMethodFact {
        id: "pm_1".to_owned(),
        customer: customer_of(order),
        card: Card { brand: "visa".to_owned(), last4: "4242".to_owned(), exp_month: 1, exp_year: 2030 },
        removed: false,
        provider_updated_at: noon(),
    })
}
