//! One account's story up to some posting.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use billing_core::ledger::{Command, ExtendHold, HoldState, Posting, Refusal, Rollover, Source, Stage};
use billing_core::values::{Credits, Timestamp};

use super::metering::{HeldStory, MeterStory, Use};
use crate::names::Names;
use crate::told::{Answer, Line, Told};

/// One account's story up to some posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Story {
    pub(super) clock: Timestamp,
    /// Every grant, in the order in which they were made.
    pub(super) pots: Vec<Pot>,
    /// Every hold, in the order in which they were placed.
    pub(super) asides: Vec<Aside>,
    pub(super) written: Vec<Written>,
    pub(super) owed: i128,
    /// What came to be owed or was repaid, by number of the line and grant.
    pub(super) debts: BTreeMap<(i64, Option<String>), i64>,
    /// All usage, by meter and one by one.
    pub(super) meters: BTreeMap<String, MeterStory>,
    /// Units by meter and month, where tiers count over one.
    pub(super) months: BTreeMap<(String, String), i128>,
    pub(super) uses: Vec<Use>,
}

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pot {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) source: Source,
    pub(super) priority: i16,
    pub(super) amount: i64,
    pub(super) begin: Timestamp,
    pub(super) end: Option<Timestamp>,
    pub(super) late_until: Option<Timestamp>,
    pub(super) rollover: Option<Rollover>,
    pub(super) stage: Stage,
    /// How much of it was taken back in all, from it or as debt.
    pub(super) claimed: i64,
    /// Where its credits are.
    pub(super) piles: Vec<(Place, i64)>,
}

/// Where credits of a grant are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// They do not count yet.
    Coming,
    /// In the grant, for whoever may take them.
    Free,
    /// In the grant, set aside by this hold.
    Pinned(usize),
    /// Spent by this line.
    Spent(i64),
    Expired,
    RolledOver,
    Voided,
    TakenBack,
    RepaidDebt,
    /// Given back as a grant of their own, since this one had ended.
    GivenBack,
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Aside {
    pub(super) name: String,
    pub(super) amount: i64,
    pub(super) captured: i64,
    pub(super) overrun: i64,
    pub(super) usages: Vec<HeldStory>,
    pub(super) state: HoldState,
    pub(super) placed_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
    /// The grants that it pinned, and how much of each.
    pub(super) slices: Vec<(usize, i64)>,
    pub(super) uncovered: i64,
    pub(super) uncovered_left: i64,
}

/// A line, and what it moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) line: Line,
    /// Which grants, in the order in which they were drawn.
    pub(super) parts: Vec<(usize, i64)>,
    /// What came to be owed for it and was not given back.
    pub(super) owed: i64,
    /// Whether it can be given back.
    pub(super) spend: bool,
}

/// A posting that is told.
pub(super) struct Telling<'a> {
    pub(super) posting: &'a Posting,
    pub(super) now: Timestamp,
    /// How far below zero spending may go.
    pub(super) limit: i64,
    pub(super) names: &'a Names,
}

impl Default for Story {
    fn default() -> Self {
        Self {
            clock: Timestamp::EPOCH,
            pots: Vec::new(),
            asides: Vec::new(),
            written: Vec::new(),
            owed: 0,
            debts: BTreeMap::new(),
            meters: BTreeMap::new(),
            months: BTreeMap::new(),
            uses: Vec::new(),
        }
    }
}

