//! Set credits aside, and settle what was set aside.

use super::ensure_account::account_id;
use super::ledger_request::{HowMuch, LedgerRequest, amount_of, post_request};
use super::price_usage::{PriceUsage, WhichCard, price_usage};
use crate::BillingError;
use crate::billing::Ports;
use crate::catalog::RatingRefusal;
use crate::ledger::{CaptureHold, Command, EntryType, Hold, HoldSeen, PlaceHold, Posted, Refusal, SpendType};
use crate::ports::StoreError;
use crate::values::{Credits, EntryId, HoldId, Metadata, Timestamp};

/// Credits that a backend wants to set aside.
#[derive(Debug, Clone)]
pub struct HoldCredits {
    /// Who asks on whose account.
    pub request: LedgerRequest,
    /// How many credits, or what is going to be used at most. Usage locks its rate card's version: the hold
    /// is settled at the price at which it was placed.
    pub amount: HowMuch,
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
    /// How many credits, or what was used; everything that is left if nothing is said.
    pub amount: Option<HowMuch>,
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

/// A hold after something was done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldChanged {
    /// The hold, as it was after it.
    pub hold: HoldSeen,
    /// The entry in the account's history, where something was captured.
    pub entry: Option<EntryId>,
    /// How many credits were captured now.
    pub spent: Credits,
    /// What can be spent after it; for a repetition, after the first time.
    pub available: Credits,
    /// Whether this answers a repetition: nothing was done now.
    pub replayed: bool,
}

/// The longest that credits can be set aside.
const LONGEST: u32 = 31 * 86_400;

/// Sets credits aside.
///
/// # Errors
///
/// As [`spend_credits`](super::spend_credits::spend_credits); [`BillingError::Rating`] also if the usage costs
/// nothing.
pub(crate) async fn hold_credits(ports: &Ports, ask: HoldCredits) -> Result<HoldChanged, BillingError> {
    let now = ports.clock.now();
    let expires_at = later(now, ask.seconds)?;
    let command = async {
        let (amount, quote) = match &ask.amount {
            HowMuch::Credits(credits) => (*credits, None),
            HowMuch::Usage(usage) => {
                let price = price_usage(ports, usage, now).await?;
                if price.ceiling().is_zero() {
                    return Err(RatingRefusal::CostsNothing.into());
                }
                (price.ceiling(), Some(price.quote().to_string()))
            }
        };
        let (description, metadata) = (ask.description, ask.metadata);
        Ok(Command::Hold(PlaceHold { amount, expires_at, quote, description, metadata }))
    };
    changed(&post_request(ports, ask.request, now, command).await?)
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
        let (amount, usage) = match ask.amount {
            None => (None, None),
            Some(HowMuch::Usage(usage)) => {
                let hold = own_hold(ports, &ask.request, ask.hold).await?;
                let usage = HowMuch::Usage(at_its_price(usage, &hold));
                let (amount, usage) = amount_of(ports, &usage, now).await?;
                (Some(amount), usage)
            }
            Some(HowMuch::Credits(credits)) => (Some(credits), None),
        };
        Ok(Command::Capture(CaptureHold {
            hold: ask.hold,
            last: ask.last || (amount.is_none() && usage.is_none()),
            amount,
            usage,
            or_spend: ask.or_spend,
            kind: EntryType::Spend(ask.kind),
            description: ask.description,
            metadata: ask.metadata,
        }))
    };
    changed(&post_request(ports, ask.request.clone(), now, command).await?)
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
    changed(&post_request(ports, request, now, async { Ok(Command::Release { hold }) }).await?)
}

/// Lets a hold live for so many seconds from now.
///
/// # Errors
///
/// As [`capture_hold`].
pub(crate) async fn extend_hold(
    ports: &Ports,
    request: LedgerRequest,
    hold: HoldId,
    seconds: u32,
) -> Result<HoldChanged, BillingError> {
    let now = ports.clock.now();
    let expires_at = later(now, seconds)?;
    let command = async { Ok(Command::ExtendHold { hold, expires_at }) };
    changed(&post_request(ports, request, now, command).await?)
}

/// Usage at the price that the hold was placed at, unless its caller names another.
fn at_its_price(usage: PriceUsage, hold: &Hold) -> PriceUsage {
    let quote = hold.quote.as_ref().and_then(|quote| quote.parse().ok());
    match (&usage.card, quote) {
        (WhichCard::Default, Some(quote)) => PriceUsage { card: WhichCard::Quoted(quote), ..usage },
        _ => usage,
    }
}

/// The hold, if it is the account's.
async fn own_hold(ports: &Ports, request: &LedgerRequest, id: HoldId) -> Result<Hold, BillingError> {
    let account = account_id(ports, &request.account).await?;
    let hold = ports.records.hold(id).await?.filter(|hold| hold.account == account);
    Ok(hold.ok_or(Refusal::UnknownHold { hold: id })?)
}

fn later(now: Timestamp, seconds: u32) -> Result<Timestamp, BillingError> {
    if (1..=LONGEST).contains(&seconds) {
        return Ok(now.plus_seconds(i64::from(seconds)));
    }
    let problem = format!("takes 1 to {LONGEST} seconds");
    Err(BillingError::Invalid { field: "expires_in_seconds", problem })
}

fn changed(posted: &Posted) -> Result<HoldChanged, BillingError> {
    let taken = posted.entries.iter().filter(|entry| matches!(entry.kind, EntryType::Spend(_)));
    let spent = taken.clone().fold(0_i64, |sum, entry| sum.saturating_sub(entry.amount.get()));
    let hold = posted.holds.first().copied();
    Ok(HoldChanged {
        hold: hold.ok_or_else(|| StoreError::Corrupt("a posting without its hold".to_owned()))?,
        entry: taken.map(|entry| entry.id).next(),
        spent: Credits::new(spent),
        available: posted.available,
        replayed: posted.replayed,
    })
}
