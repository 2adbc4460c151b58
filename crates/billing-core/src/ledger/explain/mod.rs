//! Explanations of entries in one sentence.

mod words;

#[cfg(test)]
mod tests;

use super::{EntryRecord, EntryType, OwnType, Source};
use words::{by, credits, drawn, given_to, named, priced, until, were};

/// Explains in one plain English sentence what an entry did, to which grants, and who caused it.
pub fn explain(record: &EntryRecord) -> String {
    let entry = &record.entry;
    let taken = entry.amount.get() < 0;
    let sentence = match &entry.kind {
        EntryType::Spend(_) => spend(record, "spent on"),
        EntryType::Own(OwnType::Adjustment) if taken => spend(record, "taken by hand for"),
        EntryType::Own(OwnType::Reversal) => reversal(record),
        EntryType::Own(OwnType::Rollover) if taken => {
            format!("{} left at its end and rolled over", were(entry.amount, &source(record)))
        }
        EntryType::Own(OwnType::Rollover) => {
            format!("{} rolled over from a grant that ended{}", were(entry.amount, ""), until(record))
        }
        EntryType::Own(OwnType::Expiry) => {
            format!("{}{} expired without having been used", credits(entry.amount), source(record))
        }
        EntryType::Own(OwnType::Void) => {
            format!("{} called off{}{}", were(entry.amount, &source(record)), by(entry), why(record))
        }
        EntryType::Own(OwnType::Clawback) => claw_back(record),
        EntryType::Own(_) => give(record),
    };
    format!("{sentence}{}{}.", repaid(record), came_back(record))
}

fn repaid(record: &EntryRecord) -> String {
    if record.repaid.is_zero() {
        return String::new();
    }
    format!("; {} of what was there repaid what the account owed", credits(record.repaid))
}

fn came_back(record: &EntryRecord) -> String {
    let (back, amount) = (record.reversed, record.entry.amount);
    match back.get().saturating_add(amount.get()) {
        _ if back.is_zero() => String::new(),
        left if left >= 0 => "; all of it was given back later".to_owned(),
        _ => format!("; {} given back later", were(back, " of it")),
    }
}

fn spend(record: &EntryRecord, done: &str) -> String {
    let entry = &record.entry;
    let what = named(&entry.description);
    let late = entry.occurred_at.map(|at| format!(", for usage at {at} that was reported late"));
    let held = record.hold.as_ref();
    let held =
        held.map(|hold| format!(", out of the {} that {} had set aside", credits(hold.amount), hold.id));
    [
        format!("{} {done} {what}{}", were(entry.amount, ""), by(entry)),
        priced(&record.usages),
        late.unwrap_or_default(),
        held.unwrap_or_default(),
        drawn(record),
    ]
    .concat()
}

fn give(record: &EntryRecord) -> String {
    let entry = &record.entry;
    let Some((grant, _)) = record.parts.first() else {
        return format!("{} given for {}{}", were(entry.amount, ""), named(&entry.description), by(entry));
    };
    if grant.source == Source::Manual {
        let (given, what) = (were(entry.amount, ""), named(&entry.description));
        return format!("{given} given by hand for {what}{}{}", by(entry), until(record));
    }
    let order = grant.origin.order.map(|order| format!(", paid by order {order}")).unwrap_or_default();
    format!(
        "{} came in as {} {}{order}{}{}",
        credits(entry.amount),
        words::source(grant.source),
        named(&entry.description),
        until(record),
        by(entry)
    )
}

fn reversal(record: &EntryRecord) -> String {
    let entry = &record.entry;
    let of = match &record.reverses {
        Some(spend) => format!("{} ({})", named(&spend.description), spend.id),
        None => "an earlier spend".to_owned(),
    };
    let mut sentence = format!(
        "{} given back of what was spent on {of}{}{}",
        were(entry.amount, ""),
        by(entry),
        why(record)
    );
    sentence.push_str(&given_to(record));
    sentence
}

fn claw_back(record: &EntryRecord) -> String {
    let entry = &record.entry;
    format!("{} taken back{}{}{}", were(entry.amount, ""), by(entry), why(record), drawn(record))
}

/// The grant that the entry is about.
fn source(record: &EntryRecord) -> String {
    record.parts.first().map(|(grant, _)| format!(" of {}", words::of_grant(grant))).unwrap_or_default()
}

fn why(record: &EntryRecord) -> String {
    format!(": {}", named(&record.entry.description))
}