impl Story {
    pub(super) fn post(&mut self, telling: &Telling<'_>) -> Told {
        self.pass_time(telling.now)?;
        let (lines, pots, asides) = (self.written.len(), self.pots.len(), self.asides.len());
        let uses = self.uses.len();
        let mut touched = Vec::new();
        for command in &telling.posting.commands {
            match command {
                Command::Grant(asked) => self.give(telling, asked),
                Command::Spend(asked) => self.spend(telling, asked),
                Command::Hold(asked) => self.set_aside(telling, asked),
                Command::Capture(asked) => self.capture(telling, asked),
                Command::Release { hold } => self.release(telling, *hold),
                Command::ExtendHold(asked) => self.extend_hold(telling, asked),
                Command::Reverse(asked) => self.reverse(telling, asked),
                Command::Clawback(asked) => self.claw_back(telling, asked),
                Command::Void { grant, .. } => self.void(telling, *grant),
                Command::Advance => Ok(()),
                Command::ExtendGrant { grant, expires_at } => self.extend_grant(telling, *grant, *expires_at),
                Command::EndGrant { grant, at } => self.end_sooner(telling, *grant, *at),
            }?;
            self.repay();
            if let Command::Capture(billing_core::ledger::CaptureHold { hold, .. })
            | Command::Release { hold }
            | Command::ExtendHold(ExtendHold { hold, .. }) = command
            {
                touched.push(self.find_aside(telling, *hold)?);
            }
        }
        let holds = touched.into_iter().chain(asides..self.asides.len()).map(|place| {
            let aside = &self.asides[place];
            let left = self.set_aside_by(place);
            let numbers = [aside.amount, aside.captured, aside.overrun, left];
            (aside.name.clone(), (numbers, aside.state, aside.expires_at))
        });
        let asked_for = self.written[lines..].iter().filter(|written| !written.line.by_time);
        let given = self.pots[pots..].iter().filter(|pot| pot.kind != "rollover");
        Ok(Answer {
            // A grant that is ended at once ends by time, too; that is nobody's posting.
            lines: asked_for.map(|written| written.line.clone()).collect(),
            grants: given.map(|pot| pot.name.clone()).collect(),
            usages: self.uses_of(telling, uses),
            holds: holds.collect(),
            available: clamped(self.available()),
            replayed: false,
        })
    }

    /// The numbers of the usage after the first `before` that the posting reported itself.
    fn uses_of(&self, telling: &Telling<'_>, before: usize) -> Vec<i64> {
        let key = Some(telling.posting.key.as_str());
        let all = (1_i64..).zip(&self.uses).skip(before);
        all.filter(|(_, one)| one.told.key.as_deref() == key).map(|(number, _)| number).collect()
    }

    /// Where the next credit comes from, for usage that happened at `occurred_at` if it is reported late.
    pub(super) fn burns_next(&self, occurred_at: Option<Timestamp>) -> Option<usize> {
        let full = (0..self.pots.len()).filter(|place| self.takeable(*place, occurred_at) > 0);
        full.min_by(|one, other| burns_before(&self.pots[*one], &self.pots[*other]).then(one.cmp(other)))
    }

    /// What can be taken of a grant.
    pub(super) fn takeable(&self, place: usize, occurred_at: Option<Timestamp>) -> i64 {
        let pot = &self.pots[place];
        let lived_at = |moment| pot.begin <= moment && pot.end.is_some_and(|end| moment < end);
        match pot.stage {
            Stage::Active => pot.at(Place::Free),
            Stage::Late if occurred_at.is_some_and(lived_at) => pot.at(Place::Free),
            _ => 0,
        }
    }

    /// Free credits repay what is owed, whatever made them free.
    pub(super) fn repay(&mut self) {
        let seq = self.next_seq() - 1;
        while self.owed > 0
            && let Some(place) = self.burns_next(None)
        {
            let part = some_of(self.owed, self.pots[place].at(Place::Free));
            self.pots[place].shift(Place::Free, Place::RepaidDebt, part);
            self.owed -= i128::from(part);
            *self.debts.entry((seq, Some(self.pots[place].name.clone()))).or_default() -= part;
        }
    }

    pub(super) fn next_seq(&self) -> i64 {
        i64::try_from(self.written.len()).unwrap() + 1
    }

    pub(super) fn posted(&self) -> i64 {
        self.written.last().map_or(0, |last| last.line.after)
    }

    /// What one hold sets aside.
    pub(super) fn set_aside_by(&self, place: usize) -> i64 {
        let aside = &self.asides[place];
        if aside.state != HoldState::Open {
            return 0;
        }
        let pinned: i64 = self.pots.iter().map(|pot| pot.at(Place::Pinned(place))).sum();
        pinned + aside.uncovered_left
    }

    pub(super) fn held(&self) -> i128 {
        (0..self.asides.len()).map(|place| i128::from(self.set_aside_by(place))).sum()
    }

    pub(super) fn free_at(&self, stage: Stage) -> i128 {
        let pots = self.pots.iter().filter(|pot| pot.stage == stage);
        pots.map(|pot| i128::from(pot.at(Place::Free))).sum()
    }

    /// What can be spent without owing: posted less held, less what waits for late usage.
    pub(super) fn available(&self) -> i128 {
        i128::from(self.posted()) - self.held() - self.free_at(Stage::Late)
    }

