//! Orders.

mod discounted;
mod order;
mod status;

pub use order::{NewOrder, Order, OrderItem, OrderRefs, RequestMark, Trial};
pub use status::{OrderKind, OrderStatus};
