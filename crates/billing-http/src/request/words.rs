//! Common fields of bodies.

use std::collections::BTreeMap;

use billing_core::ledger::{Shortfall, SpendType};
use billing_core::requests::Amount;
use billing_core::values::{Credits, Metadata, ParseTimestampError, Timestamp};

use super::Whole;
use super::card_numbers::{has_card_number, is_named_card_number};
use crate::dto::UsageBody;
use crate::problem::Problem;

/// A time in RFC 3339.
pub(crate) fn moment(field: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let moment = text.map(str::parse).transpose();
    moment.map_err(|problem: ParseTimestampError| Problem::invalid(field, problem))
}

/// The caller's type of spend; `usage` if none.
pub(crate) fn spend_type(text: Option<&str>) -> Result<SpendType, Problem> {
    let Some(text) = text else { return Ok(SpendType::default()) };
    SpendType::parse(text).map_err(|problem| Problem::invalid("type", problem))
}

/// A description of up to 500 characters; `otherwise` if none.
pub(crate) fn description(text: Option<String>, otherwise: &str) -> Result<String, Problem> {
    let text = text.unwrap_or_else(|| otherwise.to_owned());
    if text.chars().count() > 500 {
        return Err(Problem::invalid("description", "takes at most 500 characters"));
    }
    without_card_number("description", text)
}

/// A required reason.
pub(crate) fn reason(text: String) -> Result<String, Problem> {
    if text.trim().is_empty() || text.chars().count() > 500 {
        return Err(Problem::invalid("reason", "takes 1 to 500 characters"));
    }
    without_card_number("reason", text)
}

fn without_card_number(field: &str, text: String) -> Result<String, Problem> {
    if has_card_number(&text) { Err(Problem::invalid(field, CARD_NUMBER)) } else { Ok(text) }
}

const CARD_NUMBER: &str = "has the number of a payment card in it, which must not be kept here";

/// The caller's metadata.
pub(crate) fn metadata(notes: Option<BTreeMap<String, String>>) -> Result<Metadata, Problem> {
    let notes = notes.unwrap_or_default();
    if let Some((name, _)) = notes.iter().find(|(name, text)| is_named_card_number(name, text)) {
        return Err(Problem::invalid(&format!("metadata.{name}"), CARD_NUMBER));
    }
    Metadata::try_new(notes).map_err(|problem| Problem::invalid("metadata", problem))
}

/// The amount in a body: credits, usage, or several usages.
pub(crate) struct Asked {
    pub(crate) amount: Option<Whole>,
    pub(crate) usage: Option<UsageBody>,
    pub(crate) usages: Option<Vec<UsageBody>>,
}

/// The maximum number of usages of a request.
const MOST_USAGES: usize = 20;

impl Asked {
    /// Credits or usage, one of the two.
    pub(crate) fn how_much(self) -> Result<Amount, Problem> {
        let missing = || Problem::invalid("amount", "is required, unless `usage` says what was used");
        self.how_much_if_any()?.ok_or_else(missing)
    }

    /// Credits or usage, or neither.
    pub(crate) fn how_much_if_any(self) -> Result<Option<Amount>, Problem> {
        match (self.amount, self.usage, self.usages) {
            (None, None, None) => Ok(None),
            (Some(amount), None, None) => Ok(Some(Amount::Credits(Credits::new(amount.0)))),
            (None, Some(usage), None) => Ok(Some(Amount::Usage(vec![usage.into_request("usage")?]))),
            (None, None, Some(usages)) if (1..=MOST_USAGES).contains(&usages.len()) => {
                let usages = usages.into_iter().enumerate();
                let asked = usages.map(|(place, usage)| usage.into_request(&format!("usages[{place}]")));
                Ok(Some(Amount::Usage(asked.collect::<Result<_, _>>()?)))
            }
            (None, None, Some(_)) => Err(Problem::invalid("usages", format!("takes 1 to {MOST_USAGES}"))),
            (Some(_), Some(_), _) => Err(Problem::invalid("usage", "cannot be sent together with `amount`")),
            (Some(_), None, Some(_)) => {
                Err(Problem::invalid("usages", "cannot be sent together with `amount`"))
            }
            (None, Some(_), Some(_)) => {
                Err(Problem::invalid("usages", "cannot be sent together with `usage`"))
            }
        }
    }
}

/// The handling of a shortfall.
pub(crate) fn overrun(text: Option<&str>) -> Result<Option<Shortfall>, Problem> {
    match text {
        None => Ok(None),
        Some("refuse") => Ok(Some(Shortfall::Refuse)),
        Some("partial") => Ok(Some(Shortfall::TakeWhatIsThere)),
        Some("debt") => Ok(Some(Shortfall::Owe)),
        Some(_) => Err(Problem::invalid("overrun", "must be `refuse`, `partial` or `debt`")),
    }
}
