//! The ledger's rows and answers in the words of the comparison.

use std::collections::BTreeMap;

use billing_core::catalog::MonthPositions;
use billing_core::ledger::{
    AccountState, Actor, Balance, Carry, Entry, Grant, HeldUsage, Hold, Outcome, Posted, Slice, UsageRecord,
};
use billing_core::values::{AccountId, Credits};
use rust_decimal::Decimal;

use crate::names::Names;
use crate::store::Rows;
use crate::told::{Answer, GrantSeen, HeldTold, HoldTold, Line, Picture, Sums, Told, UseTold};

/// An account's rows.
pub(crate) fn picture(rows: &Rows, account: AccountId, names: &Names) -> Picture {
    let grant = |id| names.grant(account, id).unwrap().to_owned();
    let entries: Vec<&Entry> = rows.entries_of(account).collect();
    let parts = |entry: &&Entry| {
        rows.parts_at(account, entry.seq).map(|part| (grant(part.grant), part.amount.get())).collect()
    };
    let mut debts: BTreeMap<_, i64> = BTreeMap::new();
    for debt in rows.debts_of(account) {
        *debts.entry((debt.seq, debt.grant.map(grant))).or_default() += debt.amount.get();
    }
    let carried =
        rows.carried.iter().filter(|((owner, _), carry)| *owner == account && **carry != Carry::default());
    Picture {
        sums: sums(&rows.balances[&account]),
        lines: entries.iter().map(|entry| line(entry, names)).collect(),
        parts: entries.iter().map(parts).collect(),
        grants: rows.grants_of(account).map(|row| (grant(row.id), grant_seen(row))).collect(),
        holds: holds(rows.holds_of(account), account, names),
        debts,
        carried: carried
            .map(|((_, meter), carry)| (meter.clone(), (carry.millionths, carry.uncovered.get())))
            .collect(),
        months: rows
            .months_of(account)
            .filter(|(_, units)| !units.is_zero())
            .map(|(key, units)| ((key.meter, key.month.to_string()), i64::try_from(units).unwrap()))
            .collect(),
        uses: rows.usages_of(account).map(|usage| told_use(usage, names)).collect(),
    }
}

/// What a reader sees of an account besides its history.
pub(crate) fn state(state: &AccountState, names: &Names) -> (Sums, BTreeMap<String, HoldTold>) {
    let account = state.balance.account;
    (sums(&state.balance), holds(state.open_holds(), account, names))
}

/// An outcome.
pub(crate) fn told(outcome: &Outcome, names: &Names) -> Told {
    outcome.as_ref().map(|posted| answer(posted, names)).map_err(Clone::clone)
}

fn answer(posted: &Posted, names: &Names) -> Answer {
    let account = posted.account;
    let holds = posted.holds.iter().map(|hold| {
        let numbers = [hold.amount, hold.captured, hold.overrun, hold.left].map(Credits::get);
        let name = names.hold(account, hold.id).unwrap().to_owned();
        (name, (numbers, hold.state, hold.expires_at))
    });
    Answer {
        lines: posted.entries.iter().map(|entry| line(entry, names)).collect(),
        grants: posted.grants.iter().map(|row| names.grant(account, row.id).unwrap().to_owned()).collect(),
        usages: posted.usages.iter().map(|usage| usage.number).collect(),
        holds: holds.collect(),
        available: posted.available.get(),
        replayed: posted.replayed,
    }
}

fn line(entry: &Entry, names: &Names) -> Line {
    let account = entry.account;
    Line {
        kind: entry.kind.as_str().to_owned(),
        amount: entry.amount.get(),
        after: entry.balance_after.get(),
        available: entry.available_after.get(),
        effective_at: entry.effective_at,
        recorded_at: entry.recorded_at,
        by_time: entry.actor == Actor::Time,
        key: entry.posting_key.as_ref().map(|key| key.as_str().to_owned()),
        grant: entry.grant.map(|id| names.grant(account, id).unwrap().to_owned()),
        hold: entry.hold.map(|id| names.hold(account, id).unwrap().to_owned()),
        reverses: entry.reverses,
        occurred_at: entry.occurred_at,
        usages: entry.usages,
    }
}

fn told_use(usage: &UsageRecord, names: &Names) -> UseTold {
    UseTold {
        entry: usage.entry,
        meter: usage.meter.clone(),
        dimensions: usage.dimensions.clone(),
        units: units(&usage.quantities),
        price: usage.price,
        markup: usage.markup,
        month: month(&usage.months),
        credits: usage.credits.get(),
        uncovered: usage.uncovered.get(),
        carried: usage.carried,
        kind: usage.kind.as_str().to_owned(),
        by_time: usage.actor == Actor::Time,
        key: usage.posting_key.as_ref().map(|key| key.as_str().to_owned()),
        hold: usage.hold.map(|id| names.hold(usage.account, id).unwrap().to_owned()),
        returns: usage.returns,
        occurred_at: usage.occurred_at,
        recorded_at: usage.recorded_at,
    }
}

fn units(quantities: &BTreeMap<String, Decimal>) -> BTreeMap<String, i64> {
    quantities.iter().map(|(name, units)| (name.clone(), i64::try_from(*units).unwrap())).collect()
}

fn held_told(held: &HeldUsage) -> HeldTold {
    (
        (held.tariff.meter.clone(), held.tariff.dimensions.clone()),
        (units(&held.held), units(&held.captured)),
        (held.captures, held.returned, held.booked, held.charged),
        month(&held.months),
    )
}

/// The one quantity of these tests stands in one month.
fn month(months: &MonthPositions) -> Option<(String, i64)> {
    assert!(months.keys().all(|quantity| quantity == "units"));
    let position = months.values().next()?;
    Some((position.month.to_string(), i64::try_from(position.before).unwrap()))
}

fn sums(row: &Balance) -> Sums {
    Sums {
        posted: row.posted.get(),
        held: row.held.get(),
        debt: row.debt.get(),
        late: row.late.get(),
        upcoming: row.upcoming.get(),
        free: [row.buckets.plan, row.buckets.purchased, row.buckets.bonus].map(Credits::get),
        available: row.available().get(),
        last_at: row.last_at,
        next_change_at: row.next_change_at,
    }
}

pub(crate) fn grant_seen(row: &Grant) -> GrantSeen {
    GrantSeen {
        amount: row.amount.get(),
        left: row.remaining.get(),
        pinned: row.pinned.get(),
        forfeited: row.forfeited.get(),
        clawed: row.clawed.get(),
        begin: row.effective_at,
        end: row.expires_at,
        late_until: row.late_until,
        stage: row.is_live().then_some(row.stage),
    }
}

fn holds<'a>(
    rows: impl Iterator<Item = &'a Hold>,
    account: AccountId,
    names: &Names,
) -> BTreeMap<String, HoldTold> {
    let slice = |slice: &Slice| {
        let grant = names.grant(account, slice.grant).unwrap().to_owned();
        (grant, slice.amount.get(), slice.left.get())
    };
    let told = |row: &Hold| HoldTold {
        amount: row.amount.get(),
        captured: row.captured.get(),
        overrun: row.overrun.get(),
        usages: row.usages.iter().map(held_told).collect(),
        state: row.state,
        placed_at: row.placed_at,
        expires_at: row.expires_at,
        ended_at: row.ended_at,
        slices: row.slices.iter().map(slice).collect(),
        uncovered: (row.uncovered.get(), row.uncovered_left.get()),
    };
    rows.map(|row| (names.hold(account, row.id).unwrap().to_owned(), told(row))).collect()
}
