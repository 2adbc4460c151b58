//! Checks in, once a day.

use super::ensure_account::ensure_account;
use super::retry::{Again, retry};
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::billing::Ports;
use crate::changes::Changes;
use crate::checkin::{CheckIn, CheckInConfig, CheckInRefusal, Standing, award, standing};
use crate::ledger::{Actor, Command, GrantCredits, Posting, Refusal, Source, business_keys};
use crate::ports::{CheckInQuery, CommitError};
use crate::values::{Credits, Fingerprint, PostingKey, RequestKey, Timestamp, Zone};

/// A completed check-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedIn {
    /// Today's check-in.
    pub check_in: CheckIn,
    /// The credits of the next one.
    pub next_reward: Credits,
    /// Whether this is a replay: nothing was given now.
    pub replayed: bool,
}

/// An account's check-in status, with this month's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckInState {
    /// Whether check-in is enabled.
    pub enabled: bool,
    /// The account's status.
    pub standing: Standing,
    /// This month's check-ins, by day.
    pub month: Vec<CheckIn>,
}

/// Grants today's credits. The check-in and its grant are committed together; of concurrent ones, one succeeds.
///
/// # Errors
///
/// [`BillingError::CheckIn`] if today's were granted or check-in is disabled.
pub(crate) async fn check_in(
    ports: &Ports,
    external_id: &ExternalId,
    key: Option<&RequestKey>,
) -> Result<CheckedIn, BillingError> {
    if let Some(key) = key
        && let Some(account) = ports.find_account(external_id).await?
        && let Some(done) = ports.store.billing.check_ins(account.id, CheckInQuery::Request(key)).await?.pop()
    {
        return Ok(checked_in(&ports.store.catalog.check_in_config().await?, done, true));
    }
    if !ports.store.catalog.check_in_config().await?.enabled {
        return Err(CheckInRefusal::Disabled.into());
    }
    let account = ensure_account(ports, external_id, ports.clock.now()).await?;
    retry(ports, || once(ports, &account, key)).await
}

fn checked_in(config: &CheckInConfig, check_in: CheckIn, replayed: bool) -> CheckedIn {
    let next_reward = config.reward(check_in.streak.saturating_add(1));
    CheckedIn { check_in, next_reward, replayed }
}

async fn once(ports: &Ports, account: &Account, key: Option<&RequestKey>) -> Result<CheckedIn, Again> {
    if !account.credits_enabled {
        return Err(CheckInRefusal::CreditsDisabled.into());
    }
    let config = ports.store.catalog.check_in_config().await?;
    if let Some(key) = key
        && let Some(done) = ports.store.billing.check_ins(account.id, CheckInQuery::Request(key)).await?.pop()
    {
        return Ok(checked_in(&config, done, true));
    }
    let now = ports.clock.now();
    let last = ports.store.billing.check_ins(account.id, CheckInQuery::Latest).await?.pop();
    let zone = config.zone(account.timezone.as_deref());
    let mut check_in = award(&config, &zone, account.id, last.as_ref(), now, &*ports.ids)?;
    check_in.request_key = key.cloned();
    let changes = Changes {
        postings: vec![posting(&config, &check_in, now)],
        check_ins: vec![check_in.clone()],
        ..Changes::default()
    };
    match ports.store.writer.commit(changes, now).await {
        Ok(_) => Ok(checked_in(&config, check_in, false)),
        // A concurrent request was committed first: the next read finds its check-in.
        Err(CommitError::Refused(Refusal::AlreadyGranted { .. } | Refusal::KeyReused)) => {
            Err(Again::Conflict)
        }
        Err(error) => Err(error.into()),
    }
}

/// The check-in status of an account; an unknown one has no check-ins yet.
pub(crate) async fn check_in_state(
    ports: &Ports,
    external_id: &ExternalId,
) -> Result<CheckInState, BillingError> {
    let now = ports.clock.now();
    let config = ports.store.catalog.check_in_config().await?;
    let account = ports.find_account(external_id).await?;
    let zone = config.zone(account.as_ref().and_then(|account| account.timezone.as_deref()));
    let Some(account) = account else {
        return Ok(state(&config, &zone, None, Vec::new(), now));
    };
    let last = ports.store.billing.check_ins(account.id, CheckInQuery::Latest).await?.pop();
    let today = zone.day_of(now);
    let mut month =
        ports.store.billing.check_ins(account.id, CheckInQuery::Since(today.first_of_month())).await?;
    month.retain(|check_in| check_in.day.same_month(today));
    Ok(state(&config, &zone, last.as_ref(), month, now))
}

fn state(
    config: &CheckInConfig,
    zone: &Zone,
    last: Option<&CheckIn>,
    month: Vec<CheckIn>,
    now: Timestamp,
) -> CheckInState {
    CheckInState { enabled: config.enabled, standing: standing(config, zone, last, now), month }
}

fn posting(config: &CheckInConfig, check_in: &CheckIn, now: Timestamp) -> Posting {
    let fact = business_keys::check_in(check_in.account, check_in.day);
    let key = PostingKey::of_business_key(&fact);
    let description = format!("Daily check-in, day {} in a row", check_in.streak);
    let grant = GrantCredits {
        expires_at: config.expires_after_days.map(|days| now.plus_days(i64::from(days))),
        ..GrantCredits::new(check_in.credits, Source::CheckIn, fact, description)
    };
    let fingerprint = Fingerprint::of([key.as_str().as_bytes()]);
    Posting {
        account: check_in.account,
        key,
        fingerprint,
        actor: Actor::User,
        commands: vec![Command::Grant(grant)],
    }
}
