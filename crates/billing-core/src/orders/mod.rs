//! Orders.

mod discounted;
mod order;
mod slot;
mod status;

pub use order::{NewOrder, Order, OrderItem, OrderRefs, RequestMark, Trial};
pub use slot::OrderSlot;
pub use status::{OrderKind, OrderStatus};
