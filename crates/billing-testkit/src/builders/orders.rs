//! Orders.

use billing_core::catalog::{Interval, Pack, Plan};
use billing_core::orders::{NewOrder, Order, OrderRefs, OrderStatus, RequestMark};
use billing_core::payments::{Channel, CheckoutSession};
use billing_core::values::{AccountId, IdSource};

use super::{a_discount, fingerprint, noon, request_key};

/// A pending order for `pack` from a request without a key; nothing optional is set.
pub fn an_order(account: AccountId, pack: &Pack, ids: &dyn IdSource) -> Order {
    as_its_own_request(Order::for_pack(new_order(account), pack, ids, noon()))
}

/// A pending order for a month of `plan`; nothing optional is set.
pub fn an_order_for_a_plan(account: AccountId, plan: &Plan, ids: &dyn IdSource) -> Order {
    let price = plan.price(Interval::Monthly).unwrap();
    Order::for_plan(new_order(account), plan, (Interval::Monthly, price), true, ids, noon())
}

/// A completed order with every field set.
pub fn a_full_order(account: AccountId, pack: &Pack, ids: &dyn IdSource) -> Order {
    let order = an_order(account, pack, ids);
    Order {
        status: OrderStatus::Completed,
        request: RequestMark { key: Some(request_key(&format!("key-{}", order.id))), ..order.request },
        session: Some(a_session(&format!("cs_{}", order.id))),
        refs: OrderRefs {
            payment: Some("pi_1".to_owned()),
            subscription: Some("sub_1".to_owned()),
            invoice: Some("in_1".to_owned()),
        },
        discount: Some(a_discount(ids)),
        completed_at: Some(noon().plus_seconds(90)),
        ..order
    }
}

/// A checkout that is open for a day from noon on.
pub fn a_session(id: &str) -> CheckoutSession {
    CheckoutSession {
        id: id.to_owned(),
        url: format!("https://pay.example.com/{id}"),
        expires_at: noon().plus_days(1),
    }
}

/// Orders of one request without a key stand in each other's way.
pub(super) fn as_its_own_request(order: Order) -> Order {
    let request = RequestMark { fingerprint: fingerprint(&order.id.to_string()), ..order.request };
    Order { request, ..order }
}

fn new_order(account: AccountId) -> NewOrder {
    NewOrder {
        account,
        channel: Channel::named("stripe"),
        success_url: "https://app.example.com/paid".to_owned(),
        cancel_url: "https://app.example.com/pricing".to_owned(),
        request: RequestMark { key: None, fingerprint: fingerprint("an order") },
    }
}
