//! Phrases of explanations.

use rust_decimal::Decimal;

use crate::ledger::{Actor, Entry, EntryRecord, Grant, Source, UsageRecord};
use crate::values::{Credits, Zone};

/// The maximum number of grants that are listed.
const MOST: usize = 4;

/// A number of credits, in or out.
pub(super) fn credits(count: Credits) -> String {
    match count.get().unsigned_abs() {
        1 => "1 credit".to_owned(),
        count => format!("{count} credits"),
    }
}

/// A number of credits as the subject of a passive sentence.
pub(super) fn were(count: Credits, of: &str) -> String {
    let verb = if count.get().unsigned_abs() == 1 { "was" } else { "were" };
    format!("{}{of} {verb}", credits(count))
}

/// A description in quotes.
pub(super) fn named(description: &str) -> String {
    format!("“{}”", description.trim().trim_end_matches('.'))
}

pub(super) fn source(source: Source) -> &'static str {
    match source {
        Source::Plan => "part of the plan",
        Source::Purchase => "a purchase",
        Source::Bonus => "a bonus",
        Source::CheckIn => "a check-in",
        Source::Gift => "a gift",
        Source::Promo => "a promotion",
        Source::Refund => "a refund",
        Source::Manual => "credits",
    }
}

/// A grant by its source.
pub(super) fn of_grant(grant: &Grant) -> String {
    let source = match grant.source {
        Source::Plan => "the plan",
        Source::Purchase => "the purchase",
        Source::Bonus => "the bonus",
        Source::CheckIn => "the check-in",
        Source::Gift => "the gift",
        Source::Promo => "the promotion",
        Source::Refund => "the refund",
        Source::Manual => "what was given by hand,",
    };
    format!("{source} {}", named(&grant.description))
}

/// The actor; empty for a due change.
pub(super) fn by(entry: &Entry) -> String {
    match &entry.actor {
        Actor::User => " by the account's user".to_owned(),
        Actor::Key(id) => format!(" by API key {id}"),
        Actor::Operator(name) => format!(" by operator {name}"),
        Actor::Provider(event) => format!(" because of the payment provider's {event}"),
        Actor::Time => String::new(),
    }
}

/// The expiry of incoming credits.
pub(super) fn until(record: &EntryRecord) -> String {
    let end = record.parts.first().and_then(|(grant, _)| grant.expires_at);
    end.map(|end| format!(", good until {}", Zone::UTC.day_of(end))).unwrap_or_default()
}

/// The usage and its price.
pub(super) fn priced(usages: &[UsageRecord]) -> String {
    let items = usages.iter().filter(|usage| !usage.is_end_of_hold()).map(|usage| {
        let quantities = usage.quantities.iter().map(|(name, units)| format!("{units} {name}"));
        let quantities = list(&quantities.collect::<Vec<_>>());
        let what = if quantities.is_empty() {
            usage.meter.clone()
        } else {
            format!("{quantities} of {}", usage.meter)
        };
        format!("{what} at {} credits by rate card {}", exact(usage.price), usage.quote)
    });
    let items: Vec<_> = items.collect();
    if items.is_empty() { String::new() } else { format!(" for {}", list(&items)) }
}

/// Millionths of a credit as decimal text.
fn exact(millionths: i64) -> String {
    Decimal::new(millionths, 6).normalize().to_string()
}

/// The drawn grants and the debt.
pub(super) fn drawn(record: &EntryRecord) -> String {
    let mut parts = grants(record, "from");
    if record.owed.get() > 0 {
        parts.push(format!("{} of debt", record.owed));
    }
    after_colon(&parts)
}

/// The credited grants and the repaid debt.
pub(super) fn given_to(record: &EntryRecord) -> String {
    let mut parts = grants(record, "to");
    if record.owed.get() < 0 {
        parts.push(format!("{} that had been owed and are not any more", record.owed.get().unsigned_abs()));
    }
    after_colon(&parts)
}

fn after_colon(parts: &[String]) -> String {
    if parts.is_empty() { String::new() } else { format!(": {}", list(parts)) }
}

fn grants(record: &EntryRecord, way: &str) -> Vec<String> {
    let amount = |amount: &Credits| amount.get().unsigned_abs();
    let first = record.parts.iter().take(MOST);
    let mut parts: Vec<_> =
        first.map(|(grant, part)| format!("{} {way} {}", amount(part), of_grant(grant))).collect();
    let rest = record.parts.get(MOST..).unwrap_or_default();
    if !rest.is_empty() {
        let sum = rest.iter().fold(0_u64, |sum, (_, part)| sum.saturating_add(amount(part)));
        let grants = if rest.len() == 1 { "grant" } else { "grants" };
        parts.push(format!("{sum} {way} {} more {grants}", rest.len()));
    }
    parts
}

/// `a`, `a and b`, `a, b and c`.
fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
