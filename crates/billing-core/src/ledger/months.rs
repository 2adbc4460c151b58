//! Which units of a month a batch needs to know.

use std::collections::{BTreeMap, BTreeSet};

use super::{Command, Loaded, Named, Posting};
use crate::catalog::MonthKey;
use crate::values::{AccountId, Timestamp};

impl Named {
    /// Where units are counted on which deciding `batch` at `now` depends: of the usage that is reported, captured from the
    /// loaded holds, or given back. The time zones of [`monthly`](Self::monthly) accounts, the named holds and the usage to
    /// give back are `loaded` before.
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
            // As the decision has it: time never runs backwards for an account.
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

/// When the usage of a command happened, if it is reported late.
fn happened(command: &Command) -> Option<Timestamp> {
    match command {
        Command::Spend(spend) => spend.occurred_at,
        _ => None,
    }
}
