//! Payments.

use billing_core::catalog::CreditsInterval;
use billing_core::payments::{
    Card, Channel, Covered, Dispute, DisputeState, MidPeriodChange, NewPayment, Payment, PaymentMethod,
    PaymentRefs, PeriodTerms, ProratedPart, Refund, RefundState,
};
use billing_core::subscriptions::GracePeriods;
use billing_core::values::{
    AccountId, BusinessKey, Credits, Currency, IdSource, Money, OrderId, Period, PlanId,
};

use super::{a_plan, noon};

fn usd(minor: i64) -> Money {
    let currency: Currency = "usd".parse().unwrap();
    Money::new(minor, currency)
}

/// A payment of 9.99 dollars through Stripe with the id `name`; nothing optional is set.
pub fn a_payment(account: AccountId, name: &str, ids: &dyn IdSource) -> Payment {
    let refs = PaymentRefs::of_payment(name);
    Payment::new(NewPayment { account, channel: Channel::named("stripe"), refs, paid: usd(999) }, ids, noon())
}

/// A card with the provider's id `id`.
pub fn a_payment_method(account: AccountId, id: &str) -> PaymentMethod {
    PaymentMethod {
        channel: Channel::named("stripe"),
        provider_id: id.to_owned(),
        account,
        card: Card { brand: "visa".to_owned(), last4: "4242".to_owned(), exp_month: 4, exp_year: 2031 },
        removed: false,
        provider_updated_at: noon(),
        version: 0,
    }
}

/// A payment with every field set.
pub fn a_full_payment(account: AccountId, name: &str, order: Option<OrderId>, ids: &dyn IdSource) -> Payment {
    let facts = ["order:1:pack", "order:1:bonus", "restored:1:0"];
    Payment {
        refs: PaymentRefs { payment: Some(format!("pi_{name}")), invoice: Some(format!("in_{name}")) },
        order,
        collected_at: Some(noon().plus_seconds(7)),
        covers: Some(Covered {
            subscription: "sub_1".to_owned(),
            period: Period { start: noon(), end: noon().plus_days(30) },
            plan: PlanId::from_uuid(uuid::Uuid::from_u128(7)),
            brings: vec![PeriodTerms {
                plan: PlanId::from_uuid(uuid::Uuid::from_u128(7)),
                period: Period { start: noon(), end: noon().plus_days(31) },
                terms: a_plan("pro", ids).terms(),
            }],
            change: Some(MidPeriodChange {
                plan: PlanId::from_uuid(uuid::Uuid::from_u128(8)),
                rest: Period { start: noon().plus_days(3), end: noon().plus_days(30) },
                credits_interval: CreditsInterval::PerPeriod,
                prorates: true,
                parts: vec![ProratedPart {
                    credits: Credits::new(700),
                    period: Period { start: noon().plus_days(3), end: noon().plus_days(30) },
                    gives_back: true,
                }],
            }),
            grace: Some(GracePeriods { renewal_days: 3, past_due_days: 14 }),
        }),
        grant_keys: facts.map(|fact| BusinessKey::from_stored(fact.to_owned())).to_vec(),
        refunded_in_all: 800,
        refunds: RefundState::ALL
            .iter()
            .map(|state| Refund {
                asked_by: Some(format!("key {state}")),
                ..Refund::new(format!("re_{state}"), usd(100), *state)
            })
            .collect(),
        disputes: DisputeState::ALL
            .iter()
            .map(|state| Dispute { id: format!("dp_{state}"), amount: usd(999), state: *state })
            .collect(),
        restored: 1,
        ..a_payment(account, name, ids)
    }
}
