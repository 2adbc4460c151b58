//! The command line.

use std::path::PathBuf;

use billing_core::accounts::ExternalId;
use billing_core::credentials::Scope;
use billing_core::values::{ApiKeyId, Timestamp};
use clap::{Args, Parser, Subcommand};

/// Self-hosted billing: credits, plans, subscriptions, orders, check-in and payments.
#[derive(Debug, Parser)]
#[command(name = "billing", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) settings: SettingFlags,
    /// The command; `serve` by default.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Settings as flags; they take precedence over `BILLING_*` variables, and those over the file.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SettingFlags {
    /// The settings file; `billing.toml` if it exists.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The address to listen on, such as 127.0.0.1:8080.
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// The database: `sqlite://FILE` or `postgres://…`
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// The address at which buyers reach this service.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) public_url: Option<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Migrates the database and starts the service (default).
    Serve,
    /// Migrates the database only.
    Migrate,
    /// Manages API keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Writes or applies plans, packs and rate cards as a file.
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Verifies the ledger.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Checks settings and database, and reports problems.
    Doctor,
    /// Prints the OpenAPI document.
    Openapi,
}

/// The commands for API keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Creates a key and prints it, once.
    Create {
        /// The display name.
        #[arg(long)]
        name: String,
        /// A scope: billing:read, billing:write, credits:write, credits:grant, billing:admin. Repeat for several.
        #[arg(long = "scope", required = true, value_name = "SCOPE")]
        scopes: Vec<Scope>,
        /// The account that it acts as; without one each request names the account.
        #[arg(long, value_parser = parse_account, value_name = "ACCOUNT")]
        account: Option<ExternalId>,
        /// The expiry; RFC 3339.
        #[arg(long, value_name = "TIME")]
        expires_at: Option<Timestamp>,
    },
    /// Lists all keys, without their texts.
    List,
    /// Creates a new key to replace an old one, which remains valid for a while.
    Rotate {
        /// The old key's id.
        id: ApiKeyId,
        /// The hours for which the old key remains valid.
        #[arg(long, default_value_t = 24)]
        overlap_hours: u32,
    },
    /// Revokes a key immediately.
    Revoke {
        /// The key's id.
        id: ApiKeyId,
    },
}

/// The commands for the catalogue.
#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// Writes plans, packs and rate cards as TOML.
    Export {
        /// The file; the terminal by default.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Creates and changes plans, packs and rate cards by their slugs until they match the file. Items that it does
    /// not contain stay as they are.
    Apply {
        /// A file as written by `export`.
        file: PathBuf,
        /// Only reports what would change.
        #[arg(long)]
        dry_run: bool,
    },
}

/// The commands for the ledger.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Verifies every checkpoint, also against its copy in the checkpoint file, and audits every account from its
    /// first entry on, also against all checkpoints. Exits with 1 if there is a violation. Changes nothing without
    /// `--freeze`.
    Verify {
        /// Only this account.
        #[arg(long, value_parser = parse_account, value_name = "ACCOUNT")]
        account: Option<ExternalId>,
        /// Freezes accounts with violations until an operator has resolved them.
        #[arg(long)]
        freeze: bool,
        /// The number of concurrent connections.
        #[arg(long, default_value_t = 4, value_name = "N")]
        connections: usize,
    },
    /// Verifies a saved proof without a database or the network: the answer of `GET /credits/proof`, and optionally
    /// the parts of `GET /credits/proof/history`. Exits with 1 if it is invalid.
    CheckProof {
        /// A file with the answer of `GET /credits/proof`.
        proof: PathBuf,
        /// Files with the answers of `GET /credits/proof/history`, in order from the first on.
        history: Vec<PathBuf>,
        /// The public key in hexadecimal, from a trusted source; without it the proof's own key is trusted.
        #[arg(long, value_name = "HEX")]
        public_key: Option<String>,
    },
}

fn parse_account(text: &str) -> Result<ExternalId, billing_core::accounts::InvalidExternalId> {
    ExternalId::parse(text)
}
