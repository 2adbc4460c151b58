//! Usage and its price.

use std::collections::BTreeMap;

use billing_core::catalog::{LineTier, Price, Usage};
use billing_core::requests::{PriceUsage, QuotedUsage, RateCardRef};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::request::Exact;

/// Usage to price.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsageBody {
    /// The rate card; by default the one called `default`, or the only active one.
    rate_card: Option<String>,
    /// A `quote` from an earlier answer: prices by exactly that version.
    quote: Option<String>,
    /// The meter.
    meter: String,
    /// Values of dimensions, such as `model`.
    #[serde(default)]
    dimensions: BTreeMap<String, String>,
    /// The quantities: whole numbers, or decimals in quotes, with up to 6 decimals.
    #[serde(default)]
    quantities: BTreeMap<String, Exact>,
}

/// Usage to quote.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuoteBody {
    /// The account: monthly tiers continue from its usage of the month. Without one they start at the month's first
    /// unit.
    pub(crate) account_id: Option<String>,
    usage: Option<UsageBody>,
    /// Several usages, up to 100, instead of `usage`.
    usages: Option<Vec<UsageBody>>,
}

/// A quote.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum QuoteView {
    /// One usage.
    One(Box<PriceView>),
    /// Several usages.
    Several(PricesView),
}

/// The quote of several usages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PricesView {
    /// The most whole credits that they can take. Fractions add up within a meter that carries them.
    amount: i64,
    /// The exact price in credits, as decimal text.
    exact: String,
    /// Each usage by itself, in order.
    prices: Vec<PriceView>,
}

/// The quote of one usage.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PriceView {
    /// The most whole credits that it can take now, whatever fraction is carried.
    amount: i64,
    /// The exact price in credits, as decimal text: the lines, `per_call`, `markup` and `topped_up`.
    exact: String,
    rate_card: String,
    version: u32,
    /// Send it as `usage.quote` to use exactly this version. It does not expire.
    quote: String,
    meter: String,
    dimensions: BTreeMap<String, String>,
    /// A line per quantity, and per tier.
    lines: Vec<LineView>,
    /// The price per usage in credits, as decimal text.
    per_call: String,
    /// The markup on the lines and `per_call` in percent, as decimal text.
    markup_percent: String,
    /// The markup in credits, as decimal text; may be negative.
    markup: String,
    /// The amount added to reach the meter's minimum, as decimal text.
    topped_up: String,
    /// What happens to the fraction: `carry`, `up` or `nearest`.
    rounding: String,
}

/// The price of one quantity, or of its part in one tier: units × rate ÷ per, plus `flat`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineView {
    quantity: String,
    /// Decimal text.
    units: String,
    /// Credits, as decimal text …
    rate: String,
    /// … per this many units.
    per: u32,
    /// The flat amount in credits, if these units are the first to reach the tier, as decimal text.
    flat: String,
    /// Decimal text.
    credits: String,
    /// The tier; left out if the rate has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<LineTierView>,
}

/// The tier of a line.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineTierView {
    /// Its number: 1, 2, 3 …
    number: u32,
    /// Its last unit, as decimal text; null for the last tier.
    up_to: Option<String>,
    /// The month that it counts, such as `2026-04`; null for tiers per call, and without an account.
    month: Option<String>,
    /// The units used in that month before this usage, as decimal text.
    used_before: Option<String>,
}

impl UsageBody {
    /// The request to price it. `place` is its position in the body, such as `usage`.
    pub(crate) fn into_request(self, place: &str) -> Result<PriceUsage, Problem> {
        let card = match (self.rate_card, self.quote) {
            (Some(_), Some(_)) => {
                let field = format!("{place}.quote");
                return Err(Problem::invalid(&field, "cannot be sent together with `rate_card`"));
            }
            (Some(slug), None) => RateCardRef::Named(slug),
            (None, Some(text)) => {
                let quote = text.parse();
                RateCardRef::Quoted(
                    quote.map_err(|problem| Problem::invalid(&format!("{place}.quote"), problem))?,
                )
            }
            (None, None) => RateCardRef::Default,
        };
        let quantities = self.quantities.into_iter().map(|(name, units)| (name, units.0)).collect();
        Ok(PriceUsage { card, usage: Usage { meter: self.meter, dimensions: self.dimensions, quantities } })
    }
}

impl QuoteBody {
    /// The requests to price, and whether they came as a list.
    pub(crate) fn into_requests(self) -> Result<(Vec<PriceUsage>, bool), Problem> {
        match (self.usage, self.usages) {
            (Some(usage), None) => Ok((vec![usage.into_request("usage")?], false)),
            (None, Some(usages)) if (1..=100).contains(&usages.len()) => {
                let usages = usages.into_iter().enumerate();
                let asked = usages.map(|(place, usage)| usage.into_request(&format!("usages[{place}]")));
                Ok((asked.collect::<Result<_, _>>()?, true))
            }
            (None, Some(_)) => Err(Problem::invalid("usages", "takes 1 to 100")),
            (None, None) => Err(Problem::invalid("usage", "is required")),
            (Some(_), Some(_)) => Err(Problem::invalid("usages", "cannot be sent together with `usage`")),
        }
    }
}

impl QuoteView {
    /// The answer: a list if the request had one.
    pub(crate) fn new(quoted: &QuotedUsage, list: bool) -> Self {
        match quoted.prices.as_slice() {
            [one] if !list => Self::One(Box::new(one.into())),
            prices => Self::Several(PricesView {
                amount: quoted.ceiling.get(),
                exact: quoted.exact.to_string(),
                prices: prices.iter().map(PriceView::from).collect(),
            }),
        }
    }
}

impl From<&Price> for PriceView {
    fn from(price: &Price) -> Self {
        let lines = price.lines.iter().map(|line| LineView {
            quantity: line.quantity.clone(),
            units: line.units.to_string(),
            rate: line.rate.to_string(),
            per: line.per.get(),
            flat: line.flat.to_string(),
            credits: line.credits.to_string(),
            tier: line.tier.as_ref().map(LineTierView::from),
        });
        Self {
            amount: price.ceiling().get(),
            exact: price.exact.to_string(),
            rate_card: price.card.clone(),
            version: price.version,
            quote: price.quote().to_string(),
            meter: price.meter.clone(),
            dimensions: price.dimensions.clone(),
            lines: lines.collect(),
            per_call: price.per_call.to_string(),
            markup_percent: price.markup_percent.to_string(),
            markup: price.markup.to_string(),
            topped_up: price.topped_up.to_string(),
            rounding: price.rounding.to_string(),
        }
    }
}

impl From<&LineTier> for LineTierView {
    fn from(tier: &LineTier) -> Self {
        let month = tier.month.as_ref();
        Self {
            number: tier.number,
            up_to: tier.up_to.map(|end| end.to_string()),
            month: month.map(|position| position.month.to_string()),
            used_before: month.map(|position| position.before.normalize().to_string()),
        }
    }
}
