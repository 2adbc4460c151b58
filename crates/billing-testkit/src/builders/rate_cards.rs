//! Rate cards.

use std::collections::BTreeMap;

use billing_core::catalog::{
    MarkupPercent, Meter, Rate, RateCard, RateCardDraft, RateCardVersion, RatePrice, Rounding, Tier, Tiers,
    TiersMode, TiersScope, UnitPrice, UnitRate, Usage, VersionTerms,
};
use billing_core::requests::{PriceUsage, RateCardRef};
use billing_core::values::{IdSource, RateCardId, Timestamp, parse_decimal};

use super::noon;

/// A meter `chat` that carries fractions: 3 credits per 1,000 `input_tokens`, 15 per 1,000 `output_tokens`.
pub fn a_meter() -> Meter {
    Meter {
        name: "chat".to_owned(),
        dimensions: Vec::new(),
        rates: vec![a_rate("input_tokens", "3", 1_000), a_rate("output_tokens", "15", 1_000)],
        per_call: UnitPrice::ZERO,
        minimum: UnitPrice::ZERO,
        markup: None,
        rounding: Rounding::Carry,
    }
}

/// Meters with every field set.
pub fn full_meters() -> Vec<Meter> {
    let when = |values: &[(&str, &str)]| {
        values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let full = Meter {
        name: "image_1".to_owned(),
        dimensions: vec!["model".to_owned(), "size".to_owned()],
        rates: vec![
            a_rate("images", "0.000000001", 1_000_000_000),
            Rate { when: when(&[("model", "größer \"XL\" 🦉")]), ..a_rate("images", "1000000000", 1) },
            Rate { when: when(&[("model", "a"), ("size", "1024x1024")]), ..a_rate("images", "12.5", 3) },
            Rate {
                price: tiers(
                    TiersMode::Volume,
                    TiersScope::Call,
                    vec![a_tier(Some("0.000001"), "1000000000", 1), a_tier(None, "0", 1_000_000_000)],
                ),
                ..a_rate("seconds", "0", 1)
            },
            Rate {
                when: when(&[("model", "a*")]),
                price: tiers(
                    TiersMode::Graduated,
                    TiersScope::Month,
                    vec![
                        Tier { flat: "0.5".parse().unwrap(), ..a_tier(Some("1000"), "3", 1_000) },
                        a_tier(Some("1000000000000000"), "1.25", 1_000),
                        Tier { flat: 7.into(), ..a_tier(None, "1", 1_000) },
                    ],
                ),
                ..a_rate("seconds", "0", 1)
            },
        ],
        per_call: "0.000000001".parse().unwrap(),
        minimum: "999999999.999999999".parse().unwrap(),
        markup: Some("-10.5".parse().unwrap()),
        rounding: Rounding::Nearest,
    };
    let flat = Meter {
        name: "call".to_owned(),
        rates: Vec::new(),
        per_call: 5.into(),
        rounding: Rounding::Up,
        ..a_meter()
    };
    vec![full, a_meter(), flat]
}

/// `credits` for every `per` units of `quantity`.
pub fn a_rate(quantity: &str, credits: &str, per: u32) -> Rate {
    let price = RatePrice::PerUnit(a_unit_rate(credits, per));
    Rate { quantity: quantity.to_owned(), when: BTreeMap::new(), price }
}

/// `credits` for every `per` units.
pub fn a_unit_rate(credits: &str, per: u32) -> UnitRate {
    UnitRate { credits: credits.parse().unwrap(), per: per.try_into().unwrap() }
}

/// A tier up to `up_to` units, with `credits` per `per` of them.
pub fn a_tier(up_to: Option<&str>, credits: &str, per: u32) -> Tier {
    let up_to = up_to.map(|units| parse_decimal(units).unwrap());
    Tier { up_to, rate: a_unit_rate(credits, per), flat: UnitPrice::ZERO }
}

/// A price by tiers.
pub fn tiers(mode: TiersMode, scope: TiersScope, tiers: Vec<Tier>) -> RatePrice {
    RatePrice::Tiered(Tiers { mode, scope, tiers })
}

/// An active card with its first version in force since noon.
pub fn a_rate_card(slug: &str, ids: &dyn IdSource) -> (RateCard, RateCardVersion) {
    let version = a_rate_card_version(slug, 1, noon());
    let card = RateCard {
        id: RateCardId::new(ids),
        slug: slug.to_owned(),
        name: "Standard rates".to_owned(),
        description: String::new(),
        active: true,
        versions: vec![version.edition],
        created_at: noon(),
        version: 0,
    };
    (card, version)
}

/// A version of the card `slug` with [`a_meter`].
pub fn a_rate_card_version(slug: &str, number: u32, effective_at: Timestamp) -> RateCardVersion {
    let edition = VersionTerms { number, effective_at, published_at: noon() };
    let markup = MarkupPercent::ZERO;
    RateCardVersion { card: slug.to_owned(), edition, markup, meters: vec![a_meter()] }
}

/// The draft of a card with [`a_meter`].
pub fn a_rate_card_draft(slug: &str) -> RateCardDraft {
    RateCardDraft {
        slug: slug.to_owned(),
        name: "Standard rates".to_owned(),
        description: String::new(),
        active: true,
        effective_at: None,
        markup: MarkupPercent::ZERO,
        meters: vec![a_meter()],
    }
}

/// Usage of the meter `chat`, with the default card.
pub fn a_usage<const N: usize>(quantities: [(&str, &str); N]) -> PriceUsage {
    let quantities = quantities.map(|(name, units)| (name.to_owned(), parse_decimal(units).unwrap()));
    let usage =
        Usage { meter: "chat".to_owned(), dimensions: BTreeMap::new(), quantities: quantities.into() };
    PriceUsage { card: RateCardRef::Default, usage }
}
