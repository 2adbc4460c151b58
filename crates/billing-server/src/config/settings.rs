//! The settings and their defaults.

use std::path::PathBuf;

use billing_core::ledger::ClawbackPolicy;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// All settings. `billing.toml` uses these names; as a variable, `stripe.secret_key` is `BILLING_STRIPE__SECRET_KEY`,
/// and every variable has a twin ending in `_FILE` that names a file to read the value from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// The address to listen on.
    pub(crate) listen: String,
    /// The database; a Postgres URL may contain a password.
    pub(crate) database_url: SecretString,
    /// The maximum number of Postgres connections.
    pub(crate) database_connections: u32,
    /// The address at which buyers reach this service; `http://` and the listening address by default.
    pub(crate) public_url: Option<String>,
    /// The origins to which buyers may be redirected; that of the public URL is always included.
    pub(crate) allowed_origins: Vec<String>,
    /// An operator's bootstrap key from outside, for automation; at least 16 characters unless the service is on a
    /// loopback address.
    pub(crate) bootstrap_admin_key: Option<SecretString>,
    /// The format of logs.
    pub(crate) log_format: LogFormat,
    /// The number of threads that serve requests; one per processor by default.
    pub(crate) workers: Option<usize>,
    /// The days for which a period's credits outlive it.
    pub(crate) renewal_grace_days: u16,
    /// The same while the renewal's payment is retried.
    pub(crate) past_due_grace_days: u16,
    /// The slug of the plan of accounts without a subscription.
    pub(crate) free_plan: Option<String>,
    /// What happens to spent credits of a reversed payment: `debt` (the default) or `write_off`.
    pub(crate) clawback_policy: ClawbackSetting,
    /// The seconds for which an API key is cached; a revoked key works for that long. 0 looks keys up for every
    /// request.
    pub(crate) key_memory_seconds: u16,
    /// The seconds after SIGTERM during which requests are still accepted while `/readyz` answers 503; by default 0 on
    /// a loopback address, else 5.
    pub(crate) shutdown_delay: Option<u16>,
    /// The seconds after which a request without an answer gets 503.
    pub(crate) request_timeout: u16,
    #[serde(default)]
    pub(crate) ledger: LedgerSettings,
    #[serde(default)]
    pub(crate) jwt: JwtSettings,
    #[serde(default)]
    pub(crate) stripe: StripeSettings,
    #[serde(default)]
    pub(crate) creem: CreemSettings,
    #[serde(default)]
    pub(crate) sandbox: SandboxSettings,
}

/// What a refund or lost dispute does about spent credits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClawbackSetting {
    Debt,
    WriteOff,
}

impl From<ClawbackSetting> for ClawbackPolicy {
    fn from(policy: ClawbackSetting) -> Self {
        match policy {
            ClawbackSetting::Debt => Self::Debt,
            ClawbackSetting::WriteOff => Self::WriteOff,
        }
    }
}

/// The format of logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// The settings of the ledger.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LedgerSettings {
    /// The number of concurrent batches; by default one on SQLite, and on Postgres one per processor, four at most.
    pub(crate) writers: Option<usize>,
    /// The seed of the key that signs checkpoints, 64 hexadecimal digits. Without one the service generates it and
    /// keeps it in its database, where anyone who can change the ledger can read it.
    pub(crate) checkpoint_key: Option<SecretString>,
    /// The interval of checkpoints in seconds, if anything changed; 60 by default.
    pub(crate) checkpoint_seconds: Option<u32>,
    /// A file to which every checkpoint is appended; best where users of the database cannot write.
    pub(crate) checkpoint_file: Option<PathBuf>,
    /// Trusted public keys besides the own one: `<hexadecimal>`, or `<hexadecimal>:<number of its last checkpoint>`
    /// for a replaced key.
    pub(crate) public_keys: Option<Vec<String>>,
    /// The days in which the background audit reads the whole history; 7 by default.
    pub(crate) audit_days: Option<u32>,
}

/// Users' tokens; refused while no secret is set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JwtSettings {
    /// The secret for HS256.
    pub(crate) hs256_secret: Option<SecretString>,
    /// The required `iss`.
    pub(crate) issuer: Option<String>,
    /// The required `aud`.
    pub(crate) audience: Option<String>,
    /// The claim with the account's external id; `sub` by default.
    pub(crate) account_claim: Option<String>,
    /// The scopes of a token without scopes; none by default.
    #[serde(default)]
    pub(crate) default_scopes: Vec<String>,
}

/// Stripe; off while no key is set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StripeSettings {
    /// The API key.
    pub(crate) secret_key: Option<SecretString>,
    /// The webhook endpoint's secrets; several during a rotation.
    pub(crate) webhook_secrets: Option<Vec<SecretString>>,
    /// The base URL of Stripe's API.
    pub(crate) api_base: Option<String>,
    /// The API version.
    pub(crate) api_version: Option<String>,
}

/// Creem; off while no key is set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreemSettings {
    /// The API key.
    pub(crate) api_key: Option<SecretString>,
    /// The webhook endpoint's secrets; several during a rotation.
    pub(crate) webhook_secrets: Option<Vec<SecretString>>,
    /// The base URL of Creem's API.
    pub(crate) api_base: Option<String>,
}

/// The sandbox provider, which moves no money.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SandboxSettings {
    /// On or off; by default on only with the default SQLite file and a loopback address.
    pub(crate) enabled: Option<bool>,
    /// Signs its checkouts and webhooks; by default generated once and kept in the database.
    pub(crate) secret: Option<SecretString>,
}

/// The default database: one file in the current folder.
pub(crate) const DEFAULT_DATABASE_URL: &str = "sqlite://billing.db";

/// All names that a `BILLING_*` variable can set.
pub(super) const NAMES: &[&str] = &[
    "listen",
    "database_url",
    "database_connections",
    "public_url",
    "allowed_origins",
    "bootstrap_admin_key",
    "log_format",
    "workers",
    "renewal_grace_days",
    "past_due_grace_days",
    "free_plan",
    "clawback_policy",
    "key_memory_seconds",
    "shutdown_delay",
    "request_timeout",
    "ledger.writers",
    "ledger.checkpoint_key",
    "ledger.checkpoint_seconds",
    "ledger.checkpoint_file",
    "ledger.public_keys",
    "ledger.audit_days",
    "jwt.hs256_secret",
    "jwt.issuer",
    "jwt.audience",
    "jwt.account_claim",
    "jwt.default_scopes",
    "stripe.secret_key",
    "stripe.webhook_secrets",
    "stripe.api_base",
    "stripe.api_version",
    "creem.api_key",
    "creem.webhook_secrets",
    "creem.api_base",
    "sandbox.enabled",
    "sandbox.secret",
];

/// The lists: their variables are split at commas.
pub(super) const LISTS: &[&str] = &[
    "allowed_origins",
    "ledger.public_keys",
    "jwt.default_scopes",
    "stripe.webhook_secrets",
    "creem.webhook_secrets",
];

impl Settings {
    /// Whether the database is a local file.
    pub(crate) fn is_sqlite(&self) -> bool {
        self.database_url.expose_secret().starts_with("sqlite:")
    }

    /// Whether the sandbox is on: as set, else only if it is reachable from this machine only and the database is the
    /// default file.
    pub(crate) fn sandbox_is_on(&self, loopback: bool) -> bool {
        // A public URL means that there is a proxy in front of the service.
        let alone = loopback && self.public_url.is_none();
        let default = self.database_url.expose_secret() == DEFAULT_DATABASE_URL;
        self.sandbox.enabled.unwrap_or(default && alone)
    }
}
