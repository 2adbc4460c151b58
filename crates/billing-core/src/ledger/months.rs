//! The monthly units that a batch needs.

use std::collections::{BTreeMap, BTreeSet};

use super::{Command, Loaded, Named, Posting};
use crate::catalog::MonthKey;
use crate::values::{AccountId, Timestamp};

impl Named {
    /// The counters that the decision on `batch` at `now` depends on: those of usage that is reported, captured from
    /// the loaded holds, or reversed. The time zones of [`monthly`](Self::monthly) accounts, the named holds and the
    /// usage to reverse must be `loaded` before.
    pub fn month_keys(
        &self,
        batch: &[Posting],
        now: Timestamp,
        loaded: &BTreeMap<AccountId, Loaded>,
    ) -> BTreeSet<(AccountId, MonthKey)> {
        let mut keys = BTreeSet::new();
        for (account, loaded) in loaded {
            let held = loaded.holds.iter().flat_map(|hold| &hold.usages);
            let pinned = held.flat_map(|held| {
                let months = held.months.iter();
                months.map(|(quantity, position)| position.key(&held.tariff.meter, quantity))
            });
            let returned = loaded.usages.iter().flat_map(|usage| usage.record.counted_units());
            let counted = pinned.chain(returned.map(|(key, _)| key));
            keys.extend(counted.map(|key| (*account, key)));
        }
        for posting in batch.iter().filter(|posting| self.monthly.contains(&posting.account)) {
            let Some(loaded) = loaded.get(&posting.account) else { continue };
            // The time of the decision: time never goes back for an account.
            let now = now.max(loaded.balance.last_at);
            for command in &posting.commands {
                let month = loaded.zone.month_of(happened(command).unwrap_or(now));
                for usage in command.usages() {
                    let reported = usage.tariff.month_keys(usage.quantities.keys(), month);
                    keys.extend(reported.map(|key| (posting.account, key)));
                }
            }
        }
        keys
    }
}

/// The time of a command's usage, if it is reported late.
fn happened(command: &Command) -> Option<Timestamp> {
    match command {
        Command::Spend(spend) => spend.occurred_at,
        _ => None,
    }
}
