//! The composition root: the parts of the service and their wiring.

pub(crate) mod checkpoints;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use anyhow::{Context, bail};
use billing_batch::{BatchConfig, Batched, GatheredReads, ReadConfig};
use billing_core::credentials::{Scope, Scopes};
use billing_core::payments::AllowedOrigins;
use billing_core::ports::{BalanceReads, Waker};
use billing_core::{Billing, BillingBuilder};
use billing_creem::{CreemConfig, CreemProvider};
use billing_http::{Api, JwtConfig, Readiness};
use billing_sandbox::{Sandbox, SandboxConfig};
use billing_store::{Pools, SqlStore};
use billing_stripe::{StripeConfig, StripeProvider};
use secrecy::ExposeSecret;

use crate::clock::SystemClock;
use crate::config::{CreemSettings, JwtSettings, Settings, StripeSettings};
use crate::ids::{TimeOrderedIds, random_secret};
use crate::metrics::Metrics;
use crate::timer::SystemTimer;

/// The addresses of the service.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    /// For buyers and the host product.
    pub(crate) public_url: String,
    /// For the service itself.
    pub(crate) own_url: String,
    /// Whether it is reachable from this machine only.
    pub(crate) loopback: bool,
}

/// The parts of a running service.
pub(crate) struct Parts {
    pub(crate) billing: Billing,
    pub(crate) sandbox: Option<Arc<Sandbox>>,
    /// The ledger of HTTP requests.
    pub(crate) ledger: Arc<Batched>,
}

/// Opens the database, after migrating it if `migrate`.
pub(crate) async fn open_store(settings: &Settings, migrate: bool) -> anyhow::Result<SqlStore> {
    if migrate {
        SqlStore::migrate(settings.database_url.expose_secret())
            .await
            .context("the database cannot be brought up to date")?;
    }
    let ids = Arc::new(TimeOrderedIds);
    Ok(SqlStore::connect(settings.database_url.expose_secret(), pools(settings), ids).await?)
}

/// Billing over `store` only, for commands without providers.
pub(crate) fn bare(store: &SqlStore) -> Billing {
    builder(store).build()
}

/// The common part of every command's [`Billing`].
pub(crate) fn builder(store: &SqlStore) -> BillingBuilder {
    Billing::builder(Arc::new(store.clone()), Arc::new(SystemClock), Arc::new(TimeOrderedIds))
}

/// Wires everything, after [`check`].
pub(crate) async fn assemble(
    settings: &Settings,
    store: &SqlStore,
    addresses: &Addresses,
    waker: Arc<dyn Waker>,
) -> anyhow::Result<Parts> {
    let (stripe, creem) = (stripe(&settings.stripe)?, creem(&settings.creem)?);
    let sandbox = if settings.sandbox_is_on(addresses.loopback) {
        Some(sandbox(settings, store, addresses).await?)
    } else {
        None
    };
    let ledger = Arc::new(Batched::start(Arc::new(store.clone()), batch_config(settings)));
    let balances: Arc<dyn BalanceReads> = Arc::new(store.clone());
    let balances = Arc::new(GatheredReads::start(&balances, read_config()));
    let mut builder = builder(store)
        .ledger(ledger.clone())
        .balances(balances)
        .allowed_origins(allowed_origins(settings, &addresses.public_url)?)
        .renewal_grace_days(settings.renewal_grace_days)
        .past_due_grace_days(settings.past_due_grace_days)
        .clawback_policy(settings.clawback_policy.into())
        .timer(Arc::new(SystemTimer))
        .waker(waker);
    builder = checkpoints::signing(builder, settings, store).await?;
    if let Some(slug) = &settings.free_plan {
        builder = builder.free_plan(slug);
    }
    if let Some(stripe) = stripe {
        builder = builder.provider(Arc::new(stripe));
    }
    if let Some(creem) = creem {
        builder = builder.provider(Arc::new(creem));
    }
    if let Some(sandbox) = &sandbox {
        builder = builder.provider(sandbox.clone());
    }
    Ok(Parts { billing: builder.build(), sandbox, ledger })
}

