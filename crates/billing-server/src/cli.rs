//! The command line.

use std::path::PathBuf;

use billing_core::accounts::ExternalId;
use billing_core::credentials::Scope;
use billing_core::values::{ApiKeyId, Timestamp};
use clap::{Args, Parser, Subcommand};

/// Credits, plans, subscriptions, orders, check-in and payments: a service of your own.
#[derive(Debug, Parser)]
#[command(name = "billing", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) settings: SettingFlags,
    /// What to do; `serve` when nothing is said.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Settings that can be given as flags; they go before `BILLING_*` variables, and those before the file.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SettingFlags {
    /// The settings file; `billing.toml` if it exists.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where to listen, such as 127.0.0.1:8080.
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Where the data is: `sqlite://FILE` or `postgres://…`
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// Where buyers reach this service.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) public_url: Option<String>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts the service (default). Brings the database up to date first.
    Serve,
    /// Brings the database up to date, and nothing else.
    Migrate,
    /// API keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Plans, packs and rate cards as a file.
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// The ledger.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Looks at settings and database, and says what is wrong.
    Doctor,
    /// Prints the API's description.
    Openapi,
}

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Makes a key and prints it, once.
    Create {
        /// What people call it.
        #[arg(long)]
        name: String,
        /// What it may do: billing:read, billing:write, credits:write, credits:grant, billing:admin. Repeat for several.
        #[arg(long = "scope", required = true, value_name = "SCOPE")]
        scopes: Vec<Scope>,
        /// The account that it acts as; without one it names the account in each request.
        #[arg(long, value_parser = parse_account, value_name = "ACCOUNT")]
        account: Option<ExternalId>,
        /// From when on it is refused; RFC 3339.
        #[arg(long, value_name = "TIME")]
        expires_at: Option<Timestamp>,
    },
    /// Lists all keys, without their texts.
    List,
    /// Makes a new key in place of an old one, which goes on working for a while.
    Rotate {
        /// The old key's id.
        id: ApiKeyId,
        /// For how many hours the old key still works.
        #[arg(long, default_value_t = 24)]
        overlap_hours: u32,
    },
    /// Revokes a key at once.
    Revoke {
        /// The key's id.
        id: ApiKeyId,
    },
}

/// What can be done with the catalogue.
#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// Writes plans, packs and rate cards down as TOML.
    Export {
        /// Where to; the terminal when nothing is said.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Makes and changes plans, packs and rate cards by their slugs until all is as the file says. What it does
    /// not speak of stays as it is.
    Apply {
        /// A file as `export` writes it.
        file: PathBuf,
        /// Only tells what would change.
        #[arg(long)]
        dry_run: bool,
    },
}

/// What can be done with the ledger.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Checks every checkpoint, also against its copy in the checkpoint file, and every account, from its
    /// first entry on, against all checkpoints and everything that must always hold. Ends with 1 if something does not.
    /// Changes nothing unless told to freeze.
    Verify {
        /// Only this account.
        #[arg(long, value_parser = parse_account, value_name = "ACCOUNT")]
        account: Option<ExternalId>,
        /// Freezes accounts on which something does not hold: nothing moves there until an operator has looked.
        #[arg(long)]
        freeze: bool,
        /// How many connections read at the same time.
        #[arg(long, default_value_t = 4, value_name = "N")]
        connections: usize,
    },
    /// Checks a proof that was kept, without a database or the network: what `GET /credits/proof` answered, and
    /// the parts of `GET /credits/proof/history` if there are any. Ends with 1 if it proves nothing.
    CheckProof {
        /// A file with the answer of `GET /credits/proof`.
        proof: PathBuf,
        /// Files with the answers of `GET /credits/proof/history`, in order from the first on.
        history: Vec<PathBuf>,
        /// The key that signs, in hexadecimal, as you know it; without it the proof's own is believed.
        #[arg(long, value_name = "HEX")]
        public_key: Option<String>,
    },
}

fn parse_account(text: &str) -> Result<ExternalId, billing_core::accounts::InvalidExternalId> {
    ExternalId::parse(text)
}
