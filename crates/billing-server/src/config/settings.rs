//! What can be set, and what it is when nothing is said.

use std::path::PathBuf;

use billing_core::ledger::ClawbackPolicy;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// Everything that can be set. In `billing.toml` the names are these; as a variable, `stripe.secret_key` is
/// `BILLING_STRIPE__SECRET_KEY`, and every name also has a twin that ends in `_FILE` and names a file to read
/// the value from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Where to listen.
    pub(crate) listen: String,
    /// Where the data is; for Postgres there may be a password in it.
    pub(crate) database_url: SecretString,
    /// How many connections to keep to Postgres.
    pub(crate) database_connections: u32,
    /// Where buyers reach this service; `http://` and the listening address by default.
    pub(crate) public_url: Option<String>,
    /// Where buyers may be sent back to; the public URL's own origin is always among them.
    pub(crate) allowed_origins: Vec<String>,
    /// An operator's key that is given from outside, for automation; at least 16 characters where
    /// others than this machine reach the service.
    pub(crate) bootstrap_admin_key: Option<SecretString>,
    /// How logs are written.
    pub(crate) log_format: LogFormat,
    /// How many threads serve requests; one per processor by default.
    pub(crate) workers: Option<usize>,
    /// How many days after a period's end its credits live on.
    pub(crate) renewal_grace_days: u16,
    /// How many days they live on while the renewal's payment is tried again.
    pub(crate) past_due_grace_days: u16,
    /// The slug of the plan whose credits everybody has who is subscribed to none.
    pub(crate) free_plan: Option<String>,
    /// What becomes of credits that were spent and whose money went back: `debt` (the default) or `write_off`.
    pub(crate) clawback_policy: ClawbackSetting,
    /// For how many seconds an API key that was looked up is not looked up again; a revoked key works on for
    /// that long. 0 looks every key up for every request.
    pub(crate) key_memory_seconds: u16,
    /// For how many seconds after SIGTERM requests are still taken while `/readyz` says no already; by default 0 where
    /// the service listens on a loopback address, else 5.
    pub(crate) shutdown_delay: Option<u16>,
    /// After how many seconds a request is answered with 503 that has no answer yet.
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

/// What a refund or lost dispute does about credits that are spent already.
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

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// How spends and adjustments are written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LedgerSettings {
    /// How many batches are written at the same time; by default one on SQLite, and on Postgres one per
    /// processor, four at most.
    pub(crate) writers: Option<usize>,
    /// The seed of the key that signs checkpoints, 64 hexadecimal digits. Without one the service makes one
    /// and keeps it in its database, where whoever can change the ledger finds it too.
    pub(crate) checkpoint_key: Option<SecretString>,
    /// Every how many seconds a checkpoint is published if anything changed; 60 by default.
    pub(crate) checkpoint_seconds: Option<u32>,
    /// A file to which every checkpoint is appended; best where whoever can write to the database cannot.
    pub(crate) checkpoint_file: Option<PathBuf>,
    /// Public keys whose signatures count besides the own one's: `<hexadecimal>`, or `<hexadecimal>:<number of its last
    /// checkpoint>` where it was replaced.
    pub(crate) public_keys: Option<Vec<String>>,
    /// Within how many days the background audit reads all history; 7 by default.
    pub(crate) audit_days: Option<u32>,
}

/// Users' tokens; refused while no secret is set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JwtSettings {
    /// The secret that signs them with HS256.
    pub(crate) hs256_secret: Option<SecretString>,
    /// What `iss` must be.
    pub(crate) issuer: Option<String>,
    /// What `aud` must contain.
    pub(crate) audience: Option<String>,
    /// The claim that names the account; `sub` by default.
    pub(crate) account_claim: Option<String>,
    /// What a token may do that carries no scopes; nothing by default.
    #[serde(default)]
    pub(crate) default_scopes: Vec<String>,
}

/// Stripe; off while no key is set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StripeSettings {
    /// The API key.
    pub(crate) secret_key: Option<SecretString>,
    /// The webhook endpoint's secrets; several while one is being rolled.
    pub(crate) webhook_secrets: Option<Vec<SecretString>>,
    /// Where Stripe's API is.
    pub(crate) api_base: Option<String>,
    /// Which version of it to speak.
    pub(crate) api_version: Option<String>,
}

/// Creem; off while no key is set.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreemSettings {
    /// The API key.
    pub(crate) api_key: Option<SecretString>,
    /// The webhook endpoint's secrets; several while one is being replaced.
    pub(crate) webhook_secrets: Option<Vec<SecretString>>,
    /// Where Creem's API is.
    pub(crate) api_base: Option<String>,
}

/// The provider that takes no money.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SandboxSettings {
    /// On or off; by default on only with the default SQLite file and a loopback address.
    pub(crate) enabled: Option<bool>,
    /// Signs its checkouts and webhooks; made up once and kept in the database by default.
    pub(crate) secret: Option<SecretString>,
}

/// The database when nothing is said: one file in the current folder.
pub(crate) const DEFAULT_DATABASE_URL: &str = "sqlite://billing.db";

/// Every name that a `BILLING_*` variable can set.
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

/// Which of them are lists: their variables are cut at commas.
pub(super) const LISTS: &[&str] = &[
    "allowed_origins",
    "ledger.public_keys",
    "jwt.default_scopes",
    "stripe.webhook_secrets",
    "creem.webhook_secrets",
];

impl Settings {
    /// Whether the data is in a file of this machine.
    pub(crate) fn is_sqlite(&self) -> bool {
        self.database_url.expose_secret().starts_with("sqlite:")
    }

    /// Whether the sandbox is on: as it is set, else only where nobody but this machine can reach it and
    /// nothing but the default file is at stake.
    pub(crate) fn sandbox_is_on(&self, loopback: bool) -> bool {
        // Whoever says where buyers reach the service has put a proxy in front of it.
        let alone = loopback && self.public_url.is_none();
        let default = self.database_url.expose_secret() == DEFAULT_DATABASE_URL;
        self.sandbox.enabled.unwrap_or(default && alone)
    }
}
