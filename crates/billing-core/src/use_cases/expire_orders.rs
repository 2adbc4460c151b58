//! Expires unpaid orders.

use super::change_order::change_order;
use super::refresh_order::refresh_order;
use super::retry::{Again, retry};
use super::run_items::{Settled, run_due_items};
use crate::BillingError;
use crate::billing::Ports;
use crate::jobs::{Job, JobReport};
use crate::ports::OrderRef;
use crate::values::{OrderId, Timestamp};

/// The number of orders of a run.
const BATCH: u32 = 100;
/// The seconds after the end of a checkout during which its payment may still be reported.
const GRACE_SECONDS: i64 = 3600;

/// The time before which an order's checkout has to have closed.
pub(crate) fn closed_before(now: Timestamp) -> Timestamp {
    now.plus_seconds(-GRACE_SECONDS)
}

/// Expires up to 100 orders whose checkout closed more than an hour ago. If the provider supports it, the checkout is
/// read first: a paid order whose event never arrived is completed here. If the provider does not respond, the order
/// is rescheduled. A late payment still completes an expired order, since no provider guarantees that there will be
/// none.
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
        // A checkout that the provider does not know was not paid.
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
