//! Coupons and gifts follow their orders.

use super::AccountBilling;

impl AccountBilling {
    /// Applies the status of orders to their coupons and gifts: a coupon's use is confirmed when its order is paid, and
    /// returned when its order ends unpaid; a gift is paid with its order, and refunded when its payment is refunded in
    /// full.
    pub(crate) fn follow_orders(&mut self) {
        for order in &self.orders {
            if let (Some(discount), Some(how)) = (&order.discount, order.settled())
                && let Some(redemption) =
                    self.redemptions.iter_mut().find(|known| known.id == discount.redemption)
            {
                let (_, counted) = redemption.settle(how);
                self.coupon_uses.extend(counted);
            }
            if let Some(gift) = self.gifts.iter_mut().find(|gift| gift.order() == Some(order.id)) {
                gift.follow(order.status);
            }
        }
    }
}
