//! Read what a page shows on which somebody manages a subscription.

use super::read_summary::{BillingSummary, read_summary};
use crate::BillingError;
use crate::account_billing::UpcomingInvoice;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::payments::{Capability, Payment};
use crate::ports::PaymentQuery;
use crate::values::{Credits, Timestamp, Zone};

/// How many payments a page shows.
const RECENT: u32 = 10;

/// An account's subscription, credits, and money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillingOverview {
    /// Subscription and credits.
    pub summary: BillingSummary,
    /// What was spent in this month (UTC), less what was given back in it.
    pub used_this_month: Credits,
    /// The latest payments, newest first.
    pub payments: Vec<Payment>,
}

/// Reads an account's subscription, credits and money. An account that nobody has seen has none of it.
pub(crate) async fn read_overview(
    ports: &Ports,
    external_id: &ExternalId,
) -> Result<BillingOverview, BillingError> {
    let summary = read_summary(ports, external_id).await?;
    let (mut used, mut payments) = (Credits::ZERO, Vec::new());
    if let Some(account) = &summary.account {
        let now = ports.clock.now();
        let until = Timestamp::from_micros(now.micros().saturating_add(1));
        used = ports.store.reports.net_usage(account.id, start_of_month(now), until).await?;
        payments =
            ports.store.billing.payments(PaymentQuery::Latest { account: account.id, limit: RECENT }).await?;
    }
    Ok(BillingOverview { used_this_month: used, payments, summary })
}

/// What will be asked for next: as the provider counts it, discounts and tax included, where it can say; else the plan's
/// price today. None where nothing will be. Says whether the provider counted.
///
/// # Errors
///
/// [`BillingError::Provider`] if the provider does not answer; [`BillingError::Store`]; may be tried again.
pub(crate) async fn read_upcoming(
    ports: &Ports,
    external_id: &ExternalId,
) -> Result<Option<(UpcomingInvoice, bool)>, BillingError> {
    let summary = read_summary(ports, external_id).await?;
    let (Some(shown), Some(projected)) = (&summary.subscription, summary.upcoming) else { return Ok(None) };
    let provider = ports.provider(shown.subscription.channel);
    let Some(provider) = provider.filter(|provider| provider.capabilities().can(Capability::PreviewRenewal))
    else {
        return Ok(Some((projected, false)));
    };
    let amount = provider.preview_renewal(&shown.subscription).await?;
    Ok(amount.map(|amount| (UpcomingInvoice { amount, ..projected }, true)))
}

fn start_of_month(now: Timestamp) -> Timestamp {
    Zone::UTC.start_of(Zone::UTC.day_of(now).first_of_month())
}
