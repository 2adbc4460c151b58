//! An account that is being worked on, and what has to be written because of it.

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

/// An account that is being worked on.
///
/// Every change goes through here: the kept sums follow, what has to be written is gathered, and what stood
/// there before is remembered, so that a refused posting leaves nothing behind.
pub(super) struct Draft<'a> {
    pub(super) state: &'a mut AccountState,
    pub(super) writes: Writes,
    pub(super) now: Timestamp,
    pub(super) ids: &'a dyn IdSource,
    /// What the request said that is being carried out; none where time passes.
    fingerprint: Option<Fingerprint>,
    undo: Vec<Undo>,
}

/// An entry that does not know its number yet.
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

/// What an entry is about.
#[derive(Default)]
pub(super) struct Links {
    pub(super) grant: Option<GrantId>,
    pub(super) hold: Option<HoldId>,
    pub(super) reverses: Option<i64>,
    /// The first and the last number of the usage.
    pub(super) usages: Option<(i64, i64)>,
    pub(super) occurred_at: Option<Timestamp>,
}

/// What an entry moves.
#[derive(Default)]
pub(super) struct Moved {
    /// The grants as they are after it, each with how much came in (positive) or went out (negative).
    pub(super) grants: Vec<(Grant, Credits)>,
    /// What is owed because of it (positive) or no longer (negative).
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

    /// Carries out what a request says.
    pub(super) fn of_request(self, fingerprint: Fingerprint) -> Self {
        Self { fingerprint: Some(fingerprint), ..self }
    }

    /// Takes everything back.
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

    /// The id of an entry to come.
    pub(super) fn next_entry(&self) -> EntryId {
        EntryId::new(self.ids)
    }

    /// Writes one entry down, with what it moves. Its parts stand in the order given.
    pub(super) fn post(&mut self, new: NewEntry, moved: Moved) -> Result<(), Refusal> {
        self.post_as(self.next_entry(), new, moved)
    }

    /// Writes one entry down under an id that was taken before.
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

    /// Keeps `grant` as it is now.
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

    /// Keeps `hold` as it is now.
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

    /// Keeps what is left to give back of an entry.
    pub(super) fn put_reversible(&mut self, entry: Reversible) {
        if let Some(before) = self.state.put_reversible(entry) {
            self.undo.push(Undo::Reversible(before));
        }
    }

    /// Keeps what is left to give back of a usage.
    pub(super) fn put_usage(&mut self, usage: UsageLeft) {
        if let Some(before) = self.state.put_usage(usage) {
            self.undo.push(Undo::Usage(Box::new(before)));
        }
    }

    /// Carries what is carried of `meter` from now on.
    pub(super) fn carry(&mut self, meter: &str, carry: Carry) {
        let before = self.state.carry(meter, carry);
        self.undo.push(Undo::Carried(meter.to_owned(), before));
        self.writes.carried.insert((self.state.balance.account, meter.to_owned()), carry);
    }

    /// Counts so many units at `key` from now on.
    pub(super) fn count(&mut self, key: MonthKey, units: Decimal) {
        let before = self.state.count(key.clone(), units);
        self.undo.push(Undo::Counted(key.clone(), before));
        self.writes.months.insert((self.state.balance.account, key), units);
    }

    /// Writes usage down, and answers the first and the last number that it got. With `moves`, the entry that is posted
    /// next takes its credits, or gives them back.
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

    /// Lets what is free repay what is owed, in burn order.
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
