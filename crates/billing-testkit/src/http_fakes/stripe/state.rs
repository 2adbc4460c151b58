//! The handling of one request.

use std::collections::{BTreeMap, VecDeque};

use billing_core::values::Timestamp;
use serde_json::{Value, json};

use super::StripeFake;
use super::api_error::ApiError;
use super::checkout::{self, Context, FakeSession};
use super::coupon::{self, FakeCoupon};
use super::customer::{self, FakeCustomer};
use super::invoice;
use super::params::Params;
use super::refund::{self, FakePayment};
use super::replies::{Fault, RecordedRequest};
use super::subscription;
use crate::http_fakes::server::{Answer, Request};

/// The state of the fake.
#[derive(Debug)]
pub(super) struct State {
    pub(super) now: Timestamp,
    pub(super) base_url: String,
    pub(super) customers: Vec<FakeCustomer>,
    pub(super) coupons: Vec<FakeCoupon>,
    pub(super) sessions: Vec<FakeSession>,
    /// The objects by id.
    pub(super) subscriptions: BTreeMap<String, Value>,
    /// By id, each with all of its lines.
    pub(super) invoices: BTreeMap<String, Value>,
    pub(super) payments: Vec<FakePayment>,
    pub(super) requests: Vec<RecordedRequest>,
    pub(super) faults: VecDeque<Fault>,
    /// The result of each idempotency key.
    done: BTreeMap<String, Done>,
    /// The declined payments, by key: Stripe remembers those, too.
    declined: BTreeMap<String, String>,
}

/// The result of an idempotency key.
#[derive(Debug, Clone)]
struct Done {
    path: String,
    params: Vec<(String, String)>,
    body: String,
    request_id: String,
}

/// A response, and the request that got it first.
struct Said {
    body: String,
    original_request: String,
    replayed: bool,
}

