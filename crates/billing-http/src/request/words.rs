//! What many bodies have in common.

use std::collections::BTreeMap;

use billing_core::ledger::SpendType;
use billing_core::requests::HowMuch;
use billing_core::values::{Credits, Metadata, ParseTimestampError, Timestamp};

use super::Whole;
use crate::dto::UsageBody;
use crate::problem::Problem;

/// A moment in RFC 3339.
pub(crate) fn moment(field: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let moment = text.map(str::parse).transpose();
    moment.map_err(|problem: ParseTimestampError| Problem::invalid(field, problem))
}

/// The caller's word for a spend; `usage` if it has none.
pub(crate) fn spend_type(text: Option<&str>) -> Result<SpendType, Problem> {
    let Some(text) = text else { return Ok(SpendType::default()) };
    SpendType::parse(text).map_err(|problem| Problem::invalid("type", problem))
}

/// A text for the customer of up to 500 characters; `otherwise` if there is none.
pub(crate) fn description(text: Option<String>, otherwise: &str) -> Result<String, Problem> {
    let text = text.unwrap_or_else(|| otherwise.to_owned());
    if text.chars().count() > 500 {
        return Err(Problem::invalid("description", "takes at most 500 characters"));
    }
    Ok(text)
}

/// A text for the customer that has to be there.
pub(crate) fn reason(text: String) -> Result<String, Problem> {
    if text.trim().is_empty() || text.chars().count() > 500 {
        return Err(Problem::invalid("reason", "takes 1 to 500 characters"));
    }
    Ok(text)
}

/// The caller's own notes.
pub(crate) fn metadata(notes: Option<BTreeMap<String, String>>) -> Result<Metadata, Problem> {
    Metadata::try_new(notes.unwrap_or_default()).map_err(|problem| Problem::invalid("metadata", problem))
}

/// Credits or usage, one of the two.
pub(crate) fn how_much(amount: Option<Whole>, usage: Option<UsageBody>) -> Result<HowMuch, Problem> {
    how_much_if_any(amount, usage)?
        .ok_or_else(|| Problem::invalid("amount", "is required, unless `usage` says what was used"))
}

/// Credits or usage, or neither.
pub(crate) fn how_much_if_any(
    amount: Option<Whole>,
    usage: Option<UsageBody>,
) -> Result<Option<HowMuch>, Problem> {
    match (amount, usage) {
        (Some(_), Some(_)) => Err(Problem::invalid("usage", "cannot be sent together with `amount`")),
        (Some(amount), None) => Ok(Some(HowMuch::Credits(Credits::new(amount.0)))),
        (None, Some(usage)) => Ok(Some(HowMuch::Usage(usage.into_request("usage")?))),
        (None, None) => Ok(None),
    }
}