/// The API over `billing`.
pub(crate) fn api(
    settings: &Settings,
    addresses: &Addresses,
    billing: Billing,
    readiness: Data<Readiness>,
    metrics: Data<Metrics>,
) -> anyhow::Result<Data<Api>> {
    let mut builder = Api::builder(billing)
        .readiness(readiness)
        .request_timeout(Duration::from_secs(u64::from(settings.request_timeout)))
        .remember_keys_for(Duration::from_secs(u64::from(settings.key_memory_seconds)))
        .metrics(metrics.into_inner());
    if let Some(key) = bootstrap_key(settings, addresses.loopback)? {
        builder = builder.bootstrap_key(key);
    }
    if let Some(jwt) = jwt(&settings.jwt)? {
        builder = builder.jwt(jwt).context("users' tokens cannot be checked")?;
    }
    Ok(builder.build())
}

/// Validates the settings without a database or the network.
pub(crate) fn check(settings: &Settings, addresses: &Addresses) -> anyhow::Result<()> {
    checkpoints::check(&settings.ledger)?;
    stripe(&settings.stripe)?;
    creem(&settings.creem)?;
    allowed_origins(settings, &addresses.public_url)?;
    bootstrap_key(settings, addresses.loopback)?;
    if settings.request_timeout == 0 {
        bail!("request_timeout must be at least 1");
    }
    if settings.workers == Some(0) {
        bail!("workers must be at least 1");
    }
    if !settings.is_sqlite() && settings.database_connections < LEAST_CONNECTIONS {
        bail!("database_connections must be at least {LEAST_CONNECTIONS}");
    }
    if settings.ledger.writers.is_some_and(|writers| writers == 0 || writers > most_writers(settings)) {
        bail!(
            "ledger.writers must be at least 1, and at most {BESIDE_WRITERS} less than database_connections, so that \
             others can write and read"
        );
    }
    jwt(&settings.jwt)?;
    if settings.sandbox_is_on(addresses.loopback) {
        if is_live(settings) {
            bail!(
                "the sandbox takes no money and must not run beside a live key: set BILLING_SANDBOX__ENABLED=false"
            );
        }
        let secret = settings.sandbox.secret.as_ref();
        if secret.is_some_and(|secret| secret.expose_secret().len() < 32) {
            bail!("sandbox.secret must have at least 32 bytes");
        }
    }
    Ok(())
}

/// Each writer has one transaction in progress. SQLite has one writing connection, so more writers, or batches beside
/// a stuck one, would only wait.
fn batch_config(settings: &Settings) -> BatchConfig {
    let default = BatchConfig::default();
    let writers = settings.ledger.writers.unwrap_or_else(|| {
        if settings.is_sqlite() { 1 } else { default.writers.min(most_writers(settings)) }
    });
    let (locking_writer, stuck_batches) =
        if settings.is_sqlite() { (false, 0) } else { (true, default.stuck_batches) };
    BatchConfig { writers, locking_writer, stuck_batches, ..default }
}

fn read_config() -> ReadConfig {
    ReadConfig { readers: number(READERS), stuck_questions: number(STUCK_READS), ..ReadConfig::default() }
}

/// The number of concurrent queries of each kind (balance rows, whole accounts). The two kinds share connections:
/// whole accounts are read only if changes may be due.
const READERS: u32 = 2;
/// The number of additional stuck queries of each kind.
const STUCK_READS: u32 = 1;
/// The connections for balances.
const FOR_BALANCES: u32 = READERS + 2 * STUCK_READS;

/// The lane of locked accounts posts one batch at a time.
const LOCKED_LANE: u32 = 1;

/// The connections for readiness checks.
const PROBE: u32 = 2;

/// Postings under locks have a separate writer.
const LOCKING_WRITER: u32 = 1;

/// The connections besides those of the spends' writers: for postings under locks, for balances, for locked accounts,
/// for two batches beside stuck ones, for readiness, and two for everything else.
const BESIDE_WRITERS: u32 = LOCKING_WRITER + FOR_BALANCES + LOCKED_LANE + 2 + PROBE + 2;