impl State {
    /// The empty state.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            now,
            base_url: String::new(),
            customers: Vec::new(),
            coupons: Vec::new(),
            sessions: Vec::new(),
            subscriptions: BTreeMap::new(),
            invoices: BTreeMap::new(),
            payments: Vec::new(),
            requests: Vec::new(),
            faults: VecDeque::new(),
            done: BTreeMap::new(),
            declined: BTreeMap::new(),
        }
    }

    pub(super) fn forget_keys(&mut self) {
        self.done.clear();
        self.declined.clear();
    }

    /// Handles `request` and records it with its response.
    pub(super) fn answer(&mut self, request: &Request) -> Answer {
        let params = Params::read(&request.body);
        let known = request.header("authorization") == Some(&format!("Bearer {}", StripeFake::SECRET_KEY));
        let request_id = known.then(|| format!("req_fake{:010}", self.requests.len()));
        let answer = match &request_id {
            Some(id) => self.authorized(request, &params, id),
            None => unauthorized(),
        };
        self.requests.push(RecordedRequest {
            method: request.method.clone(),
            path: request.path.clone(),
            idempotency_key: request.header("idempotency-key").map(str::to_owned),
            version: request.header("stripe-version").map(str::to_owned),
            params: params.pairs().to_vec(),
            request_id,
            status: answer.status,
        });
        answer
    }

    fn authorized(&mut self, request: &Request, params: &Params, request_id: &str) -> Answer {
        let mut headers = vec![("Request-Id", request_id.to_owned())];
        if let Some(version) = request.header("stripe-version") {
            headers.push(("Stripe-Version", version.to_owned()));
        }
        let key = request.header("idempotency-key");
        if let Some(body) = key.and_then(|key| self.declined.get(key)) {
            headers.push(("Idempotent-Replayed", "true".to_owned()));
            return Answer { status: 402, headers, body: body.clone(), cut: false };
        }
        let fault = self.faults.pop_front();
        if let Some((error, should_retry)) = fault.as_ref().and_then(Fault::refusal) {
            headers.extend(should_retry.map(|advice| ("Stripe-Should-Retry", advice.to_string())));
            return Answer { status: error.status, headers, body: error.body().to_string(), cut: false };
        }
        if let Some(Fault::Answer(status, body)) = fault {
            return Answer { status, headers, body: body.to_owned(), cut: false };
        }
        let cut = fault == Some(Fault::CutAfterEffect);
        match self.carry_out(request, params, request_id) {
            Ok(said) => {
                if request.method == "POST" {
                    headers.push(("Stripe-Should-Retry", "false".to_owned()));
                    headers.push(("Original-Request", said.original_request));
                    let key = request.header("idempotency-key");
                    headers.extend(key.map(|key| ("Idempotency-Key", key.to_owned())));
                }
                if said.replayed {
                    headers.push(("Idempotent-Replayed", "true".to_owned()));
                }
                Answer { status: 200, headers, body: said.body, cut }
            }
            Err(error) => {
                let body = error.body().to_string();
                if let Some(key) = key.filter(|_| error.status == 402) {
                    self.declined.insert(key.to_owned(), body.clone());
                }
                Answer { status: error.status, headers, body, cut }
            }
        }
    }

    fn carry_out(&mut self, request: &Request, params: &Params, request_id: &str) -> Result<Said, ApiError> {
        if request.header("stripe-version").is_none() {
            return Err(ApiError::request(400, "This fake wants a Stripe-Version with every request."));
        }
        let fresh = |body: String| Said { body, original_request: request_id.to_owned(), replayed: false };
        if request.method == "GET" {
            return Ok(fresh(self.get(&request.path, &request.query)?.to_string()));
        }
        if request.method == "DELETE" {
            let now = self.now;
            let ended = self.subscription(&request.path)?;
            subscription::cancel(ended, now)?;
            return Ok(fresh(ended.to_string()));
        }
        let form = request.header("content-type").unwrap_or_default();
        if !form.starts_with("application/x-www-form-urlencoded") {
            return Err(ApiError::request(400, "The body is not a form."));
        }
        let Some(key) = request.header("idempotency-key") else {
            return Ok(fresh(self.post(request, params)?.to_string()));
        };
        if key.len() > 255 {
            return Err(ApiError::request(400, "Idempotency keys have at most 255 characters."));
        }
        if let Some(done) = self.done.get(key) {
            if done.path != request.path || done.params != params.sorted() {
                let message = format!(
                    "Keys for idempotent requests can only be used with the same parameters they were first used \
                     with. Try using a key other than '{key}' if you meant to execute a different request."
                );
                return Err(ApiError { kind: "idempotency_error", ..ApiError::request(400, message) });
            }
            let original_request = done.request_id.clone();
            return Ok(Said { body: done.body.clone(), original_request, replayed: true });
        }
        // An invalid request is not remembered.
        let body = self.post(request, params)?.to_string();
        let done = Done {
            path: request.path.clone(),
            params: params.sorted(),
            body: body.clone(),
            request_id: request_id.to_owned(),
        };
        self.done.insert(key.to_owned(), done);
        Ok(fresh(body))
    }

    fn post(&mut self, request: &Request, params: &Params) -> Result<Value, ApiError> {
        if params.get("items[0][price]") == Some("price_declined_twice") && self.declined.len() < 2 {
            return Err(subscription::declined());
        }
        match request.path.as_str() {
            "/v1/customers" => {
                let id = self.next_id("cus_Fake", self.customers.len());
                let customer = customer::create(params, id, self.now)?;
                let object = customer::object(&customer);
                self.customers.push(customer);
                Ok(object)
            }
            "/v1/coupons" => {
                let coupon = coupon::create(params, &self.coupons)?;
                let object = coupon::object(&coupon);
                self.coupons.push(coupon);
                Ok(object)
            }
            "/v1/checkout/sessions" => {
                let id = self.next_id("cs_test_a1Fake", self.sessions.len());
                let context = Context {
                    id,
                    base_url: &self.base_url,
                    customers: &self.customers,
                    coupons: &self.coupons,
                    now: self.now,
                };
                let session = checkout::create(params, context)?;
                let object = checkout::object(&session);
                self.sessions.push(session);
                Ok(object)
            }
            path if path.starts_with("/v1/checkout/sessions/") && path.ends_with("/expire") => {
                params.check_names(&[])?;
                let id = path.trim_start_matches("/v1/checkout/sessions/").trim_end_matches("/expire");
                let session = self.sessions.iter_mut().find(|session| session.id == id);
                let session = session.ok_or_else(|| no_session(id))?;
                checkout::expire(session)?;
                Ok(checkout::object(session))
            }
            "/v1/billing_portal/sessions" => {
                params.check_names(&[
                    "customer",
                    "return_url",
                    "flow_data[type]",
                    "flow_data[subscription_cancel][subscription]",
                    "flow_data[subscription_update][subscription]",
                ])?;
                let customer = params.get("customer").unwrap_or_default();
                if !self.customers.iter().any(|known| known.id == customer) {
                    let message = format!("No such customer: '{customer}'");
                    return Err(ApiError::invalid("resource_missing", "customer", message));
                }
                let id = self.next_id("bps_1Fake", self.requests.len());
                let url = format!("{}/p/session/{id}", self.base_url);
                Ok(json!({ "id": id, "object": "billing_portal.session", "customer": customer, "url": url }))
            }
            "/v1/invoices/create_preview" => subscription::preview(params),
            "/v1/refunds" => {
                let id = self.next_id("re_1Fake", self.requests.len());
                refund::create(&mut self.payments, params, &id)
            }
            path if path.starts_with("/v1/subscription_schedules/") => {
                params.check_names(&[])?;
                let schedule = path.trim_start_matches("/v1/subscription_schedules/");
                let schedule = schedule.strip_suffix("/release");
                let schedule = schedule.ok_or_else(|| unknown_url(&request.method, &request.path))?;
                subscription::release(self.subscriptions.values_mut(), schedule)
            }
            path if path.starts_with("/v1/subscriptions/") => {
                let now = self.now;
                if let Some(path) = path.strip_suffix("/resume") {
                    let resumed = self.subscription(path)?;
                    subscription::resume(resumed)?;
                    return Ok(resumed.clone());
                }
                let changed = self.subscription(path)?;
                subscription::update(changed, params, now)?;
                Ok(changed.clone())
            }
            _ => Err(unknown_url(&request.method, &request.path)),
        }
    }

    fn subscription(&mut self, path: &str) -> Result<&mut Value, ApiError> {
        let id = path.strip_prefix("/v1/subscriptions/").unwrap_or_default().to_owned();
        self.subscriptions.get_mut(&id).ok_or_else(|| {
            let message = format!("No such subscription: '{id}'");
            ApiError { status: 404, ..ApiError::invalid("resource_missing", "id", message) }
        })
    }

    fn get(&mut self, path: &str, query: &str) -> Result<Value, ApiError> {
        if path == "/v1/refunds" {
            return refund::of_payment(&self.payments, &Params::read(query.as_bytes()));
        }
        if path == "/v1/invoice_payments" {
            return refund::of_invoice(&self.payments, &Params::read(query.as_bytes()));
        }
        if path.starts_with("/v1/subscriptions/") {
            return self.subscription(path).cloned();
        }
        if let Some(path) = path.strip_prefix("/v1/invoices/") {
            return invoice::read(&self.invoices, path, &Params::read(query.as_bytes()));
        }
        if let Some(id) = path.strip_prefix("/v1/charges/") {
            let charge = refund::charge(&self.payments, id);
            let message = format!("No such charge: '{id}'");
            return charge.ok_or_else(|| ApiError {
                status: 404,
                ..ApiError::invalid("resource_missing", "id", message)
            });
        }
        if path == "/v1/checkout/sessions" {
            let query = Params::read(query.as_bytes());
            let payment = query.need("payment_intent")?;
            let paid = self.sessions.iter().filter(|session| session.paid_with.as_deref() == Some(payment));
            let data: Vec<_> = paid.map(checkout::object).collect();
            return Ok(json!({ "object": "list", "data": data, "has_more": false, "url": path }));
        }
        let id = path.strip_prefix("/v1/checkout/sessions/").ok_or_else(|| unknown_url("GET", path))?;
        let session = self.sessions.iter().find(|session| session.id == id);
        session.map(checkout::object).ok_or_else(|| no_session(id))
    }

    /// Unique over all fakes, because several may share one database.
    fn next_id(&self, prefix: &str, count: usize) -> String {
        let port = self.base_url.rsplit(':').next().unwrap_or_default();
        format!("{prefix}{port:0>5}{:010}{count:06}", self.now.unix_seconds())
    }
}

fn no_session(id: &str) -> ApiError {
    let message = format!("No such checkout.session: {id}");
    ApiError { status: 404, ..ApiError::invalid("resource_missing", "session", message) }
}

fn unauthorized() -> Answer {
    let error = ApiError::request(401, "Invalid API Key provided.");
    // Such answers have no Request-Id.
    let headers = vec![("WWW-Authenticate", "Basic realm=\"Stripe\"".to_owned())];
    Answer { status: 401, headers, body: error.body().to_string(), cut: false }
}

fn unknown_url(method: &str, path: &str) -> ApiError {
    let message = format!("Unrecognized request URL ({method}: {path}).");
    ApiError::request(404, message)
}
