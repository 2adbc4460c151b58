//! Buying a plan for another account.

mod buying;
mod life;
mod money;

use billing_core::BillingError;
use billing_core::gifts::Gift;
use billing_core::orders::Order;
use billing_core::payments::{
    Channel, CheckoutOutcome, Fact, PaymentRefs, PaymentReversal, PaymentReversalUpdate, SubscriptionChange,
};
use billing_core::requests::{
    ChangeSubscription, PurchaseItem, RedeemedGift, StartCheckout, StartedCheckout,
};
use billing_core::subscriptions::Subscription;
use billing_core::values::Zone;
use billing_testkit::builders::{a_checkout, an_external_id, noon};

use super::shop::{DONE, Shop, told};

impl Shop {
    pub(super) fn wants_gift(&self, months: u32) -> StartCheckout {
        a_checkout("ada", Channel::named("stripe"), PurchaseItem::Gift(self.plan.id, months), None)
    }

    async fn orders_gift(&self, months: u32) -> StartedCheckout {
        self.billing.start_checkout(&self.wants_gift(months)).await.unwrap()
    }

    async fn gift(&self, order: &Order) -> Gift {
        self.billing.gift_of_order(order.id).await.unwrap().unwrap()
    }

    async fn code(&self, order: &Order) -> String {
        self.gift(order).await.code().unwrap().reveal().to_owned()
    }

    /// A gift that ada has paid for, and its code.
    pub(super) async fn bought(&self, months: u32) -> (Order, String) {
        let started = self.orders_gift(months).await;
        let hint = format!("evt_{}", started.order.id);
        assert_eq!(self.hears(&hint, told(&started, CheckoutOutcome::Paid)).await, DONE);
        (started.order.clone(), self.code(&started.order).await)
    }

    pub(super) async fn redeems_gift(&self, account: &str, code: &str) -> Result<RedeemedGift, &'static str> {
        let done = self.billing.redeem_gift(&an_external_id(account), code, None).await;
        done.map_err(|error| error.code())
    }

    pub(super) async fn shows(&self, account: &str) -> Option<Subscription> {
        let summary = self.billing.summary(&an_external_id(account)).await.unwrap();
        summary.subscription.map(|shown| shown.subscription)
    }

    /// Sets the clock to `months` and `seconds` after noon.
    pub(super) fn comes_to(&self, months: i32, seconds: i64) {
        self.clock.set(Zone::UTC.plus_months(noon(), months).plus_seconds(seconds));
    }

    async fn cancels(&self, account: &str, change: SubscriptionChange) -> Result<Subscription, BillingError> {
        let done = self
            .billing
            .change_subscription(&ChangeSubscription::new(an_external_id(account), change))
            .await?;
        Ok(done.shown.subscription)
    }

    async fn payment_reversal(&self, event: &str, update: PaymentReversalUpdate) {
        let payment = PaymentRefs::of_payment("pi_1");
        assert_eq!(self.hears(event, Fact::Reversal(PaymentReversal { payment, update })).await, DONE);
    }
}
