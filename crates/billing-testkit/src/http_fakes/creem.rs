//! Creem's HTTP API.
//!
//! Hosted checkouts, as far as a billing service opens them, and subscriptions and transactions added by tests. There
//! is no page and no payment: tests pay by posting the events of [`fixtures`](crate::fixtures) with this fake's ids.
//!
//! As in the original: the API key header, one product per checkout, 404 for an unknown product, errors whose message
//! is a list, and no idempotency: a repeated call opens another checkout. A refund refunds a whole transaction, which
//! is read by its id. Everything else is missing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::server::{Answer, Answers, Request, Server};

/// A fake of Creem, on a free port of 127.0.0.1. It stops when dropped.
pub struct CreemFake {
    // Before the state, so that no request runs when that is dropped.
    server: Server,
    shared: Arc<Shared>,
}

/// An opened checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FakeCheckout {
    /// Its id.
    pub id: String,
    /// The request body.
    pub asked: Value,
}

/// A created discount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FakeDiscount {
    /// Its code.
    pub code: String,
    /// The request body.
    pub asked: Value,
}

/// A fault of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreemFault {
    /// Nothing is executed, and this status is returned.
    Refuse(u16),
    /// Nothing is executed, and exactly this is returned.
    Answer(u16, &'static str),
    /// The request is executed, and the connection breaks during the response. Applies to the next write.
    CutAfterEffect,
}

#[derive(Default)]
struct State {
    base_url: String,
    checkouts: Vec<FakeCheckout>,
    discounts: Vec<FakeDiscount>,
    /// The objects by id.
    subscriptions: BTreeMap<String, Value>,
    /// The objects by id.
    transactions: BTreeMap<String, Value>,
    /// The paid checkouts, by id.
    completed: BTreeMap<String, Value>,
    /// The status of the next refunds, instead of `succeeded`.
    refunds: VecDeque<&'static str>,
    faults: VecDeque<CreemFault>,
    requests: usize,
}

struct Shared(Mutex<State>);

impl CreemFake {
    /// The only API key that it accepts.
    pub const API_KEY: &'static str = "creem_test_fake";
    /// The unknown product.
    pub const NO_PRODUCT: &'static str = "prod_none";

    /// Starts the fake.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub fn start() -> Self {
        let shared = Arc::new(Shared(Mutex::default()));
        let server = Server::start(shared.clone());
        shared.state().base_url = server.base_url();
        Self { server, shared }
    }

    /// The base URL for adapters.
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// The opened checkouts, in order.
    pub fn checkouts(&self) -> Vec<FakeCheckout> {
        self.shared.state().checkouts.clone()
    }

    /// The created discounts, in order.
    pub fn discounts(&self) -> Vec<FakeDiscount> {
        self.shared.state().discounts.clone()
    }

    /// Adds a subscription, in Creem's format.
    pub fn put_subscription(&self, subscription: Value) {
        let id = subscription["id"].as_str().unwrap_or_default().to_owned();
        self.shared.state().subscriptions.insert(id, subscription);
    }

    /// Adds a transaction, in Creem's format.
    pub fn put_transaction(&self, transaction: Value) {
        let id = transaction["id"].as_str().unwrap_or_default().to_owned();
        self.shared.state().transactions.insert(id, transaction);
    }

    /// Adds a checkout's state, in Creem's format.
    pub fn put_checkout(&self, checkout: Value) {
        let id = checkout["id"].as_str().unwrap_or_default().to_owned();
        self.shared.state().completed.insert(id, checkout);
    }

    /// Makes a later refund return this status; answers queue up.
    pub fn answer_refund(&self, status: &'static str) {
        self.shared.state().refunds.push_back(status);
    }

    /// The number of requests, including refused ones.
    pub fn requests(&self) -> usize {
        self.shared.state().requests
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
    pub fn inject(&self, fault: CreemFault) {
        self.shared.state().faults.push_back(fault);
    }
}

