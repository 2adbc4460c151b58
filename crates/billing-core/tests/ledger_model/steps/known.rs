//! What a caller can name: what was made before, and what was not.

use billing_core::ledger::{EntryType, HoldState};
use billing_core::values::{AccountId, EntryId, GrantId, HoldId, UsageId};

use crate::store::Rows;

/// What an account's caller can name, newest first.
pub(crate) struct Known {
    open_holds: Vec<HoldId>,
    holds: Vec<HoldId>,
    live_grants: Vec<GrantId>,
    grants: Vec<GrantId>,
    spends: Vec<EntryId>,
    entries: Vec<EntryId>,
    usages: Vec<UsageId>,
    others: Others,
}

/// What is another account's.
struct Others {
    hold: Option<HoldId>,
    grant: Option<GrantId>,
    entry: Option<EntryId>,
    usage: Option<UsageId>,
}

/// Which one of many: mostly one that can still be changed, sometimes any, rarely another account's or one
/// that is not there.
pub(crate) type Which = u8;

pub(super) const WHICH: std::ops::Range<Which> = 0..24;

impl Known {
    pub(crate) fn of(rows: &Rows, account: AccountId) -> Self {
        let holds: Vec<_> = newest(rows.holds_of(account));
        let grants: Vec<_> = newest(rows.grants_of(account));
        let entries: Vec<_> = newest(rows.entries_of(account));
        let open = holds.iter().filter(|hold| hold.state == HoldState::Open);
        let spends = entries.iter().filter(|entry| matches!(entry.kind, EntryType::Spend(_)));
        Self {
            open_holds: open.map(|hold| hold.id).collect(),
            holds: holds.iter().map(|hold| hold.id).collect(),
            live_grants: grants.iter().filter(|grant| grant.is_live()).map(|grant| grant.id).collect(),
            grants: grants.iter().map(|grant| grant.id).collect(),
            spends: spends.map(|entry| entry.id).collect(),
            entries: entries.iter().map(|entry| entry.id).collect(),
            usages: newest(rows.usages_of(account).map(|usage| usage.id)),
            others: Others {
                hold: rows.holds.values().find(|hold| hold.account != account).map(|hold| hold.id),
                grant: rows.grants.values().find(|grant| grant.account != account).map(|grant| grant.id),
                entry: rows.entries.values().find(|entry| entry.account != account).map(|entry| entry.id),
                usage: rows.usages.values().find(|usage| usage.account != account).map(|usage| usage.id),
            },
        }
    }

    pub(crate) fn has_grant(&self) -> bool {
        !self.live_grants.is_empty()
    }

    pub(crate) fn has_open_hold(&self) -> bool {
        !self.open_holds.is_empty()
    }

    pub(crate) fn has_spend(&self) -> bool {
        !self.spends.is_empty()
    }

    pub(crate) fn has_usage(&self) -> bool {
        !self.usages.is_empty()
    }

    pub(crate) fn usage(&self, which: Which) -> UsageId {
        let found = choose(which, &self.usages, &self.usages, self.others.usage);
        found.unwrap_or_else(|| UsageId::from_uuid(NOT_THERE))
    }

    pub(crate) fn hold(&self, which: Which) -> HoldId {
        let found = choose(which, &self.open_holds, &self.holds, self.others.hold);
        found.unwrap_or_else(|| HoldId::from_uuid(NOT_THERE))
    }

    pub(crate) fn grant(&self, which: Which) -> GrantId {
        let found = choose(which, &self.live_grants, &self.grants, self.others.grant);
        found.unwrap_or_else(|| GrantId::from_uuid(NOT_THERE))
    }

    pub(crate) fn entry(&self, which: Which) -> EntryId {
        let found = choose(which, &self.spends, &self.entries, self.others.entry);
        found.unwrap_or_else(|| EntryId::from_uuid(NOT_THERE))
    }
}

const NOT_THERE: uuid::Uuid = uuid::Uuid::from_u128(u128::MAX);

fn newest<T>(rows: impl Iterator<Item = T>) -> Vec<T> {
    let mut rows: Vec<T> = rows.collect();
    rows.reverse();
    rows
}

fn choose<T: Copy>(which: Which, likely: &[T], all: &[T], other: Option<T>) -> Option<T> {
    let nth = |of: &[T], which: Which| {
        let which = usize::from(which);
        if of.is_empty() { None } else { of.get(which % of.len()).copied() }
    };
    match which {
        0..15 => nth(likely, which),
        15..22 => nth(all, which - 15),
        22 => other,
        _ => None,
    }
}
