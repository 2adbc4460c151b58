//! An order and its life cycle.

use super::{OrderKind, OrderStatus};
use crate::catalog::{Interval, Pack, Plan};
use crate::coupons::Discount;
use crate::payments::{Channel, CheckoutSession};
use crate::values::{
    AccountId, Credits, Fingerprint, IdSource, Money, OrderId, PackId, PlanId, RequestKey, Timestamp,
};

/// One order. The agreed price and credits are frozen on it; the catalogue may change afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The order's id.
    pub id: OrderId,
    /// The owner.
    pub account: AccountId,
    /// The status.
    pub status: OrderStatus,
    /// The item as agreed.
    pub item: OrderItem,
    /// The description for the customer.
    pub description: String,
    /// The agreed first payment, after the coupon's discount.
    pub price: Money,
    /// The coupon's discount.
    pub discount: Option<Discount>,
    /// The provider.
    pub channel: Channel,
    /// The URL after a payment.
    pub success_url: String,
    /// The URL after a cancellation.
    pub cancel_url: String,
    /// The request that created it, so that a retry finds it.
    pub request: RequestMark,
    /// The provider's checkout, once opened.
    pub session: Option<CheckoutSession>,
    /// The provider's other ids.
    pub refs: OrderRefs,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was paid.
    pub completed_at: Option<Timestamp>,
    /// The row's version; 0 if not stored yet.
    pub version: i64,
}

/// The item of an order, as agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderItem {
    /// A pack of credits.
    Pack {
        /// The pack.
        pack: PackId,
        /// The credits.
        credits: Credits,
        /// The bonus credits.
        bonus_credits: Credits,
        /// The days until they expire.
        expires_after_days: Option<u32>,
    },
    /// A plan.
    Plan {
        /// The plan.
        plan: PlanId,
        /// The billing interval.
        interval: Interval,
        /// The credits of each grant in the first period.
        credits: Credits,
        /// The trial, if any.
        trial: Option<Trial>,
    },
    /// A plan for a number of months, for the account that redeems its code. It is paid once.
    Gift {
        /// The plan.
        plan: PlanId,
        /// The months.
        months: u32,
        /// The credits of each month.
        credits: Credits,
    },
}

/// The trial of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// The days.
    pub days: u32,
    /// The credits.
    pub credits: Credits,
}

/// The identity of the request that created an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestMark {
    /// Its idempotency key.
    pub key: Option<RequestKey>,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
}

/// The provider's references to a payment, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderRefs {
    /// The payment (Stripe: the PaymentIntent).
    pub payment: Option<String>,
    /// The subscription.
    pub subscription: Option<String>,
    /// The invoice.
    pub invoice: Option<String>,
}

/// The data of a new order.
#[derive(Debug, Clone)]
pub struct NewOrder {
    /// The owner.
    pub account: AccountId,
    /// The provider.
    pub channel: Channel,
    /// The URL after a payment.
    pub success_url: String,
    /// The URL after a cancellation.
    pub cancel_url: String,
    /// The request.
    pub request: RequestMark,
}

impl Order {
    /// An order for a pack, at its current price.
    pub fn for_pack(new: NewOrder, pack: &Pack, ids: &dyn IdSource, now: Timestamp) -> Self {
        let item = OrderItem::Pack {
            pack: pack.id,
            credits: pack.credits,
            bonus_credits: pack.bonus_credits,
            expires_after_days: pack.expires_after_days,
        };
        Self::pending(new, item, pack.name.clone(), pack.money(), ids, now)
    }

    /// An order for a plan, at the current `price` for `interval`; with the plan's trial, if it has one and `may_try`.
    pub fn for_plan(
        new: NewOrder,
        plan: &Plan,
        (interval, price): (Interval, Money),
        may_try: bool,
        ids: &dyn IdSource,
        now: Timestamp,
    ) -> Self {
        let tries = may_try && plan.trial_days > 0;
        let trial = tries.then_some(Trial { days: plan.trial_days, credits: plan.trial_credits });
        let item = OrderItem::Plan { plan: plan.id, interval, credits: plan.credits_included, trial };
        Self::pending(new, item, plan.name.clone(), price, ids, now)
    }

    /// An order for a gift of `months` of a plan, at the current `price` for all of them.
    pub fn for_gift(
        new: NewOrder,
        plan: &Plan,
        (months, price): (u32, Money),
        ids: &dyn IdSource,
        now: Timestamp,
    ) -> Self {
        let item = OrderItem::Gift { plan: plan.id, months, credits: plan.credits_included };
        let description = match months {
            1 => format!("Gift: {}, 1 month", plan.name),
            _ => format!("Gift: {}, {months} months", plan.name),
        };
        Self::pending(new, item, description, price, ids, now)
    }

