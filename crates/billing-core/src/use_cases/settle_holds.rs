//! Set credits aside, and settle what was set aside.

use super::ensure_account::account_id;
use super::ledger_request::{Amount, LedgerRequest, charge_of, post_request};
use super::rate_held::rate_held;
use crate::BillingError;
use crate::billing::Ports;
use crate::ledger::{
    CaptureHold, Charge, Command, EntryType, ExtendHold, Hold, HoldSeen, PlaceHold, Posted, Refusal,
    Shortfall, SpendType, UsageRecord,
};
use crate::ports::StoreError;
use crate::values::{Credits, EntryId, HoldId, Metadata, Timestamp};

/// Credits that a backend wants to set aside.
#[derive(Debug, Clone)]
pub struct HoldCredits {
    /// Who asks on whose account.
    pub request: LedgerRequest,
    /// How many credits, or what is going to be used at most. Usage locks its rate card's version: the hold
    /// is settled at the price at which it was placed.
    pub amount: Amount,
    /// For how long, in seconds.
    pub seconds: u32,
    /// In a customer's words, what for.
    pub description: String,
    /// The caller's own notes.
    pub metadata: Metadata,
}

/// A hold that a backend wants to settle.
#[derive(Debug, Clone)]
pub struct SettleHold {
    /// Who asks on whose account.
    pub request: LedgerRequest,
    /// Which hold.
    pub hold: HoldId,
    /// How many credits, or what was used; all that it was placed for and that was not captured if nothing is said.
    pub amount: Option<Amount>,
    /// What to do with what neither the hold nor what is free beside it covers.
    pub overrun: Shortfall,
    /// Whether what the hold still sets aside is let go.
    pub last: bool,
    /// Whether to spend the amount in the ordinary way if the hold has lapsed.
    pub or_spend: bool,
    /// The caller's word for it.
    pub kind: SpendType,
    /// In a customer's words, what for.
    pub description: String,
    /// The caller's own notes.
    pub metadata: Metadata,
}

/// A hold that a backend wants to live longer, or to set more aside.
#[derive(Debug, Clone)]
pub struct RaiseHold {
    /// Who asks on whose account.
    pub request: LedgerRequest,
    /// Which hold.
    pub hold: HoldId,
    /// For how long from now, in seconds.
    pub seconds: Option<u32>,
    /// What it is for from now on in all.
    pub amount: Option<Amount>,
}

/// A hold after something was done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldChanged {
    /// The hold, as it was after it; for a repetition, after the first time.
    pub hold: HoldSeen,
    /// The entry in the account's history, where something was captured.
    pub entry: Option<EntryId>,
    /// The usage that was recorded, in the order in which it was reported.
    pub usages: Vec<UsageRecord>,
    /// How many credits were captured now.
    pub spent: Credits,
    /// What can be spent after it; for a repetition, after the first time.
    pub available: Credits,
    /// For a repetition, the hold as it is today; nothing was done now.
    pub current: Option<Hold>,
    /// Whether this answers a repetition.
    pub replayed: bool,
}

/// The longest that credits can be set aside.
const LONGEST: u32 = 31 * 86_400;

/// Sets credits aside.
///
/// # Errors
///
/// As [`spend_credits`](super::spend_credits::spend_credits).
pub(crate) async fn hold_credits(ports: &Ports, ask: HoldCredits) -> Result<HoldChanged, BillingError> {
    let now = ports.clock.now();
    let expires_at = later(now, ask.seconds)?;
    let command = async {
        let charge = charge_of(ports, &ask.amount, now).await?;
        let (description, metadata) = (ask.description, ask.metadata);
        Ok(Command::Hold(PlaceHold { charge, expires_at, description, metadata }))
    };
    let posted = post_request(ports, ask.request, now, command).await?;
    changed(ports, posted, now).await
}

