//! Orders and checkouts.

use billing_core::orders::{Order, OrderItem};
use billing_core::requests::StartedCheckout;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SessionGiftView;

/// An order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderView {
    id: String,
    /// `subscription`, `credits` or `gift`.
    r#type: String,
    /// `pending`, `completed`, `failed`, `expired`, `refunded` or `partially_refunded`.
    status: String,
    /// The first payment, in minor units.
    amount: i64,
    /// The coupon's discount on it, in minor units.
    discount: i64,
    currency: String,
    /// The coupon, in upper case.
    coupon_code: Option<String>,
    channel: String,
    description: String,
    plan_id: Option<String>,
    /// `monthly` or `yearly`, for subscriptions.
    interval: Option<String>,
    pack_id: Option<String>,
    /// For gifts.
    months: Option<u32>,
    /// The agreed credits, bonus included; for subscriptions of each grant; for gifts of each month.
    credits: i64,
    /// RFC 3339, UTC.
    created_at: String,
    /// RFC 3339, UTC; null until it is paid.
    completed_at: Option<String>,
}

/// A checkout to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateSessionBody {
    /// The buyer; optional for users and for keys that are bound to an account.
    pub(crate) account_id: Option<String>,
    /// `stripe`, `creem` or `sandbox`.
    pub(crate) channel: String,
    /// `subscription`, `credits` or `gift`.
    pub(crate) r#type: String,
    /// For subscriptions and gifts.
    pub(crate) plan_id: Option<String>,
    /// For subscriptions: `monthly` (default) or `yearly`.
    pub(crate) interval: Option<String>,
    /// For credits.
    pub(crate) pack_id: Option<String>,
    /// For gifts: the number of months, 1 to 36.
    pub(crate) months: Option<u32>,
    /// For gifts: the recipient's address. Nothing is sent to it.
    pub(crate) recipient_email: Option<String>,
    /// For gifts: the recipient's name.
    pub(crate) recipient_name: Option<String>,
    /// For gifts: the buyer's message.
    pub(crate) message: Option<String>,
    /// For gifts: the page for redeeming it, on an allowed origin; the link has the code as query parameter `code`.
    pub(crate) redeem_url: Option<String>,
    /// A coupon for a discount or free days.
    pub(crate) coupon_code: Option<String>,
    pub(crate) success_url: String,
    pub(crate) cancel_url: String,
}

/// An open checkout.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    order_id: String,
    session_id: String,
    /// The URL of the payment page; the success URL if a coupon takes off the whole price.
    url: String,
    /// RFC 3339, UTC.
    expires_at: String,
    /// The gift that it pays for; only for gifts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gift: Option<SessionGiftView>,
}

/// A received event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceivedView {
    pub(crate) received: bool,
}

impl From<Order> for OrderView {
    fn from(order: Order) -> Self {
        let months = match order.item {
            OrderItem::Gift { months, .. } => Some(months),
            OrderItem::Plan { .. } | OrderItem::Pack { .. } => None,
        };
        let (plan_id, interval, pack_id, credits) = match &order.item {
            OrderItem::Plan { plan, interval, credits, .. } => {
                (Some(plan.to_string()), Some(interval.to_string()), None, credits.get())
            }
            OrderItem::Gift { plan, credits, .. } => (Some(plan.to_string()), None, None, credits.get()),
            OrderItem::Pack { pack, credits, bonus_credits, .. } => {
                (None, None, Some(pack.to_string()), credits.get().saturating_add(bonus_credits.get()))
            }
        };
        Self {
            id: order.id.to_string(),
            r#type: order.kind().to_string(),
            status: order.status.to_string(),
            amount: order.price.minor,
            discount: order.discount.as_ref().map_or(0, |discount| discount.amount),
            coupon_code: order.discount.map(|discount| discount.code.to_string()),
            currency: order.price.currency.to_string(),
            channel: order.channel.to_string(),
            description: order.description,
            plan_id,
            interval,
            pack_id,
            months,
            credits,
            created_at: order.created_at.to_string(),
            completed_at: order.completed_at.map(|at| at.to_string()),
        }
    }
}

impl From<&StartedCheckout> for SessionView {
    fn from(started: &StartedCheckout) -> Self {
        Self {
            order_id: started.order.id.to_string(),
            session_id: started.session.id.clone(),
            url: started.session.url.clone(),
            expires_at: started.session.expires_at.to_string(),
            gift: None,
        }
    }
}
