//! The ledger's rows and answers in the words of the comparison.

use std::collections::BTreeMap;

use billing_core::ledger::{AccountState, Actor, Balance, Entry, Grant, Hold, Outcome, Posted, Slice};
use billing_core::values::{AccountId, Credits};

use crate::names::Names;
use crate::store::Rows;
use crate::told::{Answer, GrantSeen, HoldTold, Line, Picture, Sums, Told};

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
        rows.carried.iter().filter(|((owner, _), millionths)| *owner == account && **millionths > 0);
    Picture {
        sums: sums(&rows.balances[&account]),
        lines: entries.iter().map(|entry| line(entry, names)).collect(),
        parts: entries.iter().map(parts).collect(),
        grants: rows.grants_of(account).map(|row| (grant(row.id), grant_seen(row))).collect(),
        holds: holds(rows.holds_of(account), account, names),
        debts,
        carried: carried.map(|((_, meter), millionths)| (meter.clone(), *millionths)).collect(),
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
        let numbers = [hold.amount, hold.captured, hold.left].map(Credits::get);
        let [amount, captured, left] = numbers;
        let name = names.hold(account, hold.id).unwrap().to_owned();
        (name, (amount, captured, left, hold.state, hold.expires_at))
    });
    Answer {
        lines: posted.entries.iter().map(|entry| line(entry, names)).collect(),
        grants: posted.grants.iter().map(|row| names.grant(account, row.id).unwrap().to_owned()).collect(),
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
        meter: entry.usage.as_ref().map(|usage| usage.meter.clone()),
    }
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
        state: row.state,
        placed_at: row.placed_at,
        expires_at: row.expires_at,
        ended_at: row.ended_at,
        slices: row.slices.iter().map(slice).collect(),
        uncovered: (row.uncovered.get(), row.uncovered_left.get()),
    };
    rows.map(|row| (names.hold(account, row.id).unwrap().to_owned(), told(row))).collect()
}
