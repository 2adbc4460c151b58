//! Read what was spent, summed up for charts, and how long what is left will do.

use rust_decimal::Decimal;

use super::pass_time::catch_up;
use super::price_usage::version_of;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::catalog::{Quote, is_name};
use crate::ledger::{Forecast, Pace, UsageBy, UsageSum, forecast, read_as_of};
use crate::ports::{EntryFilter, UsageQuery};
use crate::values::{AccountId, Credits, Cursor, Day, PageRequest, Position, Timestamp, Zone};

/// Which usage is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadUsage {
    /// By what it is summed up.
    pub by: UsageBy,
    /// In which zone days begin; the account's own unless said, UTC if it has none.
    pub zone: Option<Zone>,
    /// Of this meter alone.
    pub meter: Option<String>,
    /// From when on; the beginning of the day 29 days before the end, unless said.
    pub from: Option<Timestamp>,
    /// Until when, not included; now, unless said.
    pub to: Option<Timestamp>,
}

/// What was spent from one moment to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSeries {
    /// From when on.
    pub from: Timestamp,
    /// Until when, not included.
    pub to: Timestamp,
    /// The zone in which days began.
    pub zone: Zone,
    /// All of it.
    pub total: UsageSum,
    /// By day (every day that the span touches), or by what else there was any of.
    pub sums: Vec<UsageSum>,
}

/// The longest span.
const MOST_DAYS: i64 = 366;

/// How long what an account has will do at its recent pace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditForecast {
    /// What can be spent now.
    pub available: Credits,
    /// Over how many days the pace was taken; fewer than were asked for where the account is younger.
    pub days: Decimal,
    /// How many credits were spent in them, less what was given back.
    pub spent: Credits,
    /// How many credits that is a day.
    pub per_day: Decimal,
    /// When nothing will be left, and what will have ended unused.
    pub forecast: Forecast,
}

const DAY: i64 = 86_400_000_000;

/// Reads what was spent less what was given back. An account that nobody has seen has spent nothing.
///
/// # Errors
///
/// [`BillingError::Invalid`] if the span is none, or longer than 366 days; [`BillingError::Store`] may be tried
/// again.
pub(crate) async fn read_usage(
    ports: &Ports,
    account: &ExternalId,
    wanted: ReadUsage,
) -> Result<UsageSeries, BillingError> {
    let account = ports.find_account(account).await?;
    let own = || account.as_ref()?.timezone.as_deref()?.parse().ok();
    let zone = wanted.zone.clone().or_else(own).unwrap_or(Zone::UTC);
    let to = wanted.to.unwrap_or_else(|| ports.clock.now());
    let from = wanted.from.unwrap_or_else(|| zone.start_of(zone.day_of(to.plus_days(-29))));
    if let UsageBy::Dimension(name) = &wanted.by
        && !is_name(name)
    {
        let problem = "must be `day`, `type`, `meter` or the name of a dimension".to_owned();
        return Err(BillingError::Invalid { field: "group_by", problem });
    }
    if to <= from {
        let problem = "must lie after `from`".to_owned();
        return Err(BillingError::Invalid { field: "to", problem });
    }
    if from.plus_days(MOST_DAYS) < to {
        let problem = format!("may lie at most {MOST_DAYS} days after `from`");
        return Err(BillingError::Invalid { field: "to", problem });
    }
    let query = UsageQuery { by: wanted.by.clone(), from, to, zone: zone.clone(), meter: wanted.meter };
    let sums = match account {
        Some(account) => ports.store.reports.usage(account.id, &query).await?,
        None => Vec::new(),
    };
    if let UsageBy::Dimension(name) = &wanted.by
        && sums.iter().all(|sum| sum.key.is_none())
        && !has_dimension(ports, name, to).await?
    {
        let problem = format!("must be `day`, `type`, `meter` or a dimension of a meter; none has `{name}`");
        return Err(BillingError::Invalid { field: "group_by", problem });
    }
    let mut total = UsageSum::nothing(None);
    for sum in &sums {
        total.add(sum);
    }
    let sums = if wanted.by == UsageBy::Day { every_day(&zone, (from, to), sums) } else { sums };
    Ok(UsageSeries { from, to, zone, total, sums })
}

