//! Random commands.

use billing_core::ledger::{
    CaptureHold, Charge, ClawBack, ClawbackPolicy, Command, EntryType, ExtendHold, GrantCredits, PlaceHold,
    ReverseSpend, Rollover, Shortfall, Source, SpendCredits, SpendType, Taken,
};
use billing_core::values::{BusinessKey, Credits, Metadata, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

use super::MAX;
use super::known::{Known, WHICH, Which};
use crate::tariffs;

/// What somebody asks for; credits instead, where there is nothing yet to do it with.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    what: What,
    instead: Give,
    /// Whether to ask for it although there is nothing to do it with.
    stubborn: bool,
}

/// A command, with moments counted in seconds from the moment at which it is sent.
#[derive(Debug, Clone)]
enum What {
    Give(Give),
    Take { what: Amount, shortfall: Shortfall, happened: Option<i64>, adjusts: bool },
    SetAside { what: Amount, end: i64 },
    Capture { hold: Which, what: Option<Amount>, shortfall: Shortfall, last: bool, or_spend: bool },
    Release { hold: Which },
    ExtendHold { hold: Which, end: Option<i64>, what: Option<Amount> },
    Reverse { entry: Which, usage: bool, amount: Option<i64>, refund_end: i64 },
    TakeBack { grant: Which, total: i64, owe: bool },
    Void { grant: Which },
    ExtendGrant { grant: Which, end: Option<i64> },
    EndGrant { grant: Which, at: i64 },
}

#[derive(Debug, Clone)]
pub(super) struct Give {
    amount: i64,
    priority: i16,
    source: Source,
    begin: Option<i64>,
    end: Option<i64>,
    late: u32,
    /// The cap, and how long after the end what rolls over ends.
    rollover: Option<(i64, i64)>,
    fact: u16,
    adjusts: bool,
}

/// Credits, or tariffs and units.
#[derive(Debug, Clone)]
enum Amount {
    Credits(i64),
    Usage(Vec<(u8, u32)>),
}

pub(super) fn ask() -> impl Strategy<Value = Ask> {
    let asked = (what(), give(), prop::bool::weighted(0.1));
    asked.prop_map(|(what, instead, stubborn)| Ask { what, instead, stubborn })
}

fn what() -> impl Strategy<Value = What> {
    let take = (what_amount(), shortfall(), happened(), prop::bool::weighted(0.05));
    let take = take.prop_map(|(what, shortfall, happened, adjusts)| What::Take {
        what,
        shortfall,
        happened,
        adjusts,
    });
    let set_aside = (what_amount(), soon()).prop_map(|(what, end)| What::SetAside { what, end });
    let captured =
        prop_oneof![8 => what_amount().prop_map(Some), 1 => Just(Some(Amount::Credits(0))), 2 => Just(None)];
    let capture = (WHICH, captured, shortfall(), prop::bool::weighted(0.3), any::<bool>());
    let capture = capture.prop_map(|(hold, what, shortfall, last, or_spend)| What::Capture {
        hold,
        what,
        shortfall,
        last,
        or_spend,
    });
    let raised = (WHICH, prop::option::weighted(0.7, soon()), prop::option::weighted(0.5, what_amount()));
    let returned = (WHICH, any::<bool>(), prop::option::weighted(0.3, amount()), soon());
    let reverse = returned.prop_map(|(entry, usage, amount, refund_end)| What::Reverse {
        entry,
        usage,
        amount,
        refund_end,
    });
    let total = prop_oneof![3 => amount(), 1 => Just(MAX)];
    let taken = (WHICH, total, prop::bool::weighted(0.7));
    let end =
        prop_oneof![1 => Just(None), 5 => (20_i64..60).prop_map(Some), 2 => (-1_i64..20).prop_map(Some)];
    prop_oneof![
        6 => give().prop_map(What::Give),
        7 => take,
        5 => set_aside,
        6 => capture,
        3 => WHICH.prop_map(|hold| What::Release { hold }),
        2 => raised.prop_map(|(hold, end, what)| What::ExtendHold { hold, end, what }),
        5 => reverse,
        3 => taken.prop_map(|(grant, total, owe)| What::TakeBack { grant, total, owe }),
        1 => WHICH.prop_map(|grant| What::Void { grant }),
        2 => (WHICH, end).prop_map(|(grant, end)| What::ExtendGrant { grant, end }),
        2 => (WHICH, -3_i64..30).prop_map(|(grant, at)| What::EndGrant { grant, at }),
    ]
}

fn give() -> impl Strategy<Value = Give> {
    let begin = prop_oneof![6 => Just(None), 1 => (-3_i64..10).prop_map(Some)];
    let end = prop_oneof![4 => Just(None), 16 => (1_i64..40).prop_map(Some), 1 => (-1_i64..1).prop_map(Some)];
    let late = prop_oneof![2 => Just(0), 2 => 1_u32..20];
    let longer = prop_oneof![20 => 1_i64..20, 1 => Just(0)];
    let rollover =
        prop::option::weighted(0.3, (prop_oneof![16 => 0_i64..20, 4 => Just(MAX), 1 => Just(-3)], longer));
    let fact = 0_u16..400;
    let given = (amount(), -1_i16..2, select(Source::ALL), begin, end, late, rollover, fact);
    (given, prop::bool::weighted(0.1)).prop_map(
        |((amount, priority, source, begin, end, late, rollover, fact), adjusts)| Give {
            amount,
            priority,
            source,
            begin,
            end,
            late,
            rollover,
            fact,
            adjusts,
        },
    )
}

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        100 => 1_i64..25,
        4 => select(vec![MAX, MAX - 1, MAX / 2, 1 << 40, 1000]),
        1 => select(vec![0, -1, MAX + 1, i64::MAX, i64::MIN]),
    ]
}

