//! The signer, the trusted keys and the copies of checkpoints.

use std::sync::Arc;

use anyhow::{Context, bail};
use billing_core::BillingBuilder;
use billing_core::ledger::{CheckpointKeys, CheckpointSigner, KnownKey};
use billing_core::ports::Checkpoints;
use billing_store::SqlStore;
use secrecy::ExposeSecret;

use super::bare;
use crate::checkpoint_file::CheckpointFile;
use crate::config::{LedgerSettings, Settings};
use crate::ids::random_secret;
use crate::signer::{Signer, is_signed_by};

/// The setting with the generated key.
const OWN_KEY: &str = "checkpoint_key";

/// Validates the settings without a database.
pub(super) fn check(settings: &LedgerSettings) -> anyhow::Result<()> {
    if let Some(seed) = &settings.checkpoint_key {
        Signer::try_new(seed.expose_secret())?;
    }
    if settings.audit_days == Some(0) {
        bail!("ledger.audit_days must be at least 1");
    }
    listed_keys(settings).map(drop)
}

/// Configures signing, verification and copies of checkpoints; generates a key if none is configured.
///
/// # Errors
///
/// Also if the last checkpoint has an unknown key: otherwise everything signed with that key would become doubtful.
pub(super) async fn signing(
    builder: BillingBuilder,
    settings: &Settings,
    store: &SqlStore,
) -> anyhow::Result<BillingBuilder> {
    let seed = match &settings.ledger.checkpoint_key {
        Some(seed) => seed.expose_secret().to_owned(),
        None => bare(store).setting_or(OWN_KEY, &random_secret()?).await?,
    };
    let signer = Signer::try_new(&seed)?;
    let own = KnownKey { public_key: signer.public_key(), until: None };
    let mut known = listed_keys(&settings.ledger)?;
    known.push(own);
    let keys = CheckpointKeys::new(known, is_signed_by);
    let last = store.last_checkpoint().await?;
    let as_of = last.as_ref().map_or(0, |last| last.number);
    if let Some(last) = last
        && let Some(problem) = keys.key_problem(&last)
    {
        let (number, key) = (last.number, hex::encode(&last.public_key));
        bail!(
            "checkpoint {number} {problem}; if that key was replaced, add `{key}:{number}` to BILLING_LEDGER__PUBLIC_KEYS"
        );
    }
    Ok(copying(builder, settings).checkpoint_signer(Arc::new(signer)).checkpoint_keys(keys.as_of(as_of)))
}

/// Configures verification of checkpoints, and warns if no key is known.
pub(crate) async fn verifying(
    builder: BillingBuilder,
    settings: &Settings,
    store: &SqlStore,
) -> anyhow::Result<(BillingBuilder, KeysKnown)> {
    let mut known = listed_keys(&settings.ledger)?;
    let given = settings.ledger.checkpoint_key.as_ref().map(|seed| seed.expose_secret().to_owned());
    let outside = given.is_some() || !known.is_empty();
    let seed = if outside { given } else { bare(store).setting(OWN_KEY).await? };
    if let Some(seed) = seed {
        known.push(KnownKey { public_key: Signer::try_new(&seed)?.public_key(), until: None });
    }
    let (keys, known_from) = match (outside, known.is_empty()) {
        (true, _) => (CheckpointKeys::new(known, is_signed_by), KeysKnown::Outside),
        (false, false) => (CheckpointKeys::new(known, is_signed_by), KeysKnown::InDatabase),
        (false, true) => (CheckpointKeys::any(is_signed_by), KeysKnown::None),
    };
    Ok((copying(builder, settings).checkpoint_keys(keys), known_from))
}

/// The origin of the trusted keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeysKnown {
    /// The settings.
    Outside,
    /// The database only, where an attacker who rewrites history can sign, too.
    InDatabase,
    /// None.
    None,
}

fn copying(builder: BillingBuilder, settings: &Settings) -> BillingBuilder {
    match &settings.ledger.checkpoint_file {
        Some(path) => builder.checkpoint_copies(Arc::new(CheckpointFile::new(path.clone()))),
        None => builder,
    }
}

fn listed_keys(settings: &LedgerSettings) -> anyhow::Result<Vec<KnownKey>> {
    let listed = settings.public_keys.iter().flatten();
    let read = |text: &String| {
        text.parse::<KnownKey>().with_context(|| format!("ledger.public_keys holds `{text}`"))
    };
    listed.map(read).collect()
}
