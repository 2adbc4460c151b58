//! The shared state of handlers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use actix_web::web::Data;
use billing_core::Billing;
use billing_core::credentials::KeyHash;
use billing_core::values::Timestamp;

use crate::auth::{Jwt, JwtConfig, JwtConfigError, KnownKeys};
use crate::health_check::HealthCheck;

/// The shared state of handlers, built once for all workers.
pub struct Api {
    pub(crate) billing: Billing,
    pub(crate) jwt: Option<Jwt>,
    pub(crate) bootstrap_key: Option<KeyHash>,
    pub(crate) readiness: Data<Readiness>,
    pub(crate) known_keys: KnownKeys,
    pub(crate) metrics: Option<Arc<dyn Metrics>>,
    pub(crate) health: HealthCheck,
    pub(crate) request_timeout: Duration,
}

/// The time after which a request without an answer is ended: a little longer than two calls to a provider.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(65);

/// The content of `/metrics`.
pub trait Metrics: Send + Sync {
    /// All metrics in the text format of Prometheus.
    fn render(&self) -> String;
}

/// The builder of an [`Api`].
pub struct ApiBuilder(Api);

/// Whether this process should receive requests.
#[derive(Debug, Default)]
pub struct Readiness {
    draining: AtomicBool,
    /// When the inbox loop last started a round, in microseconds; 0 if it does not run here.
    last_round: AtomicI64,
}

impl Api {
    /// Starts with `billing`; without further settings only API keys are accepted.
    pub fn builder(billing: Billing) -> ApiBuilder {
        ApiBuilder(Self {
            billing,
            jwt: None,
            bootstrap_key: None,
            readiness: Data::new(Readiness::default()),
            known_keys: KnownKeys::new(Duration::ZERO),
            metrics: None,
            health: HealthCheck::default(),
            request_timeout: REQUEST_TIMEOUT,
        })
    }
}

impl ApiBuilder {
    /// Accepts users' tokens of one issuer.
    ///
    /// # Errors
    ///
    /// [`JwtConfigError`] if the secret is too weak to sign with.
    pub fn jwt(mut self, config: JwtConfig) -> Result<Self, JwtConfigError> {
        self.0.jwt = Some(Jwt::try_new(config)?);
        Ok(self)
    }

    /// Accepts an operator's bootstrap key from outside, in any format.
    #[must_use]
    pub fn bootstrap_key(mut self, key: &str) -> Self {
        self.0.bootstrap_key = Some(KeyHash::of(key));
        self
    }

    /// Sets the state that `/readyz` reports.
    #[must_use]
    pub fn readiness(mut self, readiness: Data<Readiness>) -> Self {
        self.0.readiness = readiness;
        self
    }

    /// Caches API keys for this time after each lookup. A revoked key works for that long; by default nothing is
    /// cached.
    #[must_use]
    pub fn remember_keys_for(mut self, lifetime: Duration) -> Self {
        self.0.known_keys = KnownKeys::new(lifetime);
        self
    }

    /// Sets the time after which a request without an answer gets 503; 65 seconds by default.
    #[must_use]
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.0.request_timeout = timeout;
        self
    }

    /// Sets the content of `/metrics`; empty by default.
    #[must_use]
    pub fn metrics(mut self, metrics: Arc<dyn Metrics>) -> Self {
        self.0.metrics = Some(metrics);
        self
    }

    /// The finished state.
    pub fn build(self) -> Data<Api> {
        Data::new(self.0)
    }
}

impl Readiness {
    /// The seconds without a round after which the inbox loop counts as stuck.
    const STUCK_AFTER_SECONDS: i64 = 60;

    /// Makes `/readyz` answer 503 from now on: the process is about to stop.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// The inbox loop starts a round at `now`, whatever its result.
    pub fn beat(&self, now: Timestamp) {
        self.last_round.store(now.micros(), Ordering::Relaxed);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    pub(crate) fn work_is_stuck(&self, now: Timestamp) -> bool {
        match self.last_round.load(Ordering::Relaxed) {
            0 => false,
            micros => now.seconds_since(Timestamp::from_micros(micros)) > Self::STUCK_AFTER_SECONDS,
        }
    }
}
