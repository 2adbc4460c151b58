//! Which units of a month a batch needs to know.

use std::collections::BTreeSet;

use super::{Command, Loaded, Posting};
use crate::catalog::MonthKey;
use crate::values::Timestamp;

impl Loaded {
    /// Where units are counted that deciding those of `batch` which are this account's at `now` depends on: of the usage
    /// that is reported, captured from the loaded holds, or given back. The time zone, the named holds and the usage to
    /// give back are loaded before.
    pub fn month_keys(&self, batch: &[Posting], now: Timestamp) -> BTreeSet<MonthKey> {
        let now = now.max(self.balance.last_at);
        let mut keys = BTreeSet::new();
        for posting in batch.iter().filter(|posting| posting.account == self.balance.account) {
            for command in &posting.commands {
                let month = self.zone.month_of(happened(command).unwrap_or(now));
                for usage in command.usages() {
                    keys.extend(usage.tariff.month_keys(usage.quantities.keys(), month));
                }
            }
        }
        for held in self.holds.iter().flat_map(|hold| &hold.usages) {
            let pinned = held.months.iter();
            keys.extend(pinned.map(|(quantity, position)| position.key(&held.tariff.meter, quantity)));
        }
        for usage in &self.usages {
            keys.extend(usage.record.counted_units().map(|(key, _)| key));
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