/// The value of a query parameter; empty if missing.
fn parameter(request: &Request, name: &str) -> String {
    let mut pairs = url::form_urlencoded::parse(request.query.as_bytes());
    pairs.find(|(other, _)| other == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
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

impl State {
    fn answer(&mut self, request: &Request) -> Answer {
        self.requests += 1;
        let reads = request.method == "GET";
        let fault = self.faults.pop_front_if(|fault| !(reads && matches!(fault, CreemFault::CutAfterEffect)));
        let answer = self.whole_answer(request, fault.as_ref());
        let cut = fault == Some(CreemFault::CutAfterEffect) && answer.status == 200;
        Answer { cut, ..answer }
    }

    fn whole_answer(&mut self, request: &Request, fault: Option<&CreemFault>) -> Answer {
        if let Some(CreemFault::Refuse(status)) = fault {
            return self.refused(*status, &json!(["Injected."]));
        }
        if let Some(CreemFault::Answer(status, body)) = fault {
            return Answer { status: *status, headers: Vec::new(), body: (*body).to_owned(), cut: false };
        }
        if request.header("x-api-key") != Some(CreemFake::API_KEY) {
            return self.refused(403, &json!("Invalid API key"));
        }
        let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        if request.method == "POST" && request.path == "/v1/customers/billing" {
            let link = format!(
                "{}/my-orders/login/{}",
                self.base_url,
                asked["customer_id"].as_str().unwrap_or("nobody")
            );
            let body = json!({ "customer_portal_link": link }).to_string();
            return Answer { status: 200, headers: Vec::new(), body, cut: false };
        }
        match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/v1/refunds") => return self.refund(&asked),
            ("GET", "/v1/transactions") => {
                return self.found(self.transactions.get(&parameter(request, "transaction_id")).cloned());
            }
            ("GET", "/v1/checkouts") => {
                let id = parameter(request, "checkout_id");
                let pending = self.checkouts.iter().any(|known| known.id == id);
                let pending = pending.then(|| json!({ "id": id, "object": "checkout", "status": "pending" }));
                return self.found(self.completed.get(&id).cloned().or(pending));
            }
            _ => {}
        }
        if let Some(path) = request.path.strip_prefix("/v1/subscriptions/") {
            return self.subscription(path, &asked);
        }
        if (request.method.as_str(), request.path.as_str()) == ("POST", "/v1/discounts") {
            return self.discount(asked);
        }
        if (request.method.as_str(), request.path.as_str()) != ("POST", "/v1/checkouts") {
            return self.refused(404, &json!("Cannot find this"));
        }
        let Some(product) = asked["product_id"].as_str() else {
            return self
                .refused(400, &json!(["product_id must be a string", "product_id should not be empty"]));
        };
        if product == CreemFake::NO_PRODUCT {
            return self.refused(404, &json!(["Product not found"]));
        }
        if let Some(code) = asked["discount_code"].as_str()
            && !self.discounts.iter().any(|known| known.code == code)
        {
            return self.refused(400, &json!("Discount code is not valid"));
        }
        let id = self.next_id();
        let body = json!({
            "id": id,
            "object": "checkout",
            "product": product,
            "units": 1,
            "status": "pending",
            "checkout_url": format!("{}/checkout/{id}", self.base_url),
            "success_url": asked["success_url"],
            "request_id": asked["request_id"],
            "metadata": asked["metadata"],
            "mode": "test",
        });
        self.checkouts.push(FakeCheckout { id, asked });
        Answer { status: 200, headers: Vec::new(), body: body.to_string(), cut: false }
    }

    /// Refunds a whole transaction; a second time is refused.
    fn refund(&mut self, asked: &Value) -> Answer {
        let id = asked["transaction_id"].as_str().unwrap_or_default().to_owned();
        let status = self.refunds.pop_front().unwrap_or("succeeded");
        let Some(known) = self.transactions.get_mut(&id) else {
            return self.refused(404, &json!("Transaction not found"));
        };
        if known["status"] == "refunded" {
            return self.refused(400, &json!("Transaction is already refunded"));
        }
        if status == "succeeded" {
            known["status"] = json!("refunded");
            known["refunded_amount"] = known["amount_paid"].clone();
        }
        Answer { status: 200, headers: Vec::new(), body: json!({ "status": status }).to_string(), cut: false }
    }

    fn found(&self, found: Option<Value>) -> Answer {
        match found {
            Some(object) => Answer { status: 200, headers: Vec::new(), body: object.to_string(), cut: false },
            None => self.refused(404, &json!("Not found")),
        }
    }

    /// Creates a discount; an existing code is refused with a message.
    fn discount(&mut self, asked: Value) -> Answer {
        let percent =
            asked["type"] == "percentage" && asked["percentage"].is_u64() && asked["amount"].is_null();
        let fixed = asked["type"] == "fixed" && asked["amount"].is_i64() && asked["currency"].is_string();
        let months = asked["duration_in_months"].is_u64() == (asked["duration"] == "repeating");
        let products = asked["applies_to_products"].as_array().is_some_and(|products| !products.is_empty());
        let (Some(code), true) = (asked["code"].as_str(), (percent || fixed) && months && products) else {
            return self.refused(400, &json!(["type must be one of: percentage, fixed"]));
        };
        if self.discounts.iter().any(|known| known.code == code) {
            return self.refused(400, &json!("A discount with this code already exists"));
        }
        let code = code.to_owned();
        let id = format!("dis_Fake{:06}", self.discounts.len());
        let body = json!({ "id": id, "object": "discount", "status": "active", "code": code, "type": asked["type"] });
        self.discounts.push(FakeDiscount { code, asked });
        Answer { status: 200, headers: Vec::new(), body: body.to_string(), cut: false }
    }

    /// Changes a subscription. The mode of a cancellation is required here; Creem would use a setting of the store.
    fn subscription(&mut self, path: &str, asked: &Value) -> Answer {
        let (id, call) = path.split_once('/').unwrap_or((path, ""));
        if call == "upgrade" {
            return self.upgrade(id, asked);
        }
        let status = match (call, asked["mode"].as_str(), asked["onExecute"].as_str()) {
            ("cancel", Some("immediate"), None) => "canceled",
            ("cancel", Some("scheduled"), Some("cancel")) => "scheduled_cancel",
            ("pause", None, None) => "paused",
            ("resume", None, None) => "active",
            _ => return self.refused(400, &json!(["mode must be one of: immediate, scheduled"])),
        };
        let Some(known) = self.subscriptions.get_mut(id) else {
            return self.refused(404, &json!("Subscription not found"));
        };
        if known["status"] == "canceled" {
            return self.refused(400, &json!("Subscription is canceled"));
        }
        known["status"] = json!(status);
        Answer { status: 200, headers: Vec::new(), body: known.to_string(), cut: false }
    }

    /// Sets another product. The charge behavior is required here; Creem would charge at once.
    fn upgrade(&mut self, id: &str, asked: &Value) -> Answer {
        let (Some(product), Some("proration-none")) =
            (asked["product_id"].as_str(), asked["update_behavior"].as_str())
        else {
            return self.refused(400, &json!(["update_behavior must be said"]));
        };
        let Some(known) = self.subscriptions.get_mut(id) else {
            return self.refused(404, &json!("Subscription not found"));
        };
        // The items stay as they were, as they do at Creem.
        known["product"] = if known["product"].is_object() {
            let mut object = known["product"].clone();
            object["id"] = json!(product);
            object
        } else {
            json!(product)
        };
        Answer { status: 200, headers: Vec::new(), body: known.to_string(), cut: false }
    }

    fn refused(&self, status: u16, message: &Value) -> Answer {
        let trace = format!("trace-{}", self.requests);
        let body = json!({ "trace_id": trace, "status": status, "error": "Bad Request", "message": message });
        Answer { status, headers: Vec::new(), body: body.to_string(), cut: false }
    }

    /// Unique over all fakes, because several may share one database.
    fn next_id(&self) -> String {
        let port = self.base_url.rsplit(':').next().unwrap_or_default();
        format!("ch_Fake{port:0>5}{:06}", self.checkouts.len())
    }
}
