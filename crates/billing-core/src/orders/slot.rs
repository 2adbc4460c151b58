//! The slots that limit an account's pending orders.

use std::fmt;

use super::{Order, OrderKind, OrderStatus, RequestMark};
use crate::values::Fingerprint;

/// What an account has at most one pending order for. A unique row enforces it: of two concurrent requests, one creates
/// the order and the other finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderSlot {
    /// To subscribe: an account has one subscription.
    Subscription,
    /// To buy once, by a request without an idempotency key: the same request again finds the same order.
    Request(Fingerprint),
}

impl OrderSlot {
    /// The slot of an order of this kind, created by `request`; none if such orders are independent.
    pub fn of(kind: OrderKind, request: &RequestMark) -> Option<Self> {
        match kind {
            OrderKind::Subscription => Some(Self::Subscription),
            OrderKind::Credits | OrderKind::Gift => {
                request.key.is_none().then_some(Self::Request(request.fingerprint))
            }
        }
    }
}

impl Order {
    /// The slot that it holds; none unless it is pending.
    pub fn slot(&self) -> Option<OrderSlot> {
        let pending = self.status == OrderStatus::Pending;
        OrderSlot::of(self.kind(), &self.request).filter(|_| pending)
    }
}

/// The stored form.
impl fmt::Display for OrderSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subscription => f.write_str("subscription"),
            Self::Request(fingerprint) => {
                fingerprint.bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}