fn what_amount() -> impl Strategy<Value = Amount> {
    let units = prop_oneof![
        6 => select(vec![0, 1, 250_000, 333_333, 500_000, 999_999]),
        4 => 1_000_000_u32..12_000_000,
    ];
    let tariff = prop_oneof![2 => 0..tariffs::TIERED, 1 => tariffs::TIERED..tariffs::COUNT];
    let used = prop::collection::vec((tariff, units), 1..3);
    prop_oneof![3 => amount().prop_map(Amount::Credits), 2 => used.prop_map(Amount::Usage)]
}

fn shortfall() -> impl Strategy<Value = Shortfall> {
    prop_oneof![
        6 => Just(Shortfall::Refuse),
        3 => Just(Shortfall::TakeWhatIsThere),
        1 => Just(Shortfall::Owe),
    ]
}

/// How long ago usage happened.
fn happened() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![30 => Just(None), 20 => (0_i64..30).prop_map(Some), 1 => Just(Some(-1))]
}

/// In how many seconds something ends.
fn soon() -> impl Strategy<Value = i64> {
    prop_oneof![20 => 1_i64..40, 1 => -2_i64..1]
}

impl Ask {
    /// The command, sent at `now` by somebody who knows `known`.
    pub(super) fn command(&self, now: Timestamp, known: &Known) -> Command {
        let possible = match self.what {
            What::Give(_) => true,
            What::Capture { .. } | What::Release { .. } | What::ExtendHold { .. } => known.has_open_hold(),
            What::Reverse { usage: true, .. } => known.has_usage(),
            What::Reverse { .. } => known.has_spend(),
            _ => known.has_grant(),
        };
        if possible || self.stubborn {
            self.what.command(now, known)
        } else {
            Command::Grant(self.instead.command(now))
        }
    }
}

impl What {
    fn command(&self, now: Timestamp, known: &Known) -> Command {
        let after = |seconds: &i64| now.plus_seconds(*seconds);
        match self {
            Self::Give(give) => Command::Grant(give.command(now)),
            Self::Take { what, shortfall, happened, adjusts } => Command::Spend(SpendCredits {
                charge: what.charge(),
                shortfall: *shortfall,
                occurred_at: happened.map(|seconds| after(&-seconds)),
                ..SpendCredits::new(Credits::new(1), kind(*adjusts), String::new())
            }),
            Self::SetAside { what, end } => Command::Hold(PlaceHold {
                charge: what.charge(),
                expires_at: after(end),
                description: String::new(),
                metadata: Metadata::default(),
            }),
            Self::Capture { hold, what, shortfall, last, or_spend } => Command::Capture(CaptureHold {
                hold: known.hold(*hold),
                charge: what.as_ref().map(Amount::charge),
                shortfall: *shortfall,
                last: *last,
                or_spend: *or_spend,
                kind: kind(false),
                description: String::new(),
                metadata: Metadata::default(),
            }),
            Self::Release { hold } => Command::Release { hold: known.hold(*hold) },
            Self::ExtendHold { hold, end, what } => Command::ExtendHold(ExtendHold {
                hold: known.hold(*hold),
                expires_at: end.as_ref().map(after),
                charge: what.as_ref().map(Amount::charge),
            }),
            Self::Reverse { entry, usage, amount, refund_end } => Command::Reverse(ReverseSpend {
                taken: if *usage {
                    Taken::Usage(known.usage(*entry))
                } else {
                    Taken::Entry(known.entry(*entry))
                },
                amount: amount.map(Credits::new),
                refund_expires_at: after(refund_end),
                description: String::new(),
                metadata: Metadata::default(),
            }),
            Self::TakeBack { grant, total, owe } => Command::Clawback(ClawBack {
                grant: known.grant(*grant),
                total: Credits::new(*total),
                policy: if *owe { ClawbackPolicy::Debt } else { ClawbackPolicy::WriteOff },
                description: String::new(),
            }),
            Self::Void { grant } => Command::Void { grant: known.grant(*grant), description: String::new() },
            Self::EndGrant { grant, at } => Command::EndGrant { grant: known.grant(*grant), at: after(at) },
            Self::ExtendGrant { grant, end } => {
                Command::ExtendGrant { grant: known.grant(*grant), expires_at: end.as_ref().map(after) }
            }
        }
    }
}

impl Give {
    fn command(&self, now: Timestamp) -> GrantCredits {
        let after = |seconds: i64| now.plus_seconds(seconds);
        let fact = BusinessKey::from_stored(format!("fact {}", self.fact));
        GrantCredits {
            priority: self.priority,
            effective_at: self.begin.map(after),
            expires_at: self.end.map(after),
            late_seconds: self.late,
            rollover: self.rollover.filter(|_| self.end.is_some() || self.fact.is_multiple_of(16)).map(
                |(cap, longer)| Rollover {
                    cap: Credits::new(cap),
                    until: after(self.end.unwrap_or_default() + longer),
                },
            ),
            kind: if self.adjusts { EntryType::ADJUSTMENT } else { EntryType::GRANT },
            ..GrantCredits::new(Credits::new(self.amount), self.source, fact, String::new())
        }
    }
}

fn kind(adjusts: bool) -> EntryType {
    if adjusts { EntryType::ADJUSTMENT } else { EntryType::Spend(SpendType::default()) }
}

impl Amount {
    fn charge(&self) -> Charge {
        match self {
            Self::Credits(amount) => Charge::Credits(Credits::new(*amount)),
            Self::Usage(usages) => {
                Charge::Usage(usages.iter().map(|(which, units)| tariffs::used(*which, *units)).collect())
            }
        }
    }
}
