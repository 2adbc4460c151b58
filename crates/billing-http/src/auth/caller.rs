//! The caller of a request, and what it may do.

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use billing_core::accounts::ExternalId;
use billing_core::credentials::{KeyHash, KeyText, Scope, Scopes};
use billing_core::ledger::Actor;
use futures_util::future::LocalBoxFuture;
use subtle::ConstantTimeEq;

use crate::Api;
use crate::access::{Access, access};
use crate::problem::Problem;

/// Whoever sent the request, known and allowed to.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// Who it is, for the history.
    pub(crate) actor: Actor,
    scopes: Scopes,
    /// The one account that it acts as.
    bound: Option<ExternalId>,
}

impl Caller {
    /// The account that the request is about: the caller's own, or the one that it names. An operator may
    /// name any.
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

    async fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let api = request
            .app_data::<Data<Api>>()
            .ok_or_else(|| Problem::new("internal", "the API is not mounted"))?;
        let rule = request.match_pattern().and_then(|pattern| access(request.method(), &pattern));
        let Some(Access::Scope(scope)) = rule else {
            // Not in the table: refused, so that a forgotten line opens nothing.
            return Err(Problem::new("forbidden", "nobody may call this"));
        };
        let caller = Self::authenticate(api, request).await?;
        if caller.scopes.allow(scope) { Ok(caller) } else { Err(Problem::missing_scope(scope.as_str())) }
    }

    async fn authenticate(api: &Api, request: &HttpRequest) -> Result<Self, Problem> {
        let mut sent = request.headers().get_all(AUTHORIZATION);
        let (Some(header), None) = (sent.next(), sent.next()) else {
            return Err(Problem::unauthorized(request.headers().contains_key(AUTHORIZATION)));
        };
        let refused = || Problem::unauthorized(true);
        let (scheme, token) =
            header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(refused)?;
        let token = token.trim();
        if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
            return Err(refused());
        }
        if let Some(caller) = bootstrap(api, token) {
            return Ok(caller);
        }
        if let Ok(key) = KeyText::parse(token) {
            let found = api.billing.authenticate(&key.hash()).await?;
            let (key, bound) = found.ok_or_else(refused)?;
            return Ok(Self { actor: Actor::Key(key.id), scopes: key.scopes, bound });
        }
        let user =
            api.jwt.as_ref().and_then(|jwt| jwt.verify(token, api.billing.now())).ok_or_else(refused)?;
        Ok(Self { actor: Actor::User, scopes: user.scopes, bound: Some(user.account) })
    }
}

/// The operator whose key was given from outside.
fn bootstrap(api: &Api, token: &str) -> Option<Caller> {
    let expected = api.bootstrap_key.as_ref()?;
    let same: bool = KeyHash::of(token).bytes().ct_eq(expected.bytes()).into();
    same.then(|| Caller {
        actor: Actor::Operator("bootstrap".to_owned()),
        scopes: Scopes::new([Scope::BillingAdmin]),
        bound: None,
    })
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await })
    }
}
