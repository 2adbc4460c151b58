//! The API with everything around it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::web::Data;
use actix_web::{App, body::to_bytes};
use billing_core::Billing;
use billing_core::accounts::Account;
use billing_core::catalog::{Pack, Plan};
use billing_core::changes::Changes;
use billing_core::credentials::{Scope, Scopes};
use billing_core::payments::{AllowedOrigins, Channel};
use billing_core::ports::{AccountRef, BalanceReads, BillingReads, BillingStore, Clock};
use billing_core::requests::{CreateKey, NewKey};
use billing_core::values::{IdSource, Timestamp};
use billing_http::{Api, JwtConfig, Readiness, routes};
use billing_testkit::builders::{ALLOWED_ORIGIN, an_adjustment, an_external_id, noon};
use billing_testkit::{CountingWaker, ManualClock, MemoryStore, ScriptedProvider, SequentialIds};
use serde_json::Value;

use super::{AUDIENCE, Answer, ISSUER, SECRET};

/// The API with everything around it.
pub(crate) struct World {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<SequentialIds>,
    pub(crate) provider: Arc<ScriptedProvider>,
    pub(crate) waker: Arc<CountingWaker>,
    pub(crate) readiness: Data<Readiness>,
    pub(crate) billing: Billing,
    api: Data<Api>,
    keys: AtomicU8,
}

/// A request that is being written.
pub(crate) struct Ask<'a> {
    world: &'a World,
    request: TestRequest,
}

/// The operator's key that was given from outside.
pub(crate) const BOOTSTRAP: &str = "an-operators-own-key";

impl World {
    /// An empty store; Stripe is the one provider; users' tokens are [`ISSUER`]'s for [`AUDIENCE`].
    pub(crate) fn new() -> Self {
        Self::with_jwt(Some(jwt_config()))
    }

    pub(crate) fn with_jwt(jwt: Option<JwtConfig>) -> Self {
        Self::open(jwt, None)
    }

    /// A world whose balances are read through `balances`, and whose requests end after `timeout`.
    pub(crate) fn hanging(balances: impl BalanceReads + 'static, timeout: Duration) -> Self {
        Self::open(None, Some((Arc::new(balances), timeout)))
    }

    fn open(jwt: Option<JwtConfig>, hanging: Option<(Arc<dyn BalanceReads>, Duration)>) -> Self {
        let ids = Arc::new(SequentialIds::new());
        let store = Arc::new(MemoryStore::with_ids(ids.clone()));
        let clock = Arc::new(ManualClock::at(noon()));
        let provider = Arc::new(ScriptedProvider::new(Channel::named("stripe")));
        let waker = Arc::new(CountingWaker::default());
        let mut billing = Billing::builder(store.clone(), clock.clone(), ids.clone())
            .provider(provider.clone())
            .allowed_origins(AllowedOrigins::parse([ALLOWED_ORIGIN]).unwrap())
            .waker(waker.clone());
        if let Some((balances, _)) = &hanging {
            billing = billing.balances(balances.clone());
        }
        let billing = billing.build();
        let readiness = Data::new(Readiness::default());
        let mut builder = Api::builder(billing.clone()).readiness(readiness.clone()).bootstrap_key(BOOTSTRAP);
        if let Some((_, timeout)) = hanging {
            builder = builder.request_timeout(timeout);
        }
        if let Some(jwt) = jwt {
            builder = builder.jwt(jwt).unwrap();
        }
        let api = builder.build();
        Self { store, clock, ids, provider, waker, readiness, billing, api, keys: AtomicU8::new(0) }
    }

