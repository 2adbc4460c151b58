//! Answers without ids: what is named by id is named by its number, so that stores can be compared.

use billing_core::ledger::{Balance, Entry, HoldState, Outcome, UsageRecord};
use billing_core::values::{Credits, HoldId, Timestamp};
use rust_decimal::Decimal;

use crate::meters::Meter;

/// What was answered, or the code of the refusal.
pub(crate) type Answer = Result<Accepted, &'static str>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) entries: Vec<EntryLine>,
    pub(crate) usages: Vec<UsageLine>,
    /// How many credits each new grant has.
    pub(crate) grants: Vec<i64>,
    pub(crate) holds: Vec<HoldLine>,
    pub(crate) available: i64,
    pub(crate) replayed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryLine {
    pub(crate) seq: i64,
    pub(crate) kind: String,
    pub(crate) amount: i64,
    pub(crate) balance_after: i64,
    pub(crate) available_after: i64,
    pub(crate) reverses: Option<i64>,
    pub(crate) usages: Option<(i64, i64)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UsageLine {
    pub(crate) number: i64,
    pub(crate) entry: Option<i64>,
    pub(crate) meter: Meter,
    /// None where it only books what a hold had captured below one credit.
    pub(crate) units: Option<Decimal>,
    pub(crate) price: i64,
    pub(crate) markup: i64,
    /// The units before it in its month.
    pub(crate) before: Option<Decimal>,
    pub(crate) credits: i64,
    pub(crate) uncovered: i64,
    pub(crate) carried: i64,
    pub(crate) hold: Option<usize>,
    pub(crate) returns: Option<i64>,
    pub(crate) occurred_at: Timestamp,
    /// Whether time wrote it and nobody asked for it.
    pub(crate) by_time: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HoldLine {
    pub(crate) hold: usize,
    pub(crate) amount: i64,
    pub(crate) captured: i64,
    pub(crate) overrun: i64,
    pub(crate) left: i64,
    pub(crate) state: HoldState,
}

/// What the balance row says, without ids and hashes.
pub(crate) fn sums(balance: &Balance) -> [i64; 7] {
    let Balance { posted, held, debt, late, open_holds, seq, usages, .. } = balance;
    [posted.get(), held.get(), debt.get(), late.get(), *open_holds, *seq, *usages]
}

impl EntryLine {
    pub(crate) fn of(entry: &Entry) -> Self {
        Self {
            seq: entry.seq,
            kind: entry.kind.as_str().to_owned(),
            amount: entry.amount.get(),
            balance_after: entry.balance_after.get(),
            available_after: entry.available_after.get(),
            reverses: entry.reverses,
            usages: entry.usages,
        }
    }

    /// Whether it took credits for something, or gave such back.
    pub(crate) fn is_spend_or_reversal(&self) -> bool {
        ["usage", "reversal"].contains(&self.kind.as_str())
    }
}

impl UsageLine {
    pub(crate) fn of(usage: &UsageRecord, holds: &[HoldId]) -> Self {
        let hold = usage.hold.map(|id| holds.iter().position(|hold| *hold == id).unwrap());
        Self {
            number: usage.number,
            entry: usage.entry,
            meter: Meter::named(&usage.meter),
            units: usage.quantities.get("units").map(Decimal::normalize),
            price: usage.price,
            markup: usage.markup,
            before: usage.months.get("units").map(|position| position.before.normalize()),
            credits: usage.credits.get(),
            uncovered: usage.uncovered.get(),
            carried: usage.carried.into(),
            hold,
            returns: usage.returns,
            occurred_at: usage.occurred_at,
            by_time: usage.posting_key.is_none(),
        }
    }

    /// Credits that it came to, covered or not; negative where they were given back.
    pub(crate) fn due(&self) -> i64 {
        self.credits + self.uncovered
    }
}

/// The answer to one posting. Holds that are new get the next numbers in `holds`.
pub(crate) fn answer(outcome: &Outcome, holds: &mut Vec<HoldId>) -> Answer {
    let posted = outcome.as_ref().map_err(billing_core::ledger::Refusal::code)?;
    let changed = posted.holds.iter().map(|seen| {
        let known = holds.iter().position(|hold| *hold == seen.id);
        let hold = known.unwrap_or_else(|| {
            holds.push(seen.id);
            holds.len() - 1
        });
        let [amount, captured, overrun, left] =
            [seen.amount, seen.captured, seen.overrun, seen.left].map(Credits::get);
        HoldLine { hold, amount, captured, overrun, left, state: seen.state }
    });
    Ok(Accepted {
        holds: changed.collect(),
        entries: posted.entries.iter().map(EntryLine::of).collect(),
        usages: posted.usages.iter().map(|usage| UsageLine::of(usage, holds)).collect(),
        grants: posted.grants.iter().map(|grant| grant.amount.get()).collect(),
        available: posted.available.get(),
        replayed: posted.replayed,
    })
}
