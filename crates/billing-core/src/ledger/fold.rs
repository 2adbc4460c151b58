//! The rule that every store runs: a batch of postings, decided in memory.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::advance::advance;
use super::decide::decide;
use super::draft::Draft;
use super::{AccountState, Command, Grant, HoldSeen, Outcome, Posted, Posting, RecordedPosting};
use super::{Refusal, WorkingSet, Writes};
use crate::values::{BusinessKey, HoldId, IdSource, Timestamp};

/// Decides `batch` in order, as if its postings were posted one at a time, and returns the rows to write.
///
/// There is one outcome per posting. A refused posting writes nothing and does not affect its neighbours. A recorded
/// key answers its first outcome if the request has the same fingerprint. An account is first advanced to `now`, or to
/// its last write if that is later.
///
/// The accounts in `set` must hold everything that [`WorkingSet::accounts_needing_full_load`] requested.
pub fn fold(
    set: &mut WorkingSet,
    batch: &[Posting],
    now: Timestamp,
    ids: &dyn IdSource,
) -> (Vec<Outcome>, Writes) {
    let mut writes = Writes::default();
    let WorkingSet { accounts, business_keys } = set;
    let outcomes = batch
        .iter()
        .map(|posting| {
            let unknown = Refusal::UnknownAccount { account: posting.account };
            let state = accounts.get_mut(&posting.account).ok_or(unknown)?;
            post(state, business_keys, &mut writes, posting, now, ids)
        })
        .collect();
    (outcomes, writes)
}

/// The account as of `now`, for a reader: due changes are computed in memory and not written.
#[must_use]
pub fn read_as_of(mut state: AccountState, now: Timestamp, ids: &dyn IdSource) -> AccountState {
    let now = now.max(state.balance.last_at);
    let mut draft = Draft::new(&mut state, now, ids);
    // Advancing only applies changes that were bounded when they were granted; if it fails anyway, the reader gets the
    // last valid state, and the audit reports the account.
    let _ = advance(&mut draft);
    state.balance.next_change_at = state.nothing_before();
    state
}

fn post(
    state: &mut AccountState,
    business_keys: &mut BTreeSet<BusinessKey>,
    writes: &mut Writes,
    posting: &Posting,
    now: Timestamp,
    ids: &dyn IdSource,
) -> Outcome {
    if let Some(recorded) = state.recorded(&posting.key) {
        let same = recorded.fingerprint == posting.fingerprint;
        return if same { Ok(recorded.replay()) } else { Err(Refusal::KeyReused) };
    }
    if state.balance.frozen {
        return Err(Refusal::AccountFrozen);
    }
    let granted = new_business_keys(business_keys, posting)?;
    let now = now.max(state.balance.last_at);
    if posting.is_of_time() {
        return let_time_pass(state, writes, now, ids);
    }
    let mut draft = Draft::new(state, now, ids).of_request(posting.fingerprint);
    if let Err(refusal) = carry_out(&mut draft, posting) {
        draft.undo();
        return Err(refusal);
    }
    let mut effects = draft.writes;
    state.balance.next_change_at = state.nothing_before();

    let recorded = Arc::new(record(state, posting, &effects));
    effects.postings.push(recorded.clone());
    state.remember(recorded.clone());
    business_keys.extend(granted);
    writes.absorb(effects);
    writes.balances.insert(posting.account, state.balance.clone());
    Ok(Posted { replayed: false, ..recorded.replay() })
}

/// There is no request, so no key is recorded; unchanged rows are not written.
fn let_time_pass(
    state: &mut AccountState,
    writes: &mut Writes,
    now: Timestamp,
    ids: &dyn IdSource,
) -> Outcome {
    let before = state.balance.clone();
    let mut draft = Draft::new(state, now, ids);
    if let Err(refusal) = advance(&mut draft) {
        draft.undo();
        return Err(refusal);
    }
    let effects = draft.writes;
    state.balance.next_change_at = state.nothing_before();
    if state.balance != before {
        writes.balances.insert(before.account, state.balance.clone());
    }
    let entries = effects.entries.clone();
    writes.absorb(effects);
    Ok(Posted {
        account: before.account,
        entries,
        grants: Vec::new(),
        holds: Vec::new(),
        usages: Vec::new(),
        available: state.balance.available(),
        replayed: false,
    })
}

fn carry_out(draft: &mut Draft<'_>, posting: &Posting) -> Result<(), Refusal> {
    advance(draft)?;
    draft.state.balance.last_at = draft.now;
    posting.commands.iter().try_for_each(|command| decide(draft, posting, command))
}

/// The record of an accepted posting.
fn record(state: &AccountState, posting: &Posting, effects: &Writes) -> RecordedPosting {
    let key = Some(&posting.key);
    let entries = effects.entries.iter().filter(|entry| entry.posting_key.as_ref() == key);
    let grants = effects.grants.values().filter(|grant| grant.posting_key.as_ref() == key);
    let usages = effects.usages.iter().filter(|usage| usage.posting_key.as_ref() == key);
    let touched: BTreeSet<HoldId> = posting.commands.iter().filter_map(Command::hold).collect();
    let holds = effects.holds.values();
    let holds = holds.filter(|hold| hold.posting_key == posting.key || touched.contains(&hold.id));
    let mut holds: Vec<HoldSeen> = holds.map(super::Hold::seen).collect();
    let changed: BTreeSet<HoldId> = holds.iter().map(|hold| hold.id).collect();
    let others = touched.difference(&changed).filter_map(|id| state.hold(*id));
    holds.extend(others.map(super::Hold::seen));
    RecordedPosting {
        key: posting.key.clone(),
        account: posting.account,
        fingerprint: posting.fingerprint,
        available: state.balance.available(),
        entries: entries.cloned().collect(),
        usages: usages.cloned().collect(),
        grants: grants.map(|grant| Grant::clone(grant)).collect(),
        holds,
    }
}

/// The business keys that `posting` would grant under, if none of them is used.
fn new_business_keys(
    business_keys: &BTreeSet<BusinessKey>,
    posting: &Posting,
) -> Result<BTreeSet<BusinessKey>, Refusal> {
    if posting.commands.is_empty() {
        return Err(Refusal::Empty);
    }
    let mut granted = BTreeSet::new();
    for command in &posting.commands {
        if let Command::Grant(grant) = command {
            let key = &grant.business_key;
            if business_keys.contains(key) || !granted.insert(key.clone()) {
                return Err(Refusal::AlreadyGranted { business_key: key.clone() });
            }
        }
    }
    Ok(granted)
}

impl Writes {
    /// Merges the writes of a later posting of the batch; its rows replace earlier ones.
    fn absorb(&mut self, later: Self) {
        self.balances.extend(later.balances);
        self.grants.extend(later.grants);
        self.made.extend(later.made);
        self.holds.extend(later.holds);
        self.placed.extend(later.placed);
        self.debts.extend(later.debts);
        self.carried.extend(later.carried);
        self.months.extend(later.months);
        self.usages.extend(later.usages);
        self.entries.extend(later.entries);
        self.allocations.extend(later.allocations);
        self.postings.extend(later.postings);
    }
}
