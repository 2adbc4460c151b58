//! What a batch needs to know of its accounts.
//!
//! An account can have hundreds of live grants, of which a spend draws on the first one or two. So a store
//! loads the first few in burn order, and everything only for the accounts that [`WorkingSet::lacking`]
//! names. Core decides what suffices; the store only counts rows.

use std::collections::{BTreeMap, BTreeSet};

use super::{AccountState, Command, Posting, WorkingSet};
use crate::values::{AccountId, Credits, EntryId, GrantId, HoldId, Timestamp};

/// More than any account has: all of it has to be loaded.
const EVERYTHING: Credits = Credits::new(i64::MAX);

/// What a batch names besides its accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Holds to settle or change.
    pub holds: BTreeSet<(AccountId, HoldId)>,
    /// Grants to take back, call off or extend.
    pub grants: BTreeSet<(AccountId, GrantId)>,
    /// Entries to give back.
    pub entries: BTreeSet<(AccountId, EntryId)>,
    /// Meters whose fractions are carried.
    pub meters: BTreeSet<(AccountId, String)>,
}

impl Named {
    /// What the commands of `batch` name.
    pub fn of(batch: &[Posting]) -> Self {
        let mut named = Self::default();
        for posting in batch {
            for command in &posting.commands {
                named.holds.extend(command.hold().map(|hold| (posting.account, hold)));
                named.grants.extend(command.grant().map(|grant| (posting.account, grant)));
                named.entries.extend(command.entry().map(|entry| (posting.account, entry)));
                let meter = command.usage().map(|usage| (posting.account, usage.meter.clone()));
                named.meters.extend(meter);
            }
        }
        named
    }
}

impl WorkingSet {
    /// The accounts of which everything live has to be loaded before `batch` can be decided at `now`: what
    /// was loaded may not cover what is asked for, or time has something to change.
    pub fn lacking(&self, batch: &[Posting], now: Timestamp) -> BTreeSet<AccountId> {
        let mut asked: BTreeMap<AccountId, i128> = BTreeMap::new();
        for posting in batch {
            let state = self.accounts.get(&posting.account).filter(|state| !state.is_whole());
            let Some(state) = state else { continue };
            let sum = asked.entry(posting.account).or_default();
            for command in &posting.commands {
                *sum = sum.saturating_add(i128::from(demand(state, command).get().max(0)));
            }
        }
        let lacks = |(account, asked): (AccountId, i128)| {
            let state = self.accounts.get(&account)?;
            let due = state.balance.next_change_at.is_some_and(|at| at <= now.max(state.balance.last_at));
            let short = i128::from(state.loaded_credits().get()) < asked;
            (due || short).then_some(account)
        };
        asked.into_iter().filter_map(lacks).collect()
    }
}

/// How many free credits `command` may draw on.
fn demand(state: &AccountState, command: &Command) -> Credits {
    // A fraction that was carried may add one credit.
    let with_carry =
        |amount: Credits, carries: bool| Credits::new(amount.get().saturating_add(i64::from(carries)));
    match command {
        Command::Spend(spend) if spend.occurred_at.is_some() && !state.balance.late.is_zero() => EVERYTHING,
        Command::Spend(spend) => with_carry(spend.amount, spend.usage.is_some()),
        Command::Hold(hold) => hold.amount,
        // What the hold has pinned may be captured by an earlier command, and more than that may be asked for.
        Command::Capture(capture) => {
            let all = || state.hold(capture.hold).map_or(Credits::ZERO, super::Hold::unsettled);
            with_carry(capture.amount.unwrap_or_else(all), capture.usage.is_some())
        }
        Command::Clawback(_)
        | Command::Void { .. }
        | Command::ExtendGrant { .. }
        | Command::EndGrant { .. } => EVERYTHING,
        Command::Advance
        | Command::Grant(_)
        | Command::Release { .. }
        | Command::ExtendHold { .. }
        | Command::Reverse(_) => Credits::ZERO,
    }
}

impl Command {
    /// The hold that it settles or changes.
    pub(super) fn hold(&self) -> Option<HoldId> {
        match self {
            Self::Capture(capture) => Some(capture.hold),
            Self::Release { hold } | Self::ExtendHold { hold, .. } => Some(*hold),
            _ => None,
        }
    }

    fn grant(&self) -> Option<GrantId> {
        match self {
            Self::Clawback(clawback) => Some(clawback.grant),
            Self::Void { grant, .. } | Self::ExtendGrant { grant, .. } | Self::EndGrant { grant, .. } => {
                Some(*grant)
            }
            _ => None,
        }
    }

    fn entry(&self) -> Option<EntryId> {
        match self {
            Self::Reverse(reverse) => Some(reverse.entry),
            _ => None,
        }
    }

    fn usage(&self) -> Option<&super::Metered> {
        match self {
            Self::Spend(spend) => spend.usage.as_ref(),
            Self::Capture(capture) => capture.usage.as_ref(),
            _ => None,
        }
    }
}
