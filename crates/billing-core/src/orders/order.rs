//! One order and its life.

use super::{OrderKind, OrderStatus};
use crate::catalog::{Interval, Pack, Plan};
use crate::coupons::Discount;
use crate::payments::{Channel, CheckoutSession};
use crate::values::{
    AccountId, Credits, Fingerprint, IdSource, Money, OrderId, PackId, PlanId, RequestKey, Timestamp,
};

/// One order. What was agreed (price, credits) is frozen on it; the catalogue may change afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The order's id.
    pub id: OrderId,
    /// Whose.
    pub account: AccountId,
    /// Where it stands.
    pub status: OrderStatus,
    /// What is bought, as agreed.
    pub item: OrderItem,
    /// What a customer reads.
    pub description: String,
    /// What was agreed to pay, at first; what a coupon takes off is off.
    pub price: Money,
    /// The coupon that it was agreed with.
    pub discount: Option<Discount>,
    /// Through which provider.
    pub channel: Channel,
    /// Where the buyer returns to after paying.
    pub success_url: String,
    /// Where the buyer returns to otherwise.
    pub cancel_url: String,
    /// The request that made it, so that the same request finds it again.
    pub request: RequestMark,
    /// The provider's checkout, once it was opened.
    pub session: Option<CheckoutSession>,
    /// The provider's other ids.
    pub refs: OrderRefs,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was paid.
    pub completed_at: Option<Timestamp>,
    /// How often it was written; 0 before the first time.
    pub version: i64,
}

/// What an order buys, as agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderItem {
    /// A pack of credits.
    Pack {
        /// Which one.
        pack: PackId,
        /// How many credits.
        credits: Credits,
        /// How many on top.
        bonus_credits: Credits,
        /// How many days they last.
        expires_after_days: Option<u32>,
    },
    /// A plan.
    Plan {
        /// Which one.
        plan: PlanId,
        /// How often it is paid.
        interval: Interval,
        /// How many credits the first period brings, each time the plan hands them out.
        credits: Credits,
        /// How it begins, if it begins with a trial.
        trial: Option<Trial>,
    },
    /// A plan for some months, for whoever gets its code. It is paid once.
    Gift {
        /// Which one.
        plan: PlanId,
        /// For how many months.
        months: u32,
        /// How many credits each month brings.
        credits: Credits,
    },
}

/// How a subscription may begin without being paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// How many days.
    pub days: u32,
    /// How many credits it brings.
    pub credits: Credits,
}

/// What is remembered of the request that made an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestMark {
    /// The idempotency key that was sent.
    pub key: Option<RequestKey>,
    /// What the request said.
    pub fingerprint: Fingerprint,
}

/// The provider's ids around one payment, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderRefs {
    /// Of the payment (Stripe: the PaymentIntent).
    pub payment: Option<String>,
    /// Of the subscription.
    pub subscription: Option<String>,
    /// Of the invoice.
    pub invoice: Option<String>,
}

/// What an order is made from.
#[derive(Debug, Clone)]
pub struct NewOrder {
    /// Whose.
    pub account: AccountId,
    /// Through which provider.
    pub channel: Channel,
    /// Where the buyer returns to after paying.
    pub success_url: String,
    /// Where the buyer returns to otherwise.
    pub cancel_url: String,
    /// The request that asks for it.
    pub request: RequestMark,
}

impl Order {
    /// An order for a pack, at today's price.
    pub fn for_pack(new: NewOrder, pack: &Pack, ids: &dyn IdSource, now: Timestamp) -> Self {
        let item = OrderItem::Pack {
            pack: pack.id,
            credits: pack.credits,
            bonus_credits: pack.bonus_credits,
            expires_after_days: pack.expires_after_days,
        };
        Self::pending(new, item, pack.name.clone(), pack.money(), ids, now)
    }

    /// An order for a plan, at today's `price` for `interval`; with the plan's trial, if it has one, where
    /// `may_try`.
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

    /// An order for `months` of a plan for somebody, at today's `price` for all of them.
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

    /// What the order is for.
    pub fn kind(&self) -> OrderKind {
        match self.item {
            OrderItem::Pack { .. } => OrderKind::Credits,
            OrderItem::Plan { .. } => OrderKind::Subscription,
            OrderItem::Gift { .. } => OrderKind::Gift,
        }
    }

    /// The plan that it subscribes its own account to, if it does.
    pub fn plan(&self) -> Option<PlanId> {
        match self.item {
            OrderItem::Plan { plan, .. } => Some(plan),
            OrderItem::Pack { .. } | OrderItem::Gift { .. } => None,
        }
    }

    /// How its subscription begins, if it begins with a trial.
    pub fn trial(&self) -> Option<Trial> {
        match self.item {
            OrderItem::Plan { trial, .. } => trial,
            OrderItem::Pack { .. } | OrderItem::Gift { .. } => None,
        }
    }

    /// The checkout in which it can be paid at `now`.
    pub fn open_session(&self, now: Timestamp) -> Option<&CheckoutSession> {
        let open = self.status == OrderStatus::Pending;
        self.session.as_ref().filter(|session| open && now < session.expires_at)
    }

    /// Whether its payment is on its way: it can no longer be paid, and may still fail.
    pub fn is_processing(&self) -> bool {
        self.status == OrderStatus::Pending
            && (self.refs.payment.is_some() || self.refs.subscription.is_some())
    }

    /// Marks it paid. Says whether that is news: a second notice of the same payment changes nothing, while
    /// an order that had failed or expired still completes when the money comes late.
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

    /// Notes that `gone` of what was `paid` for it went back, in minor units. Says whether that changes where it
    /// stands; money that came back to us completes it again.
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
        let news = was_paid && self.status != status;
        if news {
            self.status = status;
        }
        news
    }

    /// Notes ids of its payment while the money is on its way. Says whether any was new.
    pub fn learn(&mut self, refs: &OrderRefs) -> bool {
        self.refs.learn(refs)
    }

    /// Marks it failed, unless the money came after all. Says whether that is news.
    pub fn fail(&mut self) -> bool {
        self.end_unpaid(OrderStatus::Failed)
    }

    /// Marks it expired, unless it was paid or had failed. Says whether that is news.
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
    /// Takes over what `other` knows and this does not. Says whether that was anything.
    fn learn(&mut self, other: &Self) -> bool {
        let mut news = false;
        for (mine, theirs) in [
            (&mut self.payment, &other.payment),
            (&mut self.subscription, &other.subscription),
            (&mut self.invoice, &other.invoice),
        ] {
            if mine.is_none() && theirs.is_some() {
                mine.clone_from(theirs);
                news = true;
            }
        }
        news
    }
}
