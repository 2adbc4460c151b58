//! Reads the data of a "Manage subscription" page.

use super::read_summary::{BillingSummary, read_summary};
use crate::BillingError;
use crate::account_billing::UpcomingInvoice;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::payments::{Capability, Payment};
use crate::ports::PaymentQuery;
use crate::values::{Credits, Timestamp, Zone};

/// The number of payments on the page.
const RECENT: u32 = 10;

/// An account's subscription, credits and payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillingOverview {
    /// Subscription and credits.
    pub summary: BillingSummary,
    /// The credits spent in this month (UTC), less reversals.
    pub used_this_month: Credits,
    /// The latest payments, newest first.
    pub payments: Vec<Payment>,
}

/// Reads an account's subscription, credits and payments. An unknown account has none.
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

/// The next invoice: as previewed by the provider, with discounts and tax, if it supports that; else at the plan's
/// current price. None if there will be none. Also returns whether the provider previewed it.
///
/// # Errors
///
/// [`BillingError::Provider`] if the provider does not respond; [`BillingError::Store`]; safe to retry.
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
