//! Give up on orders that nobody pays.

use super::checkout_coupon::follow_orders;
use super::retry::{Again, retry};
use super::run_inbox::JobReport;
use crate::BillingError;
use crate::billing::Ports;
use crate::changes::Changes;
use crate::values::OrderId;

/// How many orders are taken at once.
const BATCH: u32 = 100;
/// For how long after a checkout has closed its payment may still be on its way to us.
const GRACE_SECONDS: i64 = 3600;

/// Marks up to 100 orders expired whose checkout closed more than an hour ago. Not every provider tells that nobody
/// paid, and none takes that for certain: money that comes after all completes the order all the same.
///
/// # Errors
///
/// [`BillingError::Store`] if the store failed; what was done stays done.
pub(crate) async fn expire_orders(ports: &Ports) -> Result<JobReport, BillingError> {
    let closed_before = ports.clock.now().plus_seconds(-GRACE_SECONDS);
    let mut report = JobReport::default();
    for order in ports.orders.unpaid_orders(closed_before, BATCH).await? {
        report.count(retry(|| expire(ports, order.id)).await?);
    }
    Ok(report)
}

/// Looks again: it may have been paid in this moment. Says whether there was something to do.
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
