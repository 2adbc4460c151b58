//! The caller of a request, and its permissions.

use std::future::{Ready, ready};

use actix_web::body::BoxBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest};
use billing_core::accounts::ExternalId;
use billing_core::credentials::{KeyHash, KeyText, Scope, Scopes};
use billing_core::ledger::Actor;
use subtle::ConstantTimeEq;

use crate::Api;
use crate::problem::Problem;
use crate::request::check_parameters;

/// The authenticated and authorized caller of a request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The actor recorded in the history.
    pub(crate) actor: Actor,
    scopes: Scopes,
    /// The only account that it acts as.
    bound: Option<ExternalId>,
}

impl Caller {
    /// The account of the request: the caller's own, or the one that it names. An operator may name any.
    pub(crate) fn account(&self, named: Option<&str>) -> Result<ExternalId, Problem> {
        let named = named
            .map(ExternalId::parse)
            .transpose()
            .map_err(|problem| Problem::invalid("account_id", problem))?;
        let operator = self.scopes.allow(Scope::BillingAdmin);
        match (&self.bound, named) {
            (Some(own), Some(named)) if *own != named && !operator => {
                Err(Problem::new("forbidden", "this credential acts for its own account only"))
            }
            (_, Some(named)) => Ok(named),
            (Some(own), None) => Ok(own.clone()),
            (None, None) => Err(Problem::new(
                "account_required",
                "this key is bound to no account: say whose account it is about in `account_id`",
            )),
        }
    }

    /// The same, or none if the caller is bound to no account and names none.
    pub(crate) fn account_if_named(&self, named: Option<&str>) -> Result<Option<ExternalId>, Problem> {
        if named.is_none() && self.bound.is_none() { Ok(None) } else { self.account(named).map(Some) }
    }

    async fn of(request: &HttpRequest, scope: Scope) -> Result<Self, Problem> {
        let api = request
            .app_data::<Data<Api>>()
            .ok_or_else(|| Problem::new("internal", "the API is not mounted"))?;
        let caller = Self::authenticate(api, request).await?;
        if caller.scopes.allow(scope) { Ok(caller) } else { Err(Problem::missing_scope(scope.as_str())) }
    }

    async fn authenticate(api: &Api, request: &HttpRequest) -> Result<Self, Problem> {
        let mut sent = request.headers().get_all(AUTHORIZATION);
        let (Some(header), None) = (sent.next(), sent.next()) else {
            return Err(Problem::unauthorized(request.headers().contains_key(AUTHORIZATION)));
        };
        let refused = || Problem::unauthorized(true);
        let header = header.to_str().map_err(|_| refused())?;
        let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            // Other schemes are no credentials here: RFC 6750 §3.1 gives them no error code.
            return Err(Problem::unauthorized(false));
        }
        let token = token.trim();
        if let Some(caller) = bootstrap(api, token) {
            return Ok(caller);
        }
        if let Ok(key) = KeyText::parse(token) {
            let hash = key.hash();
            let remembered = api.known_keys.get(&hash).filter(|known| known.0.is_valid(api.billing.now()));
            let known = if let Some(known) = remembered {
                known
            } else {
                let found = api.billing.authenticate(&hash).await?;
                api.known_keys.keep(&hash, found.ok_or_else(refused)?)
            };
            let (key, bound) = &*known;
            return Ok(Self { actor: Actor::Key(key.id), scopes: key.scopes.clone(), bound: bound.clone() });
        }
        let user =
            api.jwt.as_ref().and_then(|jwt| jwt.verify(token, api.billing.now())).ok_or_else(refused)?;
        Ok(Self { actor: Actor::User, scopes: user.scopes, bound: Some(user.account) })
    }
}

/// The operator with the bootstrap key.
fn bootstrap(api: &Api, token: &str) -> Option<Caller> {
    let expected = api.bootstrap_key.as_ref()?;
    let same: bool = KeyHash::of(token).bytes().ct_eq(expected.bytes()).into();
    same.then(|| Caller {
        actor: Actor::Operator("bootstrap".to_owned()),
        scopes: Scopes::new([Scope::BillingAdmin]),
        bound: None,
    })
}

/// Authorizes the caller for `scope` before anything else of the request is read: an unauthorized caller learns
/// nothing about the validity of its request, and cannot make us wait for its body. Query parameters that the route at
/// `path` does not know are refused afterwards.
pub(crate) async fn admit(
    scope: Scope,
    path: &'static str,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    match Caller::of(request.request(), scope).await {
        Ok(caller) => {
            if let Err(problem) = check_parameters(request.method().as_str(), path, request.query_string()) {
                return Ok(request.error_response(problem));
            }
            request.extensions_mut().insert(caller);
            next.call(request).await
        }
        Err(problem) => Ok(request.error_response(problem)),
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let admitted = request.extensions().get::<Self>().cloned();
        ready(admitted.ok_or_else(|| Problem::new("forbidden", "nobody may call this")))
    }
}
