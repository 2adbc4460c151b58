//! Changes an order.

use super::load_billing::load_order;
use super::retry::Again;
use crate::billing::Ports;
use crate::orders::Order;
use crate::values::OrderId;

/// Reads the current order, changes it, and writes it with what follows. Returns the changed order; none if it does
/// not exist.
pub(super) async fn change_order(
    ports: &Ports,
    id: OrderId,
    change: impl FnOnce(&mut Order),
) -> Result<Option<Order>, Again> {
    let now = ports.clock.now();
    let Some((before, mut billing)) = load_order(ports, id, now).await? else { return Ok(None) };
    if let Some(order) = billing.orders.iter_mut().find(|order| order.id == id) {
        change(order);
    }
    billing.follow_orders();
    let changed = billing.orders.iter().find(|order| order.id == id).cloned();
    let is_changed = changed.as_ref() != before.orders.iter().find(|order| order.id == id);
    if is_changed {
        ports.store.writer.commit(billing.changes_since(&before), now).await?;
    }
    Ok(changed.map(|order| Order { version: order.version.saturating_add(i64::from(is_changed)), ..order }))
}
