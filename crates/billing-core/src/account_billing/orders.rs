//! What follows an order.

use super::AccountBilling;

impl AccountBilling {
    /// Lets coupons and gifts follow their orders: a coupon is used for good once its order is paid, and given back once
    /// it comes to nothing; a gift is paid once its order is, and refunded once all of its money went back.
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
