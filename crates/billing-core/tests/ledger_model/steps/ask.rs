//! Random commands.

use std::collections::BTreeMap;

use billing_core::ledger::{
    CaptureHold, ClawBack, Command, EntryType, GrantCredits, Metered, Missing, PlaceHold, ReverseSpend,
    Rollover, Shortfall, Source, SpendCredits, SpendType,
};
use billing_core::values::{BusinessKey, Credits, Metadata, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

use super::MAX;
use super::known::{Known, WHICH, Which};

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
    Take { amount: i64, usage: Usage, partial: bool, happened: Option<i64>, adjusts: bool },
    SetAside { amount: i64, end: i64 },
    Capture { hold: Which, amount: i64, usage: Usage, last: bool, or_spend: bool },
    Release { hold: Which },
    ExtendHold { hold: Which, end: i64 },
    Reverse { entry: Which, amount: Option<i64>, refund_end: i64 },
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

/// A meter and millionths, if any.
type Usage = Option<(u8, u32)>;

pub(super) fn ask() -> impl Strategy<Value = Ask> {
    let asked = (what(), give(), prop::bool::weighted(0.1));
    asked.prop_map(|(what, instead, stubborn)| Ask { what, instead, stubborn })
}

fn what() -> impl Strategy<Value = What> {
    let take = (amount(), usage(), prop::bool::weighted(0.25), happened(), prop::bool::weighted(0.05));
    let take = take.prop_map(|(amount, usage, partial, happened, adjusts)| {
        let amount = if usage.is_some() && amount == 1 { 0 } else { amount };
        What::Take { amount, usage, partial, happened, adjusts }
    });
    let set_aside = (amount(), soon()).prop_map(|(amount, end)| What::SetAside { amount, end });
    let captured = prop_oneof![6 => amount(), 1 => Just(0)];
    let capture = (WHICH, captured, usage(), any::<bool>(), any::<bool>());
    let capture = capture.prop_map(|(hold, amount, usage, last, or_spend)| What::Capture {
        hold,
        amount,
        usage,
        last,
        or_spend,
    });
    let returned = (WHICH, prop::option::of(amount()), soon());
    let reverse =
        returned.prop_map(|(entry, amount, refund_end)| What::Reverse { entry, amount, refund_end });
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
        1 => (WHICH, soon()).prop_map(|(hold, end)| What::ExtendHold { hold, end }),
        4 => reverse,
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

fn usage() -> impl Strategy<Value = Usage> {
    let millionths = prop_oneof![
        20 => select(vec![0, 1, 250_000, 333_333, 500_000, 999_999]),
        1 => select(vec![1_000_000, u32::MAX]),
    ];
    prop::option::weighted(0.25, (0_u8..2, millionths))
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
            Self::Take { amount, usage, partial, happened, adjusts } => Command::Spend(SpendCredits {
                usage: usage.map(metered),
                shortfall: if *partial { Shortfall::TakeWhatIsThere } else { Shortfall::Refuse },
                occurred_at: happened.map(|seconds| after(&-seconds)),
                ..SpendCredits::new(Credits::new(*amount), kind(*adjusts), String::new())
            }),
            Self::SetAside { amount, end } => Command::Hold(PlaceHold {
                amount: Credits::new(*amount),
                expires_at: after(end),
                quote: None,
                description: String::new(),
                metadata: Metadata::default(),
            }),
            Self::Capture { hold, amount, usage, last, or_spend } => Command::Capture(CaptureHold {
                hold: known.hold(*hold),
                // One amount stands for none: all that is left.
                amount: (*amount != 7).then_some(Credits::new(*amount)),
                usage: usage.map(metered),
                last: *last,
                or_spend: *or_spend,
                kind: kind(false),
                description: String::new(),
                metadata: Metadata::default(),
            }),
            Self::Release { hold } => Command::Release { hold: known.hold(*hold) },
            Self::ExtendHold { hold, end } => {
                Command::ExtendHold { hold: known.hold(*hold), expires_at: after(end) }
            }
            Self::Reverse { entry, amount, refund_end } => Command::Reverse(ReverseSpend {
                entry: known.entry(*entry),
                amount: amount.map(Credits::new),
                refund_expires_at: after(refund_end),
                description: String::new(),
                metadata: Metadata::default(),
            }),
            Self::TakeBack { grant, total, owe } => Command::Clawback(ClawBack {
                grant: known.grant(*grant),
                total: Credits::new(*total),
                missing: if *owe { Missing::Owe } else { Missing::Forgo },
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

fn metered((meter, millionths): (u8, u32)) -> Metered {
    Metered {
        rate: "v1".to_owned(),
        meter: format!("meter {meter}"),
        dimensions: BTreeMap::new(),
        quantities: BTreeMap::new(),
        exact: String::new(),
        millionths,
    }
}
