//! Give up on orders that nobody pays.

use super::checkout_coupon::follow_orders;
use super::refresh_order::refresh_order;
use super::retry::{Again, retry};
use super::run_inbox::JobReport;
use crate::BillingError;
use crate::billing::Ports;
use crate::changes::Changes;
use crate::ports::ProviderError;
use crate::values::OrderId;

/// How many orders are taken at once.
const BATCH: u32 = 100;
/// For how long after a checkout has closed its payment may still be on its way to us.
const GRACE_SECONDS: i64 = 3600;

/// Marks up to 100 orders expired whose checkout closed more than an hour ago. Where the provider can say what became of
/// it, it is asked first: one that was paid, and whose event never came, completes here. An order whose provider does
/// not answer waits for another run. Not every provider tells that nobody paid, and none takes that for certain: money
/// that comes after all completes the order all the same.
///
/// # Errors
///
/// [`BillingError::Store`] if the store failed; what was done stays done.
pub(crate) async fn expire_orders(ports: &Ports) -> Result<JobReport, BillingError> {
    let closed_before = ports.clock.now().plus_seconds(-GRACE_SECONDS);
    let mut report = JobReport::default();
    for order in ports.orders.unpaid_orders(closed_before, BATCH).await? {
        let id = order.id;
        match refresh_order(ports, order).await {
            // What it does not know, nobody has paid.
            Ok(_) | Err(BillingError::Provider(ProviderError::Refused { .. })) => {
                report.count(retry(|| expire(ports, id)).await?);
            }
            Err(BillingError::Provider(_)) => report.failed = report.failed.saturating_add(1),
            Err(other) => return Err(other),
        }
    }
    Ok(report)
}

/// Looks again: it may have been paid in this moment. Says whether it was pending still.
async fn expire(ports: &Ports, id: OrderId) -> Result<bool, Again> {
    let Some(mut order) = ports.orders.order(id).await? else { return Ok(false) };
    let news = order.expire();
    if news {
        let mut changes = Changes { orders: vec![order], ..Changes::default() };
        follow_orders(ports, &mut changes).await?;
        ports.store.commit(changes, ports.clock.now()).await?;
    }
    Ok(news)
}
