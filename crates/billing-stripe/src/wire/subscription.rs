//! Subscriptions in events.

use billing_core::payments::SubscriptionItem;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Expandable, List, Metadata};

/// A subscription. All times are unix seconds.
#[derive(Debug, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) customer: Expandable,
    pub(crate) status: String,
    pub(crate) items: Option<List<Item>>,
    /// The only item's price; undocumented, but still sent.
    plan: Option<Expandable>,
    /// Before basil; since then it is on the items.
    current_period_start: Option<i64>,
    current_period_end: Option<i64>,
    /// How invoices are treated while collection is paused; null if it is not.
    pause_collection: Option<IgnoredAny>,
    /// The schedule that manages it, if any.
    pub(crate) schedule: Option<Expandable>,
    pub(crate) cancel_at_period_end: Option<bool>,
    pub(crate) cancel_at: Option<i64>,
    pub(crate) canceled_at: Option<i64>,
    pub(crate) ended_at: Option<i64>,
    cancellation_details: Option<CancellationDetails>,
    pub(crate) trial_end: Option<i64>,
    pub(crate) start_date: Option<i64>,
    pub(crate) created: Option<i64>,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) latest_invoice: Option<Expandable>,
}

/// Why a subscription was canceled. See <https://docs.stripe.com/api/subscriptions/object>.
#[derive(Debug, Deserialize)]
struct CancellationDetails {
    /// The customer's own words.
    comment: Option<String>,
    /// Chosen by the customer in the portal, such as `too_expensive`.
    feedback: Option<String>,
    /// `cancellation_requested`, `payment_disputed`, `payment_failed` …
    reason: Option<String>,
}

/// A schedule, without any field.
#[derive(Debug, Deserialize)]
pub(crate) struct Schedule {}

/// One subscription item.
#[derive(Debug, Deserialize)]
pub(crate) struct Item {
    id: Option<String>,
    /// None for metered usage.
    quantity: Option<u32>,
    price: Option<Expandable>,
    /// The former name of prices, before 2020; sent in addition.
    plan: Option<Expandable>,
    /// Since basil.
    current_period_start: Option<i64>,
    current_period_end: Option<i64>,
}

impl Item {
    fn price(&self) -> Option<&str> {
        self.price.as_ref().or(self.plan.as_ref()).map(Expandable::id)
    }
}

impl Subscription {
    /// Why it was canceled: what the customer says, else Stripe's reason. That it was requested is no reason.
    pub(crate) fn cancel_reason(&self) -> Option<&str> {
        let details = self.cancellation_details.as_ref()?;
        let requested = |reason: &&str| *reason != "cancellation_requested";
        let said = details.comment.as_deref().or(details.feedback.as_deref());
        said.or_else(|| details.reason.as_deref().filter(requested))
    }

    /// Whether collection is paused, although its status is unchanged.
    pub(crate) const fn collects_nothing(&self) -> bool {
        self.pause_collection.is_some()
    }

    /// The id of the item with this price; of the only one, whatever its price.
    pub(crate) fn item_at(&self, price: Option<&str>) -> Option<&str> {
        let at_price = self.items().iter().find(|item| price.is_some() && item.price() == price);
        let only = match self.items() {
            [only] => Some(only),
            _ => None,
        };
        at_price.or(only)?.id.as_deref()
    }

    /// All items with a price.
    pub(crate) fn priced_items(&self) -> Vec<SubscriptionItem> {
        let priced = |item: &Item| {
            let (price, quantity) = (item.price()?.to_owned(), item.quantity.unwrap_or(1));
            Some(SubscriptionItem { price, quantity })
        };
        let items: Vec<_> = self.items().iter().filter_map(priced).collect();
        if items.is_empty() {
            return self.plan.iter().map(|plan| SubscriptionItem::one(plan.id())).collect();
        }
        items
    }

    /// The current period: the one that all items share, else the subscription's own.
    pub(crate) fn period(&self) -> Option<(i64, i64)> {
        let start = self.items().iter().filter_map(|item| item.current_period_start).max();
        let end = self.items().iter().filter_map(|item| item.current_period_end).min();
        let own = self.current_period_start.zip(self.current_period_end);
        start.zip(end).or(own).filter(|(start, end)| start < end)
    }

    fn items(&self) -> &[Item] {
        self.items.as_ref().map_or(&[], |items| &items.data)
    }
}
