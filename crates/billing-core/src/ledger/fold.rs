//! The rule that every store runs: a batch of postings, decided in memory.

use std::collections::BTreeSet;

use super::advance::advance;
use super::decide::{Draft, decide};
use super::{AccountState, Balance, Command, Grant, Outcome, Posted, Posting, RecordedPosting, Refusal};
use super::{WorkingSet, Writes};
use crate::values::{BusinessKey, IdSource, Timestamp};

/// Decides `batch` in order, as if its postings came one at a time, and says what to write.
///
/// There is one outcome per posting. A refused posting writes nothing and leaves its neighbours alone. A key
/// that was recorded before answers its first outcome again if the request says the same. An account is
/// first advanced to `now`, or to its own last entry where that is later.
pub fn fold(
    set: &mut WorkingSet,
    batch: &[Posting],
    now: Timestamp,
    ids: &dyn IdSource,
) -> (Vec<Outcome>, Writes) {
    let mut writes = Writes::default();
    let WorkingSet { accounts, facts } = set;
    let outcomes = batch
        .iter()
        .map(|posting| {
            let unknown = Refusal::UnknownAccount { account: posting.account };
            let state = accounts.get_mut(&posting.account).ok_or(unknown)?;
            post(state, facts, &mut writes, posting, now, ids)
        })
        .collect();
    (outcomes, writes)
}

/// The account as it is at `now`, for a reader: what time has done since the last entry is worked out in
/// memory and not written. Returns the balance and the live grants in burn order.
pub fn read_as_of(mut state: AccountState, now: Timestamp, ids: &dyn IdSource) -> (Balance, Vec<Grant>) {
    let mut writes = Writes::default();
    let mut draft = Draft { state: &mut state, writes: &mut writes };
    // Advancing only takes away or counts what was bounded when it was granted; where it cannot go on, the
    // reader sees the last state that it could reach, and the audit reports the account.
    let _ = advance(&mut draft, now, ids);
    let grants = state.live_grants().cloned().collect();
    (state.balance, grants)
}

fn post(
    state: &mut AccountState,
    facts: &mut BTreeSet<BusinessKey>,
    writes: &mut Writes,
    posting: &Posting,
    now: Timestamp,
    ids: &dyn IdSource,
) -> Outcome {
    if let Some(recorded) = state.recorded(&posting.key) {
        let same = recorded.fingerprint == posting.fingerprint;
        return if same { Ok(recorded.replay()) } else { Err(Refusal::KeyReused) };
    }
    let granted = new_facts(facts, posting)?;
    let now = now.max(state.balance.last_at);

    // Decide on a copy: half a posting must not survive its refusal.
    let mut tried = state.to_try();
    let mut effects = Writes::default();
    let mut draft = Draft { state: &mut tried, writes: &mut effects };
    advance(&mut draft, now, ids)?;
    for command in &posting.commands {
        decide(&mut draft, posting, command, now, ids)?;
    }
    tried.balance.next_change_at = tried.next_change().map(|(at, _)| at);

    let key = Some(&posting.key);
    let entries: Vec<_> =
        effects.entries.iter().filter(|entry| entry.posting_key.as_ref() == key).cloned().collect();
    let grants: Vec<_> =
        effects.grants.values().filter(|grant| Some(&grant.posting_key) == key).cloned().collect();
    let recorded = RecordedPosting {
        key: posting.key.clone(),
        account: posting.account,
        fingerprint: posting.fingerprint,
        available: tried.balance.available(),
        entries: entries.clone(),
        grants: grants.clone(),
    };
    effects.postings.push(recorded.clone());
    effects.balances.insert(posting.account, tried.balance.clone());
    let available = tried.balance.available();

    state.keep(tried);
    state.remember(recorded);
    facts.extend(granted);
    writes.absorb(effects);
    Ok(Posted { account: posting.account, entries, grants, available, replayed: false })
}

/// The business facts that `posting` would grant for, if none of them has granted before.
fn new_facts(facts: &BTreeSet<BusinessKey>, posting: &Posting) -> Result<BTreeSet<BusinessKey>, Refusal> {
    if posting.commands.is_empty() {
        return Err(Refusal::Empty);
    }
    let mut granted = BTreeSet::new();
    for command in &posting.commands {
        if let Command::Grant(grant) = command {
            let key = &grant.business_key;
            if facts.contains(key) || !granted.insert(key.clone()) {
                return Err(Refusal::AlreadyGranted { business_key: key.clone() });
            }
        }
    }
    Ok(granted)
}

impl Writes {
    /// Adds what a later posting of the batch leaves behind; its rows replace earlier ones.
    fn absorb(&mut self, later: Self) {
        self.balances.extend(later.balances);
        self.grants.extend(later.grants);
        self.entries.extend(later.entries);
        self.allocations.extend(later.allocations);
        self.postings.extend(later.postings);
    }
}
