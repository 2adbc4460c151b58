//! The rows that a batch needs of its accounts.
//!
//! An account can have hundreds of live grants, of which a spend draws on the first one or two. So a store loads the
//! first few in burn order, and all live rows only for the accounts in [`WorkingSet::accounts_needing_full_load`].
//! Core decides what suffices; the store only counts rows.

use std::collections::{BTreeMap, BTreeSet};

use super::{AccountState, CaptureHold, Charge, Command, Hold, Posting, RatedUsage, Taken, WorkingSet};
use crate::catalog::MILLIONTHS;
use crate::values::{AccountId, Credits, EntryId, GrantId, HoldId, Timestamp, UsageId};

/// More than any account has, which requires a full load.
const EVERYTHING: Credits = Credits::new(i64::MAX);

/// The objects that a batch names besides its accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Holds to capture or change.
    pub holds: BTreeSet<(AccountId, HoldId)>,
    /// Grants to claw back, void or extend.
    pub grants: BTreeSet<(AccountId, GrantId)>,
    /// Entries to reverse, with all usage that they paid for.
    pub entries: BTreeSet<(AccountId, EntryId)>,
    /// Usage to reverse, with the entry that paid for it and the hold that it was captured from.
    pub usages: BTreeSet<(AccountId, UsageId)>,
    /// Meters with carries, besides those of the usage and the holds.
    pub meters: BTreeSet<(AccountId, String)>,
    /// Accounts with usage that has monthly tiers: they need the time zone, and then [`month_keys`](Self::month_keys).
    pub monthly: BTreeSet<AccountId>,
}

impl Named {
    /// The objects that the commands of `batch` name.
    pub fn of(batch: &[Posting]) -> Self {
        let mut named = Self::default();
        for posting in batch {
            for command in &posting.commands {
                named.holds.extend(command.hold().map(|hold| (posting.account, hold)));
                named.grants.extend(command.grant().map(|grant| (posting.account, grant)));
                match command.taken() {
                    Some(Taken::Entry(entry)) => {
                        named.entries.insert((posting.account, entry));
                    }
                    Some(Taken::Usage(usage)) => {
                        named.usages.insert((posting.account, usage));
                    }
                    None => {}
                }
                let meters = command.usages().iter().map(|usage| usage.tariff.meter.clone());
                named.meters.extend(meters.map(|meter| (posting.account, meter)));
                if command.usages().iter().any(|usage| usage.tariff.is_monthly()) {
                    named.monthly.insert(posting.account);
                }
            }
        }
        named
    }
}

impl WorkingSet {
    /// The accounts whose live rows all have to be loaded before `batch` can be decided at `now`: the loaded grants
    /// may not cover the amounts, or a change is due.
    pub fn accounts_needing_full_load(&self, batch: &[Posting], now: Timestamp) -> BTreeSet<AccountId> {
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

/// The free credits that `command` may draw on.
fn demand(state: &AccountState, command: &Command) -> Credits {
    match command {
        Command::Spend(spend) if spend.occurred_at.is_some() && !state.balance.late.is_zero() => EVERYTHING,
        Command::Spend(spend) => most(&spend.charge),
        Command::Hold(hold) => most(&hold.charge),
        // With tiers more may become due than the current capture costs by itself.
        Command::Capture(CaptureHold { hold, .. }) | Command::Release { hold }
            if state.hold(*hold).is_some_and(has_tiers) =>
        {
            EVERYTHING
        }
        // An earlier command may capture the pinned credits, and this capture may exceed them.
        Command::Capture(capture) => {
            let hold = state.hold(capture.hold);
            let all = || hold.map_or(Credits::ZERO, Hold::unsettled);
            let charge = capture.charge.as_ref().map_or_else(all, most);
            sum([charge, Credits::new(hold.map_or(0, rests))])
        }
        Command::Release { hold } => Credits::new(state.hold(*hold).map_or(0, rests)),
        Command::ExtendHold(extend) => extend.charge.as_ref().map_or(Credits::ZERO, most),
        Command::Clawback(_)
        | Command::Void { .. }
        | Command::ExtendGrant { .. }
        | Command::EndGrant { .. } => EVERYTHING,
        Command::Advance | Command::Grant(_) | Command::Reverse(_) => Credits::ZERO,
    }
}

/// The most whole credits that a charge can cost, with the carry.
fn most(charge: &Charge) -> Credits {
    match charge {
        Charge::Credits(credits) => *credits,
        Charge::Usage(usages) => sum(usages.iter().map(|usage| {
            // Without a bound it is refused in most cases, whatever is loaded.
            let price = usage.tariff.most_anywhere(&usage.quantities).unwrap_or(i64::MAX);
            Credits::new(price.div_euclid(i64::from(MILLIONTHS)).saturating_add(2))
        })),
    }
}

fn has_tiers(hold: &Hold) -> bool {
    hold.usages.iter().any(|held| held.tariff.has_tiers())
}

/// The credits that the captured fractions of a hold can make at its end.
fn rests(hold: &Hold) -> i64 {
    i64::try_from(hold.usages.len()).unwrap_or(i64::MAX)
}

fn sum(all: impl IntoIterator<Item = Credits>) -> Credits {
    Credits::new(all.into_iter().fold(0, |sum, credits| sum.saturating_add(credits.get())))
}

impl Command {
    /// The hold that it captures or changes.
    pub(super) fn hold(&self) -> Option<HoldId> {
        match self {
            Self::Capture(capture) => Some(capture.hold),
            Self::Release { hold } => Some(*hold),
            Self::ExtendHold(extend) => Some(extend.hold),
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

    fn taken(&self) -> Option<Taken> {
        match self {
            Self::Reverse(reverse) => Some(reverse.taken),
            _ => None,
        }
    }

    pub(super) fn usages(&self) -> &[RatedUsage] {
        let charge = match self {
            Self::Spend(spend) => Some(&spend.charge),
            Self::Hold(hold) => Some(&hold.charge),
            Self::Capture(capture) => capture.charge.as_ref(),
            Self::ExtendHold(extend) => extend.charge.as_ref(),
            _ => None,
        };
        match charge {
            Some(Charge::Usage(usages)) => usages,
            _ => &[],
        }
    }
}
