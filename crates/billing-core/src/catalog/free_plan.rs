//! The credits of the free plan, for accounts without a subscription.

use super::Plan;
use crate::accounts::Account;
use crate::ledger::{Actor, Command, GrantCredits, Posting, Source, business_keys};
use crate::values::{Fingerprint, Period, PostingKey, Timestamp, Zone};

/// The free month of `account` that contains `now`: months are counted from its creation, in UTC, each starting on the
/// same day or the month's last.
pub fn free_month(account: &Account, now: Timestamp) -> (i32, Period) {
    let start = |month: i32| Zone::UTC.plus_months(account.created_at, month);
    let days = now.seconds_since(account.created_at).max(0).checked_div(86_400).unwrap_or(0);
    // No month is longer than 31 days, so this underestimates.
    let mut month = days.checked_div(32).and_then(|months| i32::try_from(months).ok()).unwrap_or(0);
    while start(month.saturating_add(1)) <= now && month < i32::MAX {
        month = month.saturating_add(1);
    }
    (month, Period { start: start(month), end: start(month.saturating_add(1)) })
}

/// The posting for `plan`'s credits of `account`'s current free month, and the account with the end of that month
/// recorded; none if it was granted already, or if the account has a subscription.
pub fn free_credits(plan: &Plan, account: &Account, now: Timestamp) -> Option<(Account, Option<Posting>)> {
    let (month, period) = free_month(account, now);
    let had = account.free_until.is_some_and(|until| period.end <= until);
    if had || account.active_subscription.is_some() {
        return None;
    }
    let noted = Account { free_until: Some(period.end), ..account.clone() };
    let gives = account.credits_enabled && account.frozen.is_none() && !plan.credits_included.is_zero();
    let posting = gives.then(|| {
        let fact = business_keys::free_month(account.id, month);
        let key = PostingKey::of_business_key(&fact);
        let grant = GrantCredits {
            expires_at: Some(period.end),
            ..GrantCredits::new(plan.credits_included, Source::Plan, fact, format!("Plan: {}", plan.name))
        };
        Posting {
            account: account.id,
            fingerprint: Fingerprint::of([key.as_str().as_bytes()]),
            key,
            actor: Actor::Time,
            commands: vec![Command::Grant(grant)],
        }
    });
    Some((noted, posting))
}
