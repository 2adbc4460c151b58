//! Postings.

use billing_core::catalog::{MarkupPercent, RatePrice, Rounding, Tariff, TariffRate, UnitPrice};
use billing_core::ledger::{
    Actor, Charge, Command, EntryType, GrantCredits, Posting, RatedUsage, Source, SpendCredits, SpendType,
};
use billing_core::values::{AccountId, BusinessKey, Credits, Fingerprint, PostingKey};

use super::{a_unit_rate, request_key};

/// Grants `amount` credits under the caller's key `key`; the business key contains the account's id and the key.
pub fn a_grant(account: AccountId, key: &str, amount: i64) -> Posting {
    a_posting(account, key, vec![Command::Grant(give(&format!("manual:{account}:{key}"), amount))])
}

/// Spends `amount` credits under the caller's key `key`.
pub fn a_spend(account: AccountId, key: &str, amount: i64) -> Posting {
    a_posting(account, key, vec![Command::Spend(take(amount))])
}

/// Several commands under the caller's key `key`. The fingerprint is derived from the commands, so that the same
/// commands are the same request.
pub fn a_posting(account: AccountId, key: &str, commands: Vec<Command>) -> Posting {
    Posting {
        account,
        key: PostingKey::of_request(&request_key(key)),
        fingerprint: Fingerprint::of([format!("{commands:?}").as_bytes()]),
        actor: Actor::Operator("test".to_owned()),
        commands,
    }
}

/// Credits that start now and do not expire, under the business key `fact`.
pub fn give(fact: &str, amount: i64) -> GrantCredits {
    let fact_key = BusinessKey::from_stored(fact.to_owned());
    GrantCredits::new(Credits::new(amount), Source::Manual, fact_key, format!("Given: {fact}"))
}

/// Usage of `meter` that costs `millionths` of a credit.
pub fn usage(meter: &str, millionths: i64) -> RatedUsage {
    RatedUsage { tariff: tariff(meter), quantities: [("units".to_owned(), millionths.into())].into() }
}

/// A tariff of `meter` with a price of a millionth of a credit per unit.
pub fn tariff(meter: &str) -> Tariff {
    let price = RatePrice::PerUnit(a_unit_rate("0.000001", 1));
    let rate = TariffRate { price, key: String::new() };
    Tariff {
        card: "default".to_owned(),
        version: 1,
        meter: meter.to_owned(),
        dimensions: [].into(),
        rates: [("units".to_owned(), rate)].into(),
        otherwise: None,
        per_call: UnitPrice::ZERO,
        markup: MarkupPercent::ZERO,
        minimum: UnitPrice::ZERO,
        rounding: Rounding::Carry,
    }
}

/// A spend of usage.
pub fn take_usage(usages: Vec<RatedUsage>) -> SpendCredits {
    SpendCredits { charge: Charge::Usage(usages), ..take(1) }
}

/// A spend of an amount, with the default type.
pub fn take(amount: i64) -> SpendCredits {
    SpendCredits::new(Credits::new(amount), EntryType::Spend(SpendType::default()), "Used".to_owned())
}