/// Whether any meter of any card that is in force at `at` has a dimension called `name`.
async fn has_dimension(ports: &Ports, name: &str, at: Timestamp) -> Result<bool, BillingError> {
    for card in ports.store.catalog.rate_cards().await? {
        let Some(edition) = card.in_force(at) else { continue };
        let quote = Quote { card: card.slug.clone(), version: edition.number };
        let version = version_of(ports, &quote).await?;
        let meters = version.iter().flat_map(|version| &version.meters);
        if { meters }.any(|meter| meter.dimensions.iter().any(|known| known == name)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The same with the days on which nothing was spent: a chart has no gaps.
fn every_day(zone: &Zone, (from, to): (Timestamp, Timestamp), sums: Vec<UsageSum>) -> Vec<UsageSum> {
    let last = zone.day_of(Timestamp::from_micros(to.micros().saturating_sub(1)));
    let days = std::iter::successors(Some(zone.day_of(from)), |day| Some(day.next()));
    let mut sums = sums.into_iter().peekable();
    let sum = |day: Day| {
        let key = Some(day.to_string());
        sums.next_if(|sum| sum.key == key).unwrap_or_else(|| UsageSum::nothing(key))
    };
    days.take_while(|day| *day <= last).map(sum).collect()
}

/// Works out when the balance will run out at the mean pace of the last `days`, if nothing else comes in.
///
/// # Errors
///
/// [`BillingError::Invalid`] unless 1 ≤ `days` ≤ 90; [`BillingError::Store`] may be tried again.
pub(crate) async fn read_forecast(
    ports: &Ports,
    account: &ExternalId,
    days: u32,
) -> Result<CreditForecast, BillingError> {
    if !(1..=90).contains(&days) {
        return Err(BillingError::Invalid { field: "days", problem: "takes 1 to 90".to_owned() });
    }
    let now = ports.clock.now();
    let wanted = Pace { spent: Credits::ZERO, micros: DAY.saturating_mul(i64::from(days)) };
    let nothing = Forecast { runs_out_at: Some(now), expires_unused: Credits::ZERO };
    let account = ports.find_account(account).await?;
    let Some(account) = account.filter(|account| account.credits_enabled) else {
        return Ok(told(Credits::ZERO, wanted, nothing));
    };
    catch_up(ports, account.id, now).await?;
    let Some(state) = ports.store.balances.state(account.id).await? else {
        return Ok(told(Credits::ZERO, wanted, nothing));
    };
    let state = read_as_of(state, now, &*ports.ids);
    let pace = pace(ports, account.id, wanted.micros, now).await?;
    Ok(told(state.balance.available(), pace, forecast(&state, pace, now)))
}

/// The mean pace of the last `micros`, or since the account's first entry, but of no less than a day.
async fn pace(ports: &Ports, account: AccountId, micros: i64, now: Timestamp) -> Result<Pace, BillingError> {
    let oldest = PageRequest { limit: 1, position: Position::After(Cursor::of_seq(2)) };
    let oldest = ports.store.ledger_reads.entries(account, &EntryFilter::default(), &oldest).await?.items;
    let age = oldest.first().map_or(micros, |entry| now.micros().saturating_sub(entry.effective_at.micros()));
    let micros = micros.min(age).max(DAY);
    let from = Timestamp::from_micros(now.micros().saturating_sub(micros));
    // What is posted at this very moment counts.
    let to = Timestamp::from_micros(now.micros().saturating_add(1));
    let spent = ports.store.reports.net_usage(account, from, to).await?;
    Ok(Pace { spent: spent.max(Credits::ZERO), micros })
}

fn told(available: Credits, pace: Pace, forecast: Forecast) -> CreditForecast {
    // In hundredths, which fit as long as a pace is taken over a day or more.
    let hundredths = |numerator: i128, denominator: i64| {
        let hundredths = numerator.saturating_mul(100).div_euclid(i128::from(denominator.max(1)));
        Decimal::try_from_i128_with_scale(hundredths, 2).unwrap_or(Decimal::MAX).normalize()
    };
    let per_day = i128::from(pace.spent.get()).saturating_mul(i128::from(DAY));
    CreditForecast {
        available,
        days: hundredths(i128::from(pace.micros), DAY),
        spent: pace.spent,
        per_day: hundredths(per_day, pace.micros),
        forecast,
    }
}