/// Captures a hold, in part or in full.
///
/// # Errors
///
/// As [`spend_credits`](super::spend_credits::spend_credits); [`BillingError::Ledger`] also if there is no
/// such hold or it has ended.
pub(crate) async fn capture_hold(ports: &Ports, ask: SettleHold) -> Result<HoldChanged, BillingError> {
    let now = ports.clock.now();
    let command = async {
        let charge = charge_of_hold(ports, &ask.request, ask.hold, ask.amount.as_ref(), now).await?;
        Ok(Command::Capture(CaptureHold {
            hold: ask.hold,
            last: ask.last || charge.is_none(),
            charge,
            shortfall: ask.overrun,
            or_spend: ask.or_spend,
            kind: EntryType::Spend(ask.kind),
            description: ask.description,
            metadata: ask.metadata,
        }))
    };
    let posted = post_request(ports, ask.request.clone(), now, command).await?;
    changed(ports, posted, now).await
}

/// Lets a hold go.
///
/// # Errors
///
/// As [`capture_hold`].
pub(crate) async fn release_hold(
    ports: &Ports,
    request: LedgerRequest,
    hold: HoldId,
) -> Result<HoldChanged, BillingError> {
    let now = ports.clock.now();
    let posted = post_request(ports, request, now, async { Ok(Command::Release { hold }) }).await?;
    changed(ports, posted, now).await
}

/// Lets a hold live for so many seconds from now, or set more aside.
///
/// # Errors
///
/// As [`capture_hold`].
pub(crate) async fn raise_hold(ports: &Ports, ask: RaiseHold) -> Result<HoldChanged, BillingError> {
    let now = ports.clock.now();
    let expires_at = ask.seconds.map(|seconds| later(now, seconds)).transpose()?;
    if expires_at.is_none() && ask.amount.is_none() {
        let problem = "is required, or an amount".to_owned();
        return Err(BillingError::Invalid { field: "expires_in_seconds", problem });
    }
    let command = async {
        let charge = charge_of_hold(ports, &ask.request, ask.hold, ask.amount.as_ref(), now).await?;
        Ok(Command::ExtendHold(ExtendHold { hold: ask.hold, expires_at, charge }))
    };
    let posted = post_request(ports, ask.request.clone(), now, command).await?;
    changed(ports, posted, now).await
}

/// What is asked of a hold, with the rates that it was placed at.
async fn charge_of_hold(
    ports: &Ports,
    request: &LedgerRequest,
    hold: HoldId,
    amount: Option<&Amount>,
    now: Timestamp,
) -> Result<Option<Charge>, BillingError> {
    match amount {
        None => Ok(None),
        Some(Amount::Credits(credits)) => Ok(Some(Charge::Credits(*credits))),
        Some(Amount::Usage(usages)) => {
            let hold = own_hold(ports, request, hold).await?;
            let mut rated = Vec::with_capacity(usages.len());
            for usage in usages {
                rated.push(rate_held(ports, usage, &hold, now).await?);
            }
            Ok(Some(Charge::Usage(rated)))
        }
    }
}

/// The hold, if it is the account's.
async fn own_hold(ports: &Ports, request: &LedgerRequest, id: HoldId) -> Result<Hold, BillingError> {
    let account = account_id(ports, &request.account).await?;
    let hold = ports.store.ledger_reads.hold(id).await?.filter(|hold| hold.account == account);
    Ok(hold.ok_or(Refusal::UnknownHold { hold: id })?)
}

fn later(now: Timestamp, seconds: u32) -> Result<Timestamp, BillingError> {
    if (1..=LONGEST).contains(&seconds) {
        return Ok(now.plus_seconds(i64::from(seconds)));
    }
    let problem = format!("takes 1 to {LONGEST} seconds");
    Err(BillingError::Invalid { field: "expires_in_seconds", problem })
}

async fn changed(ports: &Ports, posted: Posted, now: Timestamp) -> Result<HoldChanged, BillingError> {
    let hold = posted.holds.first().copied();
    let hold = hold.ok_or_else(|| StoreError::Corrupt("a posting without its hold".to_owned()))?;
    let taken = posted.entries.iter().filter(|entry| matches!(entry.kind, EntryType::Spend(_)));
    let spent = taken.clone().fold(0_i64, |sum, entry| sum.saturating_sub(entry.amount.get()));
    let entry = taken.map(|entry| entry.id).next();
    let current = if posted.replayed { ports.store.ledger_reads.hold(hold.id).await? } else { None };
    Ok(HoldChanged {
        hold,
        entry,
        usages: posted.usages,
        spent: Credits::new(spent),
        available: posted.available,
        current: current.map(|hold| hold.as_of(now)),
        replayed: posted.replayed,
    })
}
