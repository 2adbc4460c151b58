//! The rows to write.

use super::AccountBilling;
use crate::changes::Changes;

impl AccountBilling {
    /// The rows to write so that `before` becomes this. The account's row is written with every change, so that of two
    /// decisions on the same state only one is committed.
    pub fn changes_since(self, before: &Self) -> Changes {
        let mut changes = Changes {
            orders: changed(self.orders, &before.orders),
            gifts: changed(self.gifts, &before.gifts),
            redemptions: changed(self.redemptions, &before.redemptions),
            payments: changed(self.payments, &before.payments),
            payment_methods: changed(self.payment_methods, &before.payment_methods),
            subscriptions: changed(self.subscriptions, &before.subscriptions),
            provider_customers: changed(self.customers, &before.customers),
            coupon_uses: self.coupon_uses,
            postings: self.postings,
            ..Changes::default()
        };
        if changes != Changes::default() || self.account != before.account {
            changes.accounts = vec![self.account];
        }
        changes
    }
}

fn changed<T: PartialEq>(now: Vec<T>, before: &[T]) -> Vec<T> {
    now.into_iter().filter(|row| !before.contains(row)).collect()
}
