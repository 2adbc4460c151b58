//! Let gifts follow their orders.

use crate::billing::Ports;
use crate::changes::Changes;
use crate::orders::OrderKind;
use crate::ports::StoreError;

/// Lets the gifts of `changes`' orders follow them, those that are stored: paid once an order is, refunded once all of
/// its money went back.
pub(super) async fn follow_gifts(ports: &Ports, changes: &mut Changes) -> Result<(), StoreError> {
    for order in changes.orders.iter().filter(|order| order.kind() == OrderKind::Gift && order.version > 0) {
        let found = ports.gifts.gift_of_order(order.id).await?;
        let lost = || StoreError::Corrupt(format!("the gift of the order {} is not there", order.id));
        let mut gift = found.ok_or_else(lost)?;
        if gift.follow(order.status) {
            changes.gifts.push(gift);
        }
    }
    Ok(())
}
