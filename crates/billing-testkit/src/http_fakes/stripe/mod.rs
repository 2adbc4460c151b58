//! Stripe's HTTP API.
//!
//! Customers, coupons, hosted checkouts, the portal, the ends and pauses of subscriptions that a test put in, and
//! refunds of payments that it put in. No page, no payment: tests pay by
//! posting the events of [`fixtures`](crate::fixtures) with this fake's ids.
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

/// A Stripe of one's own, on a free port of 127.0.0.1. It stops when dropped.
pub struct StripeFake {
    // Before the state, so that nobody calls any more when that goes.
    server: Server,
    shared: Arc<Shared>,
}

struct Shared(Mutex<State>);

impl StripeFake {
    /// The only API key that it accepts.
    pub const SECRET_KEY: &'static str = "sk_test_fake";

    /// Starts one whose clock stands at `now`.
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

    /// What adapters take for `https://api.stripe.com`.
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// Sets its clock.
    pub fn set_now(&self, now: Timestamp) {
        self.shared.state().now = now;
    }

    /// The checkouts that were opened, in order.
    pub fn sessions(&self) -> Vec<FakeSession> {
        self.shared.state().sessions.clone()
    }

    /// Deletes the customer with this id, as somebody does in the dashboard.
    pub fn delete_customer(&self, id: &str) {
        let mut state = self.shared.state();
        for customer in state.customers.iter_mut().filter(|customer| customer.id == id) {
            customer.id = format!("deleted_{id}");
        }
    }

    /// The customers that were made, in order.
    pub fn customers(&self) -> Vec<FakeCustomer> {
        self.shared.state().customers.clone()
    }

    /// The coupons that were made, in order.
    pub fn coupons(&self) -> Vec<FakeCoupon> {
        self.shared.state().coupons.clone()
    }

    /// Forgets what was done under which idempotency key, as Stripe does after a day.
    pub fn forget_keys(&self) {
        self.shared.state().forget_keys();
    }

    /// Lets somebody pay a checkout with the payment `payment`. Nothing is told of it.
    pub fn pay(&self, session: &str, payment: &str) {
        for known in &mut self.shared.state().sessions {
            if known.id == session {
                known.paid_with = Some(payment.to_owned());
            }
        }
    }

    /// Puts a payment in, of which nothing went back.
    pub fn put_payment(&self, id: &str, invoice: Option<&str>, (amount, currency): (i64, &str)) {
        self.shared.state().payments.push(FakePayment {
            id: id.to_owned(),
            invoice: invoice.map(str::to_owned),
            amount,
            currency: currency.to_owned(),
            refunded: 0,
        });
    }

    /// Gives all of a payment back, as somebody does in the dashboard. Nothing is told of it.
    pub fn refund_elsewhere(&self, payment: &str) {
        for known in &mut self.shared.state().payments {
            if known.id == payment {
                known.refunded = known.amount;
            }
        }
    }

    /// The payments that were put in, as they are now.
    pub fn payments(&self) -> Vec<FakePayment> {
        self.shared.state().payments.clone()
    }

    /// Puts a subscription in, as Stripe would describe it.
    pub fn put_subscription(&self, subscription: serde_json::Value) {
        let id = subscription["id"].as_str().unwrap_or_default().to_owned();
        self.shared.state().subscriptions.insert(id, subscription);
    }

    /// Every request that came, in order; retries and refused ones too.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.state().requests.clone()
    }

    /// Holds all answers back until [`release`](Self::release). What was asked for is done all the same.
    pub fn hold(&self) {
        self.server.set_answering(false);
    }

    /// Lets the answers go that were held back, and those to come.
    pub fn release(&self) {
        self.server.set_answering(true);
    }

    /// Spoils the next request that has not been spoilt yet: faults wait in line, one per request.
    pub fn inject(&self, fault: Fault) {
        self.shared.state().faults.push_back(fault);
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing is left half-done when a request panics, so whoever comes next may go on.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answers for Shared {
    fn answer(&self, request: Request) -> Answer {
        self.state().answer(&request)
    }
}