    fn pending(
        new: NewOrder,
        item: OrderItem,
        description: String,
        price: Money,
        ids: &dyn IdSource,
        now: Timestamp,
    ) -> Self {
        Self {
            id: OrderId::new(ids),
            account: new.account,
            status: OrderStatus::Pending,
            item,
            description,
            price,
            discount: None,
            channel: new.channel,
            success_url: new.success_url,
            cancel_url: new.cancel_url,
            request: new.request,
            session: None,
            refs: OrderRefs::default(),
            created_at: now,
            completed_at: None,
            version: 0,
        }
    }

    /// The kind of the order.
    pub fn kind(&self) -> OrderKind {
        match self.item {
            OrderItem::Pack { .. } => OrderKind::Credits,
            OrderItem::Plan { .. } => OrderKind::Subscription,
            OrderItem::Gift { .. } => OrderKind::Gift,
        }
    }

    /// The plan that its account subscribes to, if any.
    pub fn plan(&self) -> Option<PlanId> {
        match self.item {
            OrderItem::Plan { plan, .. } => Some(plan),
            OrderItem::Pack { .. } | OrderItem::Gift { .. } => None,
        }
    }

    /// Its trial, if any.
    pub fn trial(&self) -> Option<Trial> {
        match self.item {
            OrderItem::Plan { trial, .. } => trial,
            OrderItem::Pack { .. } | OrderItem::Gift { .. } => None,
        }
    }

    /// The checkout that is open at `now`.
    pub fn open_session(&self, now: Timestamp) -> Option<&CheckoutSession> {
        let open = self.status == OrderStatus::Pending;
        self.session.as_ref().filter(|session| open && now < session.expires_at)
    }

    /// Whether its payment is processing: it cannot be paid again, and may still fail.
    pub fn is_processing(&self) -> bool {
        self.status == OrderStatus::Pending
            && (self.refs.payment.is_some() || self.refs.subscription.is_some())
    }

    /// Marks it paid. Returns whether it changed: a repeated notification changes nothing, and a late payment
    /// completes an order that had failed or expired.
    pub fn complete(&mut self, refs: &OrderRefs, now: Timestamp) -> bool {
        let learned = self.refs.learn(refs);
        match self.status {
            OrderStatus::Pending | OrderStatus::Failed | OrderStatus::Expired => {
                self.status = OrderStatus::Completed;
                self.completed_at = Some(now);
                true
            }
            OrderStatus::Completed | OrderStatus::Refunded | OrderStatus::PartiallyRefunded => learned,
        }
    }

    /// Records that `gone` of the `paid` amount was reversed, in minor units. Returns whether the status changed; a
    /// restored payment completes it again.
    pub fn money_went_back(&mut self, gone: i64, paid: i64) -> bool {
        let status = match gone {
            ..=0 => OrderStatus::Completed,
            part if part < paid => OrderStatus::PartiallyRefunded,
            _ => OrderStatus::Refunded,
        };
        let was_paid = matches!(
            self.status,
            OrderStatus::Completed | OrderStatus::Refunded | OrderStatus::PartiallyRefunded
        );
        let changed = was_paid && self.status != status;
        if changed {
            self.status = status;
        }
        changed
    }

    /// Records references to its payment while it is in progress. Returns whether any was new.
    pub fn learn(&mut self, refs: &OrderRefs) -> bool {
        self.refs.learn(refs)
    }

    /// Marks it failed, unless it was paid. Returns whether it changed.
    pub fn fail(&mut self) -> bool {
        self.end_unpaid(OrderStatus::Failed)
    }

    /// Marks it expired, unless it was paid or had failed. Returns whether it changed.
    pub fn expire(&mut self) -> bool {
        self.end_unpaid(OrderStatus::Expired)
    }

    fn end_unpaid(&mut self, status: OrderStatus) -> bool {
        let pending = self.status == OrderStatus::Pending;
        if pending {
            self.status = status;
        }
        pending
    }
}

impl OrderRefs {
    /// Adds the references of `other` that are missing here. Returns whether there were any.
    fn learn(&mut self, other: &Self) -> bool {
        let mut changed = false;
        for (mine, theirs) in [
            (&mut self.payment, &other.payment),
            (&mut self.subscription, &other.subscription),
            (&mut self.invoice, &other.invoice),
        ] {
            if mine.is_none() && theirs.is_some() {
                mine.clone_from(theirs);
                changed = true;
            }
        }
        changed
    }
}
