//! `billing keys`

use std::process::ExitCode;

use billing_core::Billing;
use billing_core::credentials::{ApiKey, Scopes};
use billing_core::requests::{CreateKey, NewKey};

use super::terminal::say;
use crate::cli::KeysCommand;
use crate::config::Settings;
use crate::ids::random_bytes;
use crate::wiring;

pub(super) async fn keys(settings: &Settings, command: KeysCommand) -> anyhow::Result<ExitCode> {
    let store = wiring::open_store(settings, true).await?;
    let billing = wiring::bare(&store);
    match command {
        KeysCommand::Create { name, scopes, account, expires_at } => {
            let scopes = Scopes::new(scopes);
            let key = CreateKey { name, scopes, account, expires_at, random: random_bytes()? };
            announce(&billing.create_key(key).await?);
        }
        KeysCommand::List => list(&billing).await?,
        KeysCommand::Rotate { id, overlap_hours } => {
            announce(&billing.rotate_key(id, overlap_hours, random_bytes()?).await?);
        }
        KeysCommand::Revoke { id } => {
            let key = billing.revoke_key(id).await?;
            say(&format!("revoked {} ({})", key.id, key.name));
        }
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

fn announce(made: &NewKey) {
    say(&format!("{}\n\nid      {}\nscopes  {}", made.text.reveal(), made.key.id, made.key.scopes));
    say("The key is shown this once; only its hash is kept.");
}

async fn list(billing: &Billing) -> anyhow::Result<()> {
    let now = billing.now();
    for key in billing.keys().await? {
        let state = if key.revoked_at.is_some() {
            "revoked"
        } else if key.is_valid(now) {
            "valid"
        } else {
            "expired"
        };
        let ApiKey { id, name, last4, scopes, created_at, .. } = key;
        say(&format!("{id}  …{last4}  {state:<8} {created_at}  {name}  [{scopes}]"));
    }
    Ok(())
}
