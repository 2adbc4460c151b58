//! The objects that a fact names.

use crate::payments::{Fact, PaidPeriod, PaymentRefs, SubscriptionFact};
use crate::values::{OrderId, Timestamp};

/// The objects that a fact names, by their provider's ids: they determine its account and what has to be loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FactRefs<'a> {
    /// A checkout.
    pub session: Option<&'a str>,
    /// A subscription.
    pub subscription: Option<&'a str>,
    /// A customer.
    pub customer: Option<&'a str>,
    /// A payment.
    pub payment: Option<&'a PaymentRefs>,
    /// A payment method.
    pub payment_method: Option<&'a str>,
    /// The order in the metadata. It never determines the account: anyone who creates a payment link can set metadata.
    pub order_hint: Option<OrderId>,
    /// The start of the earliest period that the fact mentions.
    pub from: Option<Timestamp>,
    /// Prices and products.
    pub prices: Vec<&'a str>,
}

impl FactRefs<'_> {
    /// Whether it names a customer and nothing else.
    pub fn is_of_customer(&self) -> bool {
        let of_customer = Self { customer: self.customer, ..Self::default() };
        self.customer.is_some() && *self == of_customer
    }
}

impl Fact {
    /// The objects that it names.
    pub fn refs(&self) -> FactRefs<'_> {
        match self {
            Self::Checkout(fact) => FactRefs {
                session: Some(&fact.session),
                customer: fact.customer.as_deref(),
                order_hint: fact.order_hint,
                ..FactRefs::default()
            },
            Self::Subscription(fact) => of_subscription(fact),
            Self::PeriodPaid(fact) => of_period(fact),
            Self::Reversal(fact) => FactRefs { payment: Some(&fact.payment), ..FactRefs::default() },
            Self::PaymentRefs(refs) => FactRefs { payment: Some(refs), ..FactRefs::default() },
            Self::PaymentMethod(fact) => FactRefs {
                payment_method: Some(&fact.id),
                customer: Some(&fact.customer),
                ..FactRefs::default()
            },
            Self::CustomerDeleted(customer) => FactRefs { customer: Some(customer), ..FactRefs::default() },
            Self::Partial(_) | Self::Ignored(_) => FactRefs::default(),
        }
    }
}

fn of_subscription(fact: &SubscriptionFact) -> FactRefs<'_> {
    FactRefs {
        subscription: Some(&fact.id),
        customer: Some(&fact.customer),
        order_hint: fact.order_hint,
        from: fact.period.map(|period| period.start),
        prices: fact.items.iter().map(|item| item.price.as_str()).collect(),
        ..FactRefs::default()
    }
}

fn of_period(fact: &PaidPeriod) -> FactRefs<'_> {
    let lines = fact.lines.iter().map(|line| line.price.as_str());
    let items = fact.subscription_now.iter().flat_map(|now| &now.items).map(|item| item.price.as_str());
    FactRefs {
        subscription: Some(&fact.subscription),
        customer: Some(&fact.customer),
        payment: Some(&fact.refs),
        order_hint: fact.order_hint,
        from: fact.lines.iter().map(|line| line.period.start).min(),
        prices: lines.chain(items).collect(),
        ..FactRefs::default()
    }
}
