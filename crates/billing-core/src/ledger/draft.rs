//! An account during a decision, and the rows to write for it.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::{
    AccountState, Actor, Allocation, Carry, ChainHash, DebtChange, Entry, EntryType, Grant, Hold, Refusal,
    Reversible, UsageLeft, UsageRecord, Writes,
};
use crate::catalog::MonthKey;
use crate::values::{
    Credits, DebtId, EntryId, Fingerprint, GrantId, HoldId, IdSource, Metadata, PostingKey, Timestamp,
};

/// An account during a decision.
///
/// All changes go through here: the sums are updated, the rows to write are collected, and the previous values are
/// remembered, so that a refused posting leaves no trace.
pub(super) struct Draft<'a> {
    pub(super) state: &'a mut AccountState,
    pub(super) writes: Writes,
    pub(super) now: Timestamp,
    pub(super) ids: &'a dyn IdSource,
    /// The fingerprint of the current request; none for due changes.
    fingerprint: Option<Fingerprint>,
    undo: Vec<Undo>,
}

/// An entry without a number.
pub(super) struct NewEntry {
    pub(super) kind: EntryType,
    pub(super) amount: Credits,
    pub(super) description: String,
    pub(super) actor: Actor,
    pub(super) posting_key: Option<PostingKey>,
    pub(super) metadata: Metadata,
    pub(super) effective_at: Timestamp,
    pub(super) links: Links,
}

/// The objects that an entry refers to.
#[derive(Default)]
pub(super) struct Links {
    pub(super) grant: Option<GrantId>,
    pub(super) hold: Option<HoldId>,
    pub(super) reverses: Option<i64>,
    /// The first and the last number of the usage.
    pub(super) usages: Option<(i64, i64)>,
    pub(super) occurred_at: Option<Timestamp>,
}

/// The effects of an entry.
#[derive(Default)]
pub(super) struct Moved {
    /// The grants after it, each with the credits in (positive) or out (negative).
    pub(super) grants: Vec<(Grant, Credits)>,
    /// New debt (positive) or repaid debt (negative).
    pub(super) owed: Credits,
}

enum Undo {
    Balance(Box<super::Balance>),
    Grant(GrantId, Option<Arc<Grant>>),
    Hold(HoldId, Option<Box<Hold>>),
    Reversible(Reversible),
    Usage(Box<UsageLeft>),
    Carried(String, Carry),
    Counted(MonthKey, Decimal),
}

impl<'a> Draft<'a> {
    pub(super) fn new(state: &'a mut AccountState, now: Timestamp, ids: &'a dyn IdSource) -> Self {
        let before = Undo::Balance(Box::new(state.balance.clone()));
        Self { state, writes: Writes::default(), now, ids, fingerprint: None, undo: vec![before] }
    }

    /// Executes commands of a request.
    pub(super) fn of_request(self, fingerprint: Fingerprint) -> Self {
        Self { fingerprint: Some(fingerprint), ..self }
    }

    /// Undoes all changes.
    pub(super) fn undo(self) {
        for step in self.undo.into_iter().rev() {
            match step {
                Undo::Balance(before) => self.state.balance = *before,
                Undo::Grant(_, Some(before)) => drop(self.state.put_grant(before)),
                Undo::Grant(id, None) => drop(self.state.take_grant(id)),
                Undo::Hold(_, Some(before)) => drop(self.state.put_hold(*before)),
                Undo::Hold(id, None) => drop(self.state.take_hold(id)),
                Undo::Reversible(before) => drop(self.state.put_reversible(before)),
                Undo::Usage(before) => drop(self.state.put_usage(*before)),
                Undo::Carried(meter, before) => {
                    let _ = self.state.carry(&meter, before);
                }
                Undo::Counted(key, before) => {
                    let _ = self.state.count(key, before);
                }
            }
        }
    }

    /// The id of a later entry.
    pub(super) fn next_entry(&self) -> EntryId {
        EntryId::new(self.ids)
    }

    /// Writes one entry with its effects. Its allocations keep their order.
    pub(super) fn post(&mut self, new: NewEntry, moved: Moved) -> Result<(), Refusal> {
        self.post_as(self.next_entry(), new, moved)
    }

    /// Writes one entry under an id that was taken before.
    pub(super) fn post_as(&mut self, id: EntryId, new: NewEntry, moved: Moved) -> Result<(), Refusal> {
        let balance_after = self.state.balance.posted.plus(new.amount)?;
        let seq = self.state.balance.seq.checked_add(1).ok_or(Refusal::BalanceOutOfRange)?;
        let first_part = self.writes.allocations.len();
        let account = self.state.balance.account;
        for (place, (grant, amount)) in moved.grants.into_iter().enumerate() {
            let position = u16::try_from(place).map_err(|_| Refusal::BalanceOutOfRange)?;
            self.writes.allocations.push(Allocation { account, seq, position, grant: grant.id, amount });
            self.put_grant(grant)?;
        }
        let debt = (!moved.owed.is_zero()).then(|| self.debt(seq, None, moved.owed, new.effective_at));
        self.state.balance.debt = self.state.balance.debt.plus(moved.owed)?;
        let mut entry = Entry {
            id,
            account,
            seq,
            kind: new.kind,
            amount: new.amount,
            balance_after,
            available_after: Credits::ZERO,
            description: new.description,
            actor: new.actor,
            posting_key: new.posting_key,
            grant: new.links.grant,
            hold: new.links.hold,
            reverses: new.links.reverses,
            usages: new.links.usages,
            occurred_at: new.links.occurred_at,
            metadata: new.metadata,
            erased: None,
            effective_at: new.effective_at,
            recorded_at: self.now.max(new.effective_at),
            hash: ChainHash::GENESIS,
        };
        let head = self.state.balance.head;
        self.state.balance.apply(&entry);
        entry.available_after = self.state.balance.available();
        let parts = self.writes.allocations[first_part..].iter();
        let parts =
            parts.map(|part| (*part, self.state.grant(part.grant).and_then(|given| part.terms(given))));
        let fingerprint = self.fingerprint.as_ref().filter(|_| entry.posting_key.is_some());
        let text = entry.text(&self.state.balance.text_key);
        entry.hash = head.then(&entry, &text, fingerprint, parts, debt.as_ref());
        self.state.balance.head = entry.hash;
        self.writes.debts.extend(debt);
        self.writes.entries.push(entry);
        Ok(())
    }

