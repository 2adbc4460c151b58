//! Stripe's HTTP API.
//!
//! Customers, coupons, hosted checkouts, the portal, changes of subscriptions added by tests, and refunds of payments
//! added by tests. There is no page and no payment: tests pay by posting the events of [`fixtures`](crate::fixtures)
//! with this fake's ids.
//!
//! True to the original: the shapes of answers and errors, `Request-Id`, one effect per idempotency key and
//! the replay of its answer, refusal of a key with other parameters, of unknown, missing and malformed
//! parameters and of customers that do not exist. Stricter: `Stripe-Version` has to be there, and amounts
//! have to be positive. Left out: prices of its own (every `price_…` exists), rate limits, and time, which
//! only moves by [`StripeFake::set_now`].

mod api_error;
mod checkout;
mod coupon;
mod customer;
mod invoice;
mod params;
mod refund;
mod replies;
mod state;
mod subscription;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use billing_core::values::Timestamp;

pub use checkout::FakeSession;
pub use coupon::FakeCoupon;
pub use customer::FakeCustomer;
pub use refund::FakePayment;
pub use replies::{Fault, RecordedRequest};

use super::server::{Answer, Answers, Request, Server};
use state::State;

/// A fake of Stripe, on a free port of 127.0.0.1. It stops when dropped.
pub struct StripeFake {
    // Before the state, so that no request runs when that is dropped.
    server: Server,
    shared: Arc<Shared>,
}

struct Shared(Mutex<State>);

impl StripeFake {
    /// The only API key that it accepts.
    pub const SECRET_KEY: &'static str = "sk_test_fake";

    /// Starts the fake with its clock at `now`.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub fn start(now: Timestamp) -> Self {
        let shared = Arc::new(Shared(Mutex::new(State::new(now))));
        let server = Server::start(shared.clone());
        shared.state().base_url = server.base_url();
        Self { server, shared }
    }

    /// The base URL for adapters, in place of `https://api.stripe.com`.
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// Sets its clock.
    pub fn set_now(&self, now: Timestamp) {
        self.shared.state().now = now;
    }

    /// The opened checkouts, in order.
    pub fn sessions(&self) -> Vec<FakeSession> {
        self.shared.state().sessions.clone()
    }

    /// Deletes the customer with this id, as in the dashboard.
    pub fn delete_customer(&self, id: &str) {
        let mut state = self.shared.state();
        for customer in state.customers.iter_mut().filter(|customer| customer.id == id) {
            customer.id = format!("deleted_{id}");
        }
    }

    /// The created customers, in order.
    pub fn customers(&self) -> Vec<FakeCustomer> {
        self.shared.state().customers.clone()
    }

    /// The created coupons, in order.
    pub fn coupons(&self) -> Vec<FakeCoupon> {
        self.shared.state().coupons.clone()
    }

    /// Deletes the idempotency keys, as Stripe does after a day.
    pub fn forget_keys(&self) {
        self.shared.state().forget_keys();
    }

    /// Pays a checkout with the payment `payment`, without an event.
    pub fn pay(&self, session: &str, payment: &str) {
        for known in &mut self.shared.state().sessions {
            if known.id == session {
                known.paid_with = Some(payment.to_owned());
            }
        }
    }

    /// Adds a payment without refunds.
    pub fn put_payment(&self, id: &str, invoice: Option<&str>, (amount, currency): (i64, &str)) {
        self.shared.state().payments.push(FakePayment {
            id: id.to_owned(),
            invoice: invoice.map(str::to_owned),
            amount,
            currency: currency.to_owned(),
            refunded: 0,
        });
    }

    /// Refunds a whole payment, as in the dashboard, without an event.
    pub fn refund_elsewhere(&self, payment: &str) {
        for known in &mut self.shared.state().payments {
            if known.id == payment {
                known.refunded = known.amount;
            }
        }
    }

    /// The added payments, in their current state.
    pub fn payments(&self) -> Vec<FakePayment> {
        self.shared.state().payments.clone()
    }

    /// Adds a subscription, in Stripe's format.
    pub fn put_subscription(&self, subscription: serde_json::Value) {
        let id = subscription["id"].as_str().unwrap_or_default().to_owned();
        self.shared.state().subscriptions.insert(id, subscription);
    }

    /// Adds an invoice with all of its lines, in Stripe's format.
    pub fn put_invoice(&self, invoice: serde_json::Value) {
        let id = invoice["id"].as_str().unwrap_or_default().to_owned();
        self.shared.state().invoices.insert(id, invoice);
    }

    /// The checkout is complete, and started a subscription. No event is sent.
    pub fn subscribe(&self, session: &str, subscription: &str, invoice: &str) {
        for known in &mut self.shared.state().sessions {
            if known.id == session {
                known.started = Some((subscription.to_owned(), invoice.to_owned()));
            }
        }
    }

    /// All requests, in order, including retries and refused ones.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.state().requests.clone()
    }

    /// Holds all responses back until [`release`](Self::release). The requests are executed.
    pub fn hold(&self) {
        self.server.set_answering(false);
    }

    /// Sends the held responses, and later ones.
    pub fn release(&self) {
        self.server.set_answering(true);
    }

    /// Makes the next request fail: faults queue up, one per request.
    pub fn inject(&self, fault: Fault) {
        self.shared.state().faults.push_back(fault);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic leaves whole values, so later requests may continue.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answers for Shared {
    fn answer(&self, request: Request) -> Answer {
        self.state().answer(&request)
    }
}