    /// A request by the operator.
    pub(crate) fn operator(&self, method: Method, path: &str) -> Ask<'_> {
        self.ask(method, path).bearer(BOOTSTRAP)
    }

    /// A request by nobody yet.
    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        Ask { world: self, request: TestRequest::default().method(method).uri(path) }
    }

    /// GET by `bearer`.
    pub(crate) async fn get(&self, bearer: &str, path: &str) -> Answer {
        self.ask(Method::GET, path).bearer(bearer).send().await
    }

    /// POST of `body` by `bearer`.
    pub(crate) async fn post(&self, bearer: &str, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path).bearer(bearer).json(body).send().await
    }

    /// POST of `body` under the idempotency key `key`, by the operator.
    pub(crate) async fn send(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.operator(Method::POST, path).key(key).json(body).send().await
    }

    /// POST of `body` under the idempotency key `key`, by `bearer`.
    pub(crate) async fn send_as(&self, bearer: &str, path: &str, key: &str, body: &Value) -> Answer {
        self.ask(Method::POST, path).bearer(bearer).key(key).json(body).send().await
    }

    /// Publishes the rate card `default` with these meters, or its next version.
    pub(crate) async fn rates(&self, meters: Value) {
        let path = "/admin/billing/rate-cards";
        let mut card = serde_json::json!({ "name": "Standard", "meters": meters });
        let next = self.operator(Method::PUT, &format!("{path}/default")).json(&card).send().await;
        if next.status != 404 {
            next.data();
            return;
        }
        card["slug"] = "default".into();
        self.operator(Method::POST, path).json(&card).send().await.data();
    }

    /// What the account's balance is told to be, and how much of its credits is held.
    pub(crate) async fn balance(&self, account: &str) -> (i64, i64) {
        let path = format!("/credits/balance?account_id={account}");
        let balance = self.operator(Method::GET, &path).send().await.data();
        (balance["balance"].as_i64().unwrap(), balance["held"].as_i64().unwrap())
    }

    /// The text of a new key that is bound to no account.
    pub(crate) async fn key(&self, scopes: &[Scope]) -> String {
        self.new_key(scopes, None, None).await.text.reveal().to_owned()
    }

    /// The text of a new key that acts as `account`.
    pub(crate) async fn key_of(&self, account: &str, scopes: &[Scope]) -> String {
        self.new_key(scopes, Some(account), None).await.text.reveal().to_owned()
    }

    pub(crate) async fn new_key(
        &self,
        scopes: &[Scope],
        account: Option<&str>,
        expires_at: Option<Timestamp>,
    ) -> NewKey {
        let ask = CreateKey {
            name: "A key".to_owned(),
            scopes: Scopes::new(scopes.iter().copied()),
            account: account.map(an_external_id),
            expires_at,
            random: [self.keys.fetch_add(1, Ordering::SeqCst); 20],
        };
        self.billing.create_key(ask).await.unwrap()
    }

    /// Gives credits to an account, which is made if there is none.
    pub(crate) async fn give(&self, account: &str, amount: i64) {
        let key = format!("give-{}", self.ids.next_uuid());
        self.billing.adjust(an_adjustment(account, amount, &key)).await.unwrap();
    }

    /// The account as it is stored; made if there is none.
    pub(crate) async fn account(&self, name: &str) -> Account {
        let id = an_external_id(name);
        if let Some(account) = self.store.account(AccountRef::External(&id)).await.unwrap() {
            return account;
        }
        let account = Account::new(id, &*self.ids, self.clock.now());
        self.commit(Changes { accounts: vec![account.clone()], ..Changes::default() }).await;
        Account { version: 1, ..account }
    }

    pub(crate) async fn plan(&self, plan: Plan) -> Plan {
        self.commit(Changes { plans: vec![plan.clone()], ..Changes::default() }).await;
        plan
    }

    pub(crate) async fn pack(&self, pack: Pack) -> Pack {
        self.commit(Changes { packs: vec![pack.clone()], ..Changes::default() }).await;
        pack
    }

    pub(crate) async fn commit(&self, changes: Changes) {
        self.store.commit(changes, self.clock.now()).await.unwrap();
    }
}

impl Ask<'_> {
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// Adds a header; the same name twice stands twice.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.append_header((name, value));
        self
    }

    pub(crate) fn key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    pub(crate) fn raw(self, content_type: &str, body: impl Into<actix_web::web::Bytes>) -> Self {
        let mut typed = self.header("Content-Type", content_type);
        typed.request = typed.request.set_payload(body);
        typed
    }

    pub(crate) async fn send(self) -> Answer {
        let app = init_service(App::new().configure(routes(self.world.api.clone()))).await;
        let response = match try_call_service(&app, self.request.to_request()).await {
            Ok(response) => response.into_parts().1,
            Err(error) => error.error_response(),
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = to_bytes(response.into_body()).await.unwrap_or_else(|_| panic!("a body that fails"));
        Answer { status, headers, body }
    }
}

/// How tokens are checked where a test does not say otherwise.
pub(crate) fn jwt_config() -> JwtConfig {
    JwtConfig {
        hs256_secret: SECRET.to_owned().into(),
        issuer: Some(ISSUER.to_owned()),
        audience: Some(AUDIENCE.to_owned()),
        account_claim: "sub".to_owned(),
        default_scopes: Scopes::new([Scope::BillingRead]),
    }
}
