//! What handlers may reach.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use actix_web::web::Data;
use billing_core::Billing;
use billing_core::credentials::KeyHash;
use billing_core::values::Timestamp;

use crate::auth::{Jwt, JwtConfig, JwtConfigError, KnownKeys};
use crate::health_check::HealthCheck;

/// What handlers may reach. Made once, shared by all workers.
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

/// After how long a request is answered that has no answer yet: a little longer than two calls to a provider may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(65);

/// What `/metrics` tells.
pub trait Metrics: Send + Sync {
    /// Everything, in the text format of Prometheus.
    fn render(&self) -> String;
}

/// Puts an [`Api`] together.
pub struct ApiBuilder(Api);

/// Whether this process should be sent requests.
#[derive(Debug, Default)]
pub struct Readiness {
    draining: AtomicBool,
    /// When the inbox's loop last went round, in microseconds; 0 where none runs here.
    last_round: AtomicI64,
}

impl Api {
    /// Begins with `billing`; without more, only API keys are accepted.
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

    /// Accepts an operator's key that was given from outside, whatever its format.
    #[must_use]
    pub fn bootstrap_key(mut self, key: &str) -> Self {
        self.0.bootstrap_key = Some(KeyHash::of(key));
        self
    }

    /// Shares the state that `/readyz` tells.
    #[must_use]
    pub fn readiness(mut self, readiness: Data<Readiness>) -> Self {
        self.0.readiness = readiness;
        self
    }

    /// Remembers API keys for so long after each lookup. A key that is revoked works on for that long; by
    /// default nothing is remembered.
    #[must_use]
    pub fn remember_keys_for(mut self, lifetime: Duration) -> Self {
        self.0.known_keys = KnownKeys::new(lifetime);
        self
    }

    /// Sets after how long a request is answered with 503 that has no answer yet; 65 seconds by default.
    #[must_use]
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.0.request_timeout = timeout;
        self
    }

    /// Says what `/metrics` tells; without, it tells nothing.
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
    /// After how many seconds without a round the inbox's loop counts as stuck.
    const STUCK_AFTER_SECONDS: i64 = 60;

    /// From now on `/readyz` says no: the process is about to stop.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// The inbox's loop went round at `now`, whatever became of the events.
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
