//! Places, captures, extends and releases holds.

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

/// A hold to place.
#[derive(Debug, Clone)]
pub struct HoldCredits {
    /// The request: account, key and actor.
    pub request: LedgerRequest,
    /// The credits, or the maximum usage. Usage pins its rate card's version: the hold is settled at the rates of its
    /// placement.
    pub amount: Amount,
    /// The duration in seconds.
    pub seconds: u32,
    /// The description for the customer.
    pub description: String,
    /// The caller's metadata.
    pub metadata: Metadata,
}

/// A capture.
#[derive(Debug, Clone)]
pub struct SettleHold {
    /// The request: account, key and actor.
    pub request: LedgerRequest,
    /// The hold.
    pub hold: HoldId,
    /// The credits or the usage; the uncaptured rest of the hold if none.
    pub amount: Option<Amount>,
    /// What to do if neither the hold nor the free balance covers it.
    pub overrun: Shortfall,
    /// Whether the rest of the hold is released.
    pub last: bool,
    /// Whether to spend the amount from the balance if the hold has lapsed.
    pub or_spend: bool,
    /// The caller's type of spend.
    pub kind: SpendType,
    /// The description for the customer.
    pub description: String,
    /// The caller's metadata.
    pub metadata: Metadata,
}

/// A change of a hold.
#[derive(Debug, Clone)]
pub struct RaiseHold {
    /// The request: account, key and actor.
    pub request: LedgerRequest,
    /// The hold.
    pub hold: HoldId,
    /// The new duration from now, in seconds.
    pub seconds: Option<u32>,
    /// The new total amount.
    pub amount: Option<Amount>,
}

/// A changed hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldChanged {
    /// The hold after the change; for a replay, after the first one.
    pub hold: HoldSeen,
    /// The entry of a capture.
    pub entry: Option<EntryId>,
    /// The usage records, in the order of the request.
    pub usages: Vec<UsageRecord>,
    /// The credits captured.
    pub spent: Credits,
    /// The available balance after it; for a replay, after the first request.
    pub available: Credits,
    /// For a replay, the current hold.
    pub current: Option<Hold>,
    /// Whether this is a replay.
    pub replayed: bool,
}

/// The longest duration of a hold.
const LONGEST: u32 = 31 * 86_400;

/// Places a hold.
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
/// As [`spend_credits`](super::spend_credits::spend_credits); [`BillingError::Ledger`] also if the hold is unknown or
/// has ended.
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

/// Releases a hold.
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

/// Sets a hold's expiry to this many seconds from now, or raises its amount.
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

/// The charge for a hold, with the rates of its placement.
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

/// The hold, if it belongs to the account.
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
