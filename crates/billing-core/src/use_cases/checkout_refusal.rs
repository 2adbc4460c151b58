//! Why a checkout cannot be opened.

use crate::orders::OrderStatus;
use crate::payments::{Channel, UrlRefusal};
use crate::values::OrderId;

/// Why a checkout cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckoutRefusal {
    /// The provider is not configured.
    #[error("the payment channel `{0}` is not configured")]
    ChannelNotConfigured(Channel),
    /// The plan or pack has no price or product at this provider.
    #[error("`{item}` is not sold through {channel}")]
    NotAvailableOnChannel {
        /// The plan or pack.
        item: String,
        /// The provider.
        channel: Channel,
    },
    /// The plan or pack is not on sale, or not for this interval.
    #[error("`{0}` is not on sale")]
    NotOnSale(String),
    /// The account has a subscription already.
    #[error("this account has a live subscription")]
    AlreadySubscribed,
    /// An earlier checkout was paid, or its payment is processing.
    #[error("the payment of the order {0} is being applied; ask again in a moment")]
    PaymentPending(OrderId),
    /// A return URL is not allowed.
    #[error(transparent)]
    Url(#[from] UrlRefusal),
    /// The order of this request cannot be paid any more.
    #[error("the order of this request is {0}; ask again under another key")]
    OrderClosed(OrderStatus),
}

impl CheckoutRefusal {
    /// The stable error code of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ChannelNotConfigured(_) => "channel_not_configured",
            Self::NotAvailableOnChannel { .. } => "plan_not_available_on_channel",
            Self::NotOnSale(_) => "not_on_sale",
            Self::AlreadySubscribed => "already_subscribed",
            Self::PaymentPending(_) => "payment_pending",
            Self::Url(url) => url.code(),
            Self::OrderClosed(_) => "order_closed",
        }
    }
}
