//! Expire orders that nobody pays.

use super::change_order::change_order;
use super::refresh_order::refresh_order;
use super::retry::{Again, retry};
use super::run_items::{Settled, run_due_items};
use crate::BillingError;
use crate::billing::Ports;
use crate::jobs::{Job, JobReport};
use crate::ports::OrderRef;
use crate::values::{OrderId, Timestamp};

/// How many orders are taken at once.
const BATCH: u32 = 100;
/// For how long after a checkout has closed its payment may still be on its way to us.
const GRACE_SECONDS: i64 = 3600;

/// The moment before which an order's checkout has to have closed.
pub(crate) fn closed_before(now: Timestamp) -> Timestamp {
    now.plus_seconds(-GRACE_SECONDS)
}

/// Expires up to 100 orders whose checkout closed more than an hour ago. Where the provider can say what became of
/// the checkout, it is asked first: an order that was paid, and whose event never came, completes here. An order whose
/// provider does not answer is rescheduled. An expired order still completes when its money comes: no provider tells
/// for certain that nobody pays.
///
/// # Errors
///
/// As [`run_due_items`].
pub(crate) async fn expire_orders(ports: &Ports) -> Result<JobReport, BillingError> {
    let by = closed_before(ports.clock.now());
    run_due_items(ports, Job::Orders, by, BATCH, |item| refresh_or_expire(ports, OrderId::from_uuid(item.id)))
        .await
}

async fn refresh_or_expire(ports: &Ports, id: OrderId) -> Result<Settled, BillingError> {
    let Some(order) = ports.store.billing.order(OrderRef::Id(id)).await? else { return Ok(Settled::Done) };
    match refresh_order(ports, order).await {
        // A checkout that the provider does not know, nobody has paid.
        Ok(_) => {}
        Err(BillingError::Provider(error)) if error.is_refusal() => {}
        Err(error) => return Err(error),
    }
    retry(ports, || expire(ports, id)).await
}

/// Reads the order again: it may have been paid in the meantime.
async fn expire(ports: &Ports, id: OrderId) -> Result<Settled, Again> {
    change_order(ports, id, |order| {
        order.expire();
    })
    .await?;
    Ok(Settled::Done)
}
