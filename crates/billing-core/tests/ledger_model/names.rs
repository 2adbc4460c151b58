//! What the ledger calls by id, in words that do not depend on ids.

use std::collections::BTreeMap;

use billing_core::values::{AccountId, EntryId, GrantId, HoldId, UsageId};

use crate::store::Rows;

/// Names of everything that a ledger has made so far: a grant's business fact, a hold's posting and place in
/// it, an entry's number, a usage's.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    grants: BTreeMap<GrantId, (AccountId, String)>,
    holds: BTreeMap<HoldId, (AccountId, String)>,
    entries: BTreeMap<EntryId, (AccountId, i64)>,
    usages: BTreeMap<UsageId, (AccountId, i64)>,
}

impl Names {
    /// Takes in what is new in `rows`.
    pub(crate) fn learn(&mut self, rows: &Rows) {
        for entry in rows.entries.values() {
            self.entries.entry(entry.id).or_insert((entry.account, entry.seq));
        }
        for usage in rows.usages.values() {
            self.usages.entry(usage.id).or_insert((usage.account, usage.number));
        }
        for grant in rows.grants.values() {
            if !self.grants.contains_key(&grant.id) {
                let name = self.of_business_key(grant.business_key.as_str());
                self.grants.insert(grant.id, (grant.account, name));
            }
        }
        let mut placed: BTreeMap<_, usize> = BTreeMap::new();
        for hold in rows.holds.values() {
            let number = placed.entry((hold.account, &hold.posting_key)).or_default();
            *number += 1;
            let name = format!("{} {number}", hold.posting_key.as_str());
            self.holds.entry(hold.id).or_insert((hold.account, name));
        }
    }

    /// A fact that names an id, in words instead.
    fn of_business_key(&self, fact: &str) -> String {
        let words = match fact.split_once(':') {
            Some(("rollover", grant)) => grant.parse().ok().and_then(|id| {
                let (_, heir_of) = self.grants.get(&id)?;
                Some(format!("rollover of {heir_of}"))
            }),
            Some((what @ ("refund" | "repaid"), entry)) => entry.parse().ok().and_then(|id| {
                let (_, seq) = self.entries.get(&id)?;
                Some(format!("{what} by {seq}"))
            }),
            _ => None,
        };
        words.unwrap_or_else(|| fact.to_owned())
    }

    /// The name of one of the account's grants.
    pub(crate) fn grant(&self, account: AccountId, id: GrantId) -> Option<&str> {
        own(account, self.grants.get(&id)).map(String::as_str)
    }

    /// The name of one of the account's holds.
    pub(crate) fn hold(&self, account: AccountId, id: HoldId) -> Option<&str> {
        own(account, self.holds.get(&id)).map(String::as_str)
    }

    /// The number of one of the account's usages.
    pub(crate) fn usage(&self, account: AccountId, id: UsageId) -> Option<i64> {
        own(account, self.usages.get(&id)).copied()
    }

    /// The number of one of the account's entries.
    pub(crate) fn entry(&self, account: AccountId, id: EntryId) -> Option<i64> {
        own(account, self.entries.get(&id)).copied()
    }
}

fn own<T>(account: AccountId, found: Option<&(AccountId, T)>) -> Option<&T> {
    found.filter(|(owner, _)| *owner == account).map(|(_, what)| what)
}