    /// All that there is and all that is still to come has to fit one day, with `more`.
    pub(super) fn fits(&self, more: i64) -> Result<(), Refusal> {
        let all: i128 = self.pots.iter().map(|pot| i128::from(pot.left())).sum();
        narrow(all + i128::from(more)).map(drop)
    }

    /// A line of which only the kind and the amount are known.
    pub(super) fn line(&self, kind: &str, amount: i64, recorded_at: Timestamp) -> Line {
        Line {
            kind: kind.to_owned(),
            amount,
            after: 0,
            available: 0,
            effective_at: self.clock,
            recorded_at,
            by_time: true,
            key: None,
            grant: None,
            hold: None,
            reverses: None,
            occurred_at: None,
            usages: None,
        }
    }

    /// Writes a line down: `owed` came to be owed for it, or is no longer if negative.
    pub(super) fn write(
        &mut self,
        line: Line,
        parts: Vec<(usize, i64)>,
        owed: i64,
        spend: bool,
    ) -> Result<(), Refusal> {
        let after = narrow(i128::from(self.posted()) + i128::from(line.amount))?;
        narrow(self.owed)?;
        if owed != 0 {
            self.debts.insert((self.next_seq(), None), owed);
        }
        self.written.push(Written { line: Line { after, ..line }, parts, owed: owed.max(0), spend });
        let available = clamped(self.available());
        self.written.last_mut().unwrap().line.available = available;
        Ok(())
    }
}

impl Pot {
    /// How many of its credits are at `place`.
    pub(super) fn at(&self, place: Place) -> i64 {
        self.piles.iter().find(|(there, _)| *there == place).map_or(0, |(_, count)| *count)
    }

    /// What is left of it.
    pub(super) fn left(&self) -> i64 {
        self.sum(|place| matches!(place, Place::Coming | Place::Free | Place::Pinned(_)))
    }

    pub(super) fn pinned(&self) -> i64 {
        self.sum(|place| matches!(place, Place::Pinned(_)))
    }

    /// What ended unused.
    pub(super) fn forfeited(&self) -> i64 {
        self.sum(|place| matches!(place, Place::Expired | Place::RolledOver | Place::Voided))
    }

    fn sum(&self, counts: impl Fn(Place) -> bool) -> i64 {
        self.piles.iter().filter(|(place, _)| counts(*place)).map(|(_, count)| count).sum()
    }

    /// Moves credits; nothing comes from nowhere.
    pub(super) fn shift(&mut self, from: Place, to: Place, count: i64) {
        let there = self.at(from);
        assert!((0..=there).contains(&count), "{count} of {there} credits at {from:?} go to {to:?}");
        let put = self.at(to) + count;
        self.piles.retain(|(place, _)| *place != from && *place != to);
        self.piles.extend([(from, there - count), (to, put)]);
        self.piles.retain(|(_, count)| *count > 0);
    }
}

/// The burn order as it is written down: priority; expiring before not, sooner before later; source;
/// effective earlier. What was made first settles the rest.
pub(super) fn burns_before(one: &Pot, other: &Pot) -> Ordering {
    let priority = one.priority.cmp(&other.priority);
    let expiry = match (one.end, other.end) {
        (Some(mine), Some(theirs)) => mine.cmp(&theirs),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    let source = rank(one.source).cmp(&rank(other.source));
    priority.then(expiry).then(source).then(one.begin.cmp(&other.begin))
}

fn rank(source: Source) -> Option<usize> {
    let order = ["promo", "check_in", "bonus", "gift", "plan", "refund", "manual", "purchase"];
    order.iter().position(|name| *name == source.as_str())
}

/// One credit, or as much as there is where one by one would take forever.
pub(super) fn some_of(missing: i128, there: i64) -> i64 {
    if missing <= 64 { 1 } else { i64::try_from(missing.min(i128::from(there))).unwrap() }
}

pub(super) fn movable(amount: Credits) -> Result<i64, Refusal> {
    let fits = (1..=9_007_199_254_740_991).contains(&amount.get());
    if fits { Ok(amount.get()) } else { Err(Refusal::InvalidAmount { amount }) }
}

/// A sum that has to fit 64 bits.
pub(super) fn narrow(sum: i128) -> Result<i64, Refusal> {
    i64::try_from(sum).map_err(|_| Refusal::BalanceOutOfRange)
}

pub(super) fn clamped(sum: i128) -> i64 {
    i64::try_from(sum.clamp(i128::from(i64::MIN), i128::from(i64::MAX))).unwrap()
}
