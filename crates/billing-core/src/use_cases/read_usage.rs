//! Reads sums of usage, and forecasts.

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

/// A query for sums of usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadUsage {
    /// The grouping.
    pub by: UsageBy,
    /// The time zone of days; the account's own by default, UTC if it has none.
    pub zone: Option<Zone>,
    /// Only this meter.
    pub meter: Option<String>,
    /// The start; by default the beginning of the day 29 days before the end.
    pub from: Option<Timestamp>,
    /// The end, exclusive; now by default.
    pub to: Option<Timestamp>,
}

/// Sums of usage in a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSeries {
    /// The start.
    pub from: Timestamp,
    /// The end, exclusive.
    pub to: Timestamp,
    /// The time zone of days.
    pub zone: Zone,
    /// The total.
    pub total: UsageSum,
    /// By day (every day of the span), or by other groups that have usage.
    pub sums: Vec<UsageSum>,
}

/// The longest span.
const MOST_DAYS: i64 = 366;

/// The forecast of an account's credits at the recent rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditForecast {
    /// The available credits.
    pub available: Credits,
    /// The days over which the rate was measured; fewer than requested if the account is younger.
    pub days: Decimal,
    /// The credits spent in them, less reversals.
    pub spent: Credits,
    /// The credits per day.
    pub per_day: Decimal,
    /// When the credits run out, and how many will have expired unused.
    pub forecast: Forecast,
}

const DAY: i64 = 86_400_000_000;

/// Reads sums of usage, less reversals. An unknown account has none.
///
/// # Errors
///
/// [`BillingError::Invalid`] if the span is empty, or longer than 366 days; [`BillingError::Store`] is safe to retry.
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

/// Whether any meter of any card in force at `at` has the dimension `name`.
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

/// Adds the days without usage, so that a chart has no gaps.
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

/// Forecasts when the credits run out at the mean rate of the last `days`, without further grants.
///
/// # Errors
///
/// [`BillingError::Invalid`] unless 1 ≤ `days` ≤ 90; [`BillingError::Store`] is safe to retry.
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
        return Ok(credit_forecast(Credits::ZERO, wanted, nothing));
    };
    catch_up(ports, account.id, now).await?;
    let Some(state) = ports.store.balances.state(account.id).await? else {
        return Ok(credit_forecast(Credits::ZERO, wanted, nothing));
    };
    let state = read_as_of(state, now, &*ports.ids);
    let pace = pace(ports, account.id, wanted.micros, now).await?;
    Ok(credit_forecast(state.balance.available(), pace, forecast(&state, pace, now)))
}

/// The mean rate of the last `micros`, or since the account's first entry, measured over a day at least.
async fn pace(ports: &Ports, account: AccountId, micros: i64, now: Timestamp) -> Result<Pace, BillingError> {
    let oldest = PageRequest { limit: 1, position: Position::After(Cursor::of_seq(2)) };
    let oldest = ports.store.ledger_reads.entries(account, &EntryFilter::default(), &oldest).await?.items;
    let age = oldest.first().map_or(micros, |entry| now.micros().saturating_sub(entry.effective_at.micros()));
    let micros = micros.min(age).max(DAY);
    let from = Timestamp::from_micros(now.micros().saturating_sub(micros));
    // Entries at this very moment are included.
    let to = Timestamp::from_micros(now.micros().saturating_add(1));
    let spent = ports.store.reports.net_usage(account, from, to).await?;
    Ok(Pace { spent: spent.max(Credits::ZERO), micros })
}

fn credit_forecast(available: Credits, pace: Pace, forecast: Forecast) -> CreditForecast {
    // In hundredths, which do not overflow for rates over a day or more.
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