    /// Stores `grant`.
    pub(super) fn put_grant(&mut self, grant: Grant) -> Result<(), Refusal> {
        let grant = Arc::new(grant);
        let before = self.state.put_grant(grant.clone());
        if before.is_none() {
            self.writes.made.insert(grant.id);
        }
        let balance = &mut self.state.balance;
        let counted = before.as_ref().map_or(Ok(()), |before| balance.discount(before));
        self.undo.push(Undo::Grant(grant.id, before));
        counted?;
        self.state.balance.count(&grant)?;
        self.writes.grants.insert(grant.id, grant);
        Ok(())
    }

    /// Stores `hold`.
    pub(super) fn put_hold(&mut self, hold: Hold) -> Result<(), Refusal> {
        let left = hold.left();
        let before = self.state.put_hold(hold.clone());
        if before.is_none() {
            self.writes.placed.insert(hold.id);
        }
        let left_before = before.as_ref().map_or(Credits::ZERO, Hold::left);
        let was_open = before.as_ref().is_some_and(Hold::is_open);
        self.undo.push(Undo::Hold(hold.id, before.map(Box::new)));
        self.state.balance.held = self.state.balance.held.minus(left_before)?.plus(left)?;
        let opened = i64::from(hold.is_open()).saturating_sub(i64::from(was_open));
        self.state.balance.open_holds = self.state.balance.open_holds.saturating_add(opened);
        self.writes.holds.insert(hold.id, hold);
        Ok(())
    }

    /// Stores the reversible rest of an entry.
    pub(super) fn put_reversible(&mut self, entry: Reversible) {
        if let Some(before) = self.state.put_reversible(entry) {
            self.undo.push(Undo::Reversible(before));
        }
    }

    /// Stores the reversible rest of a usage.
    pub(super) fn put_usage(&mut self, usage: UsageLeft) {
        if let Some(before) = self.state.put_usage(usage) {
            self.undo.push(Undo::Usage(Box::new(before)));
        }
    }

    /// Sets the carry of `meter`.
    pub(super) fn carry(&mut self, meter: &str, carry: Carry) {
        let before = self.state.carry(meter, carry);
        self.undo.push(Undo::Carried(meter.to_owned(), before));
        self.writes.carried.insert((self.state.balance.account, meter.to_owned()), carry);
    }

    /// Sets the units at `key`.
    pub(super) fn count(&mut self, key: MonthKey, units: Decimal) {
        let before = self.state.count(key.clone(), units);
        self.undo.push(Undo::Counted(key.clone(), before));
        self.writes.months.insert((self.state.balance.account, key), units);
    }

    /// Records usage, and returns its first and last number. With `moves`, the next entry takes or returns its
    /// credits.
    pub(super) fn record(
        &mut self,
        usages: Vec<UsageRecord>,
        moves: bool,
    ) -> Result<Option<(i64, i64)>, Refusal> {
        let balance = &mut self.state.balance;
        let first = balance.usages.checked_add(1).ok_or(Refusal::BalanceOutOfRange)?;
        for mut usage in usages {
            balance.usages = balance.usages.checked_add(1).ok_or(Refusal::BalanceOutOfRange)?;
            usage.number = balance.usages;
            usage.entry = moves.then(|| balance.seq.saturating_add(1));
            usage.hash = balance.usage_head.then_usage(&usage, &usage.text(&balance.text_key));
            balance.usage_head = usage.hash;
            self.writes.usages.push(usage);
        }
        let last = self.state.balance.usages;
        Ok((first <= last).then_some((first, last)))
    }

    /// Repays debt from free credits, in burn order.
    pub(super) fn settle(&mut self) -> Result<(), Refusal> {
        while self.state.balance.debt > Credits::ZERO {
            let debt = self.state.balance.debt;
            let free = self.state.live_grants().find(|grant| !grant.spendable().is_zero());
            let Some(mut grant) = free.cloned() else { return Ok(()) };
            let part = debt.min(grant.free());
            grant.remaining = grant.remaining.minus(part)?;
            let (seq, id) = (self.state.balance.seq, grant.id);
            let repaid = self.debt(seq, Some(id), part.negated()?, self.state.balance.last_at);
            self.put_grant(grant)?;
            self.state.balance.debt = debt.minus(part)?;
            self.writes.debts.push(repaid);
        }
        Ok(())
    }

    fn debt(&self, seq: i64, grant: Option<GrantId>, amount: Credits, at: Timestamp) -> DebtChange {
        DebtChange { id: DebtId::new(self.ids), account: self.state.balance.account, seq, grant, amount, at }
    }
}
