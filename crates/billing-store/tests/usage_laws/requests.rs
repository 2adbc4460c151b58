//! What is asked of a ledger, and random stories of that.

use billing_core::ledger::Shortfall;
use billing_core::values::Timestamp;
use proptest::prelude::*;

use crate::meters::Amounts;

/// A step of a story. What it is about is chosen when it is its turn, out of what there is by then.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// The owner.
    pub(crate) account: usize,
    pub(crate) act: Act,
    /// How many seconds after the step before it.
    pub(crate) seconds: i64,
    /// Whether it is posted in one batch with the next one, at the same moment.
    pub(crate) with_next: bool,
}

/// Which one of many, the newest first.
pub(crate) type Which = usize;

#[derive(Debug, Clone)]
pub(crate) enum Act {
    Grant {
        credits: i64,
        lives: Option<i64>,
    },
    Spend {
        credits: i64,
        shortfall: Shortfall,
    },
    Use {
        amounts: Amounts,
        shortfall: Shortfall,
        ago: Option<i64>,
    },
    Place {
        amounts: Amounts,
        lives: i64,
    },
    Raise {
        hold: Which,
        more: Amounts,
        lives: Option<i64>,
    },
    Capture {
        hold: Which,
        amounts: Option<Amounts>,
        shortfall: Shortfall,
        last: bool,
        or_spend: bool,
    },
    Release {
        hold: Which,
    },
    ReturnUsage {
        usage: Which,
        credits: Option<i64>,
    },
    ReturnEntry {
        entry: Which,
        credits: Option<i64>,
    },
    /// Sends an earlier request again, or another one with its key.
    Repeat {
        request: Which,
        altered: bool,
    },
}

/// A request that can be sent to any store: what it names, it names by numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) account: usize,
    pub(crate) key: String,
    pub(crate) ask: Ask,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    Grant { credits: i64, expires_at: Option<Timestamp> },
    Spend { credits: i64, shortfall: Shortfall },
    Use { amounts: Amounts, shortfall: Shortfall, occurred_at: Option<Timestamp> },
    Place { amounts: Amounts, expires_at: Timestamp },
    Raise { hold: usize, amounts: Amounts, expires_at: Option<Timestamp> },
    Capture { hold: usize, amounts: Option<Amounts>, shortfall: Shortfall, last: bool, or_spend: bool },
    Release { hold: usize },
    ReturnUsage { usage: i64, credits: Option<i64> },
    ReturnEntry { entry: i64, credits: Option<i64> },
}

pub(crate) fn stories() -> impl Strategy<Value = Vec<Step>> {
    let seconds = prop_oneof![8 => 0_i64..25, 1 => 60_i64..400];
    let step = (0_usize..2, act(), seconds, prop::bool::weighted(0.3));
    let step = step.prop_map(|(account, act, seconds, with_next)| Step { account, act, seconds, with_next });
    prop::collection::vec(step, 1..40)
}

fn act() -> impl Strategy<Value = Act> {
    let which = || 0_usize..8;
    let grant = (1_i64..60, prop::option::weighted(0.4, 20_i64..300));
    let spend = (1_i64..20, shortfall());
    let metered = (amounts(), shortfall(), prop::option::weighted(0.2, 0_i64..200));
    let raise = (which(), amounts(), prop::option::of(lives()));
    let captured = prop::option::weighted(0.8, amounts());
    let capture = (which(), captured, shortfall(), prop::bool::weighted(0.25), prop::bool::weighted(0.7));
    let credits = || prop::option::weighted(0.4, 1_i64..5);
    prop_oneof![
        2 => grant.prop_map(|(credits, lives)| Act::Grant { credits, lives }),
        1 => spend.prop_map(|(credits, shortfall)| Act::Spend { credits, shortfall }),
        6 => metered.prop_map(|(amounts, shortfall, ago)| Act::Use { amounts, shortfall, ago }),
        5 => (amounts(), lives()).prop_map(|(amounts, lives)| Act::Place { amounts, lives }),
        2 => raise.prop_map(|(hold, more, lives)| Act::Raise { hold, more, lives }),
        9 => capture.prop_map(|(hold, amounts, shortfall, last, or_spend)| {
            Act::Capture { hold, amounts, shortfall, last, or_spend }
        }),
        1 => which().prop_map(|hold| Act::Release { hold }),
        4 => (which(), credits()).prop_map(|(usage, credits)| Act::ReturnUsage { usage, credits }),
        2 => (which(), credits()).prop_map(|(entry, credits)| Act::ReturnEntry { entry, credits }),
        3 => (which(), prop::bool::weighted(0.2)).prop_map(|(request, altered)| Act::Repeat { request, altered }),
    ]
}

/// Mostly parts of a credit and a few credits, sometimes nothing at all.
fn amounts() -> impl Strategy<Value = Amounts> {
    let chat = || prop_oneof![1 => Just(0_i64), 6 => 1_i64..600, 3 => 600_i64..6_000];
    let pages = || prop_oneof![1 => Just(0_i64), 6 => 1_i64..300, 3 => 300_i64..1_500];
    prop_oneof![
        3 => chat().prop_map(|chat| [Some(chat), None]),
        3 => pages().prop_map(|pages| [None, Some(pages)]),
        2 => (chat(), pages()).prop_map(|(chat, pages)| [Some(chat), Some(pages)]),
    ]
}

fn shortfall() -> impl Strategy<Value = Shortfall> {
    prop_oneof![
        3 => Just(Shortfall::Refuse),
        2 => Just(Shortfall::TakeWhatIsThere),
        1 => Just(Shortfall::Owe),
    ]
}

fn lives() -> impl Strategy<Value = i64> {
    10_i64..200
}