/// With one writer.
const LEAST_CONNECTIONS: u32 = BESIDE_WRITERS + 1;

/// The maximum number of writers that leaves connections for the rest of the service.
fn most_writers(settings: &Settings) -> usize {
    let left = settings.database_connections.saturating_sub(BESIDE_WRITERS).max(1);
    if settings.is_sqlite() { usize::MAX } else { number(left) }
}

/// Each writer and each reader has a connection, and so have those beside stuck ones; the rest is for everything else.
fn pools(settings: &Settings) -> Pools {
    let batching = batch_config(settings);
    let ledger =
        u32::try_from(batching.all_writers().saturating_add(batching.stuck_batches)).unwrap_or(u32::MAX);
    let ledger = ledger.saturating_add(LOCKED_LANE);
    let taken = ledger.saturating_add(FOR_BALANCES).saturating_add(PROBE);
    let rest = settings.database_connections.saturating_sub(taken).max(2);
    Pools { ledger, balances: FOR_BALANCES, rest }
}

fn number(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The listener and the addresses of the service.
pub(crate) fn bind(settings: &Settings) -> anyhow::Result<(TcpListener, Addresses)> {
    let listener = TcpListener::bind(&settings.listen).with_context(|| {
        format!("cannot listen on {}; --listen 127.0.0.1:8081 chooses another address", settings.listen)
    })?;
    let address = listener.local_addr()?;
    let own_host = if address.ip().is_unspecified() { "127.0.0.1".to_owned() } else { host(address.ip()) };
    let own_url = format!("http://{own_host}:{}", address.port());
    let public_url = settings.public_url.clone().unwrap_or_else(|| own_url.clone());
    let public_url = public_url.trim_end_matches('/').to_owned();
    Ok((listener, Addresses { public_url, own_url, loopback: address.ip().is_loopback() }))
}

fn host(ip: std::net::IpAddr) -> String {
    match ip {
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

/// On a loopback address any key that is not obviously a mistake is accepted.
fn bootstrap_key(settings: &Settings, loopback: bool) -> anyhow::Result<Option<&str>> {
    let key = settings.bootstrap_admin_key.as_ref().map(|key| key.expose_secret().trim());
    let shortest = if loopback { 1 } else { 16 };
    if key.is_some_and(|key| key.len() < shortest) {
        bail!("bootstrap_admin_key is empty, or shorter than 16 characters where others reach the service");
    }
    Ok(key)
}

fn stripe(settings: &StripeSettings) -> anyhow::Result<Option<StripeProvider>> {
    let Some(key) = &settings.secret_key else {
        if settings.webhook_secrets.is_some() {
            bail!("stripe.webhook_secrets is set, but stripe.secret_key is not");
        }
        return Ok(None);
    };
    let secrets = settings.webhook_secrets.clone().unwrap_or_default();
    let mut config = StripeConfig::new(key.clone(), secrets);
    if let Some(base) = &settings.api_base {
        config.api_base.clone_from(base);
    }
    if let Some(version) = &settings.api_version {
        config.api_version.clone_from(version);
    }
    Ok(Some(StripeProvider::try_new(config).context("Stripe is not set up right")?))
}

fn creem(settings: &CreemSettings) -> anyhow::Result<Option<CreemProvider>> {
    let Some(key) = &settings.api_key else {
        if settings.webhook_secrets.is_some() {
            bail!("creem.webhook_secrets is set, but creem.api_key is not");
        }
        return Ok(None);
    };
    let mut config = CreemConfig::new(key.clone(), settings.webhook_secrets.clone().unwrap_or_default());
    if let Some(base) = &settings.api_base {
        config.api_base.clone_from(base);
    }
    Ok(Some(CreemProvider::try_new(config).context("Creem is not set up right")?))
}

/// Whether a key for real payments is set.
pub(crate) fn is_live(settings: &Settings) -> bool {
    let stripe = settings.stripe.secret_key.as_ref();
    let creem = settings.creem.api_key.as_ref();
    stripe.is_some_and(|key| key.expose_secret().contains("_live_"))
        || creem.is_some_and(|key| !key.expose_secret().starts_with("creem_test_"))
}

async fn sandbox(
    settings: &Settings,
    store: &SqlStore,
    addresses: &Addresses,
) -> anyhow::Result<Arc<Sandbox>> {
    let secret = match &settings.sandbox.secret {
        Some(secret) => secret.clone(),
        None => bare(store).setting_or("sandbox_secret", &random_secret()?).await?.into(),
    };
    let config = SandboxConfig {
        secret,
        public_url: addresses.public_url.clone(),
        webhook_url: format!("{}/payment/webhook/sandbox", addresses.own_url),
    };
    let sandbox =
        Sandbox::try_new(config, Arc::new(SystemClock)).context("the sandbox is not set up right")?;
    Ok(Arc::new(sandbox))
}

fn allowed_origins(settings: &Settings, public_url: &str) -> anyhow::Result<AllowedOrigins> {
    let own = AllowedOrigins::origin_of(public_url).context("public_url is not a URL")?;
    let listed = settings.allowed_origins.iter().map(String::as_str);
    AllowedOrigins::parse(listed.chain([own.as_str()])).context("allowed_origins holds what is no origin")
}

fn jwt(settings: &JwtSettings) -> anyhow::Result<Option<JwtConfig>> {
    let Some(secret) = &settings.hs256_secret else {
        if settings.issuer.is_some() || settings.audience.is_some() || !settings.default_scopes.is_empty() {
            bail!("jwt settings are given, but jwt.hs256_secret is not");
        }
        return Ok(None);
    };
    if secret.expose_secret().len() < 32 {
        bail!("jwt.hs256_secret must have at least 32 bytes");
    }
    let scopes = settings.default_scopes.iter().map(|scope| scope.parse::<Scope>());
    let scopes =
        scopes.collect::<Result<Vec<_>, _>>().context("jwt.default_scopes holds what is no scope")?;
    Ok(Some(JwtConfig {
        hs256_secret: secret.clone(),
        issuer: settings.issuer.clone(),
        audience: settings.audience.clone(),
        account_claim: settings.account_claim.clone().unwrap_or_else(|| "sub".to_owned()),
        default_scopes: Scopes::new(scopes),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::SettingFlags;
    use crate::config::load;

    fn with<const N: usize>(variables: [(&str, &str); N]) -> Settings {
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        load(&SettingFlags::default(), variables.into_iter()).unwrap().0
    }

    #[test]
    fn sqlite_has_one_writer_and_postgres_no_more_than_leave_a_connection_free() {
        const POSTGRES: (&str, &str) = ("BILLING_DATABASE_URL", "postgres://localhost/billing");
        assert_eq!(batch_config(&with([])).writers, 1);
        assert_eq!(batch_config(&with([POSTGRES])).writers, BatchConfig::default().writers);
        assert_eq!(batch_config(&with([POSTGRES, ("BILLING_DATABASE_CONNECTIONS", "13")])).writers, 1);
        assert_eq!(batch_config(&with([POSTGRES, ("BILLING_LEDGER__WRITERS", "7")])).writers, 7);
    }

    #[test]
    fn writers_that_would_leave_nobody_a_connection_are_refused() {
        let addresses =
            Addresses { public_url: "http://a.example".into(), own_url: String::new(), loopback: true };
        for (writers, usable) in [("0", false), ("1", true), ("8", true), ("9", false)] {
            let url = ("BILLING_DATABASE_URL", "postgres://localhost/billing");
            let settings = with([url, ("BILLING_LEDGER__WRITERS", writers)]);
            assert_eq!(check(&settings, &addresses).is_ok(), usable, "{writers}");
        }
    }

    #[test]
    fn a_short_operator_key_is_for_this_machine_alone() {
        let settings = with([("BILLING_BOOTSTRAP_ADMIN_KEY", "short")]);
        assert_eq!(bootstrap_key(&settings, true).unwrap(), Some("short"));
        assert!(bootstrap_key(&settings, false).is_err());
    }
}
