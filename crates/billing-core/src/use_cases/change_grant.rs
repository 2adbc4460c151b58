//! Call a grant off, or let it live longer.

use super::ledger_request::post_one;
use crate::BillingError;
use crate::billing::Ports;
use crate::ledger::{Actor, Command, Grant, Posting, Refusal};
use crate::values::{Fingerprint, GrantId, PostingKey, RequestKey, Timestamp};

/// What an operator wants of a grant.
#[derive(Debug, Clone)]
pub struct ChangeGrant {
    /// Which grant.
    pub grant: GrantId,
    /// What is to become of it.
    pub change: GrantChange,
    /// Makes the request safe to repeat.
    pub key: RequestKey,
    /// What the request said.
    pub fingerprint: Fingerprint,
    /// Who asks.
    pub actor: Actor,
}

/// What is to become of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantChange {
    /// What is left of it is gone.
    Void {
        /// In words that the customer may read, why.
        reason: String,
    },
    /// It ends later.
    Extend {
        /// When; `None` for never.
        expires_at: Option<Timestamp>,
    },
}

/// Changes a grant, and answers it as it is afterwards, with whether this was a repetition.
///
/// # Errors
///
/// - [`BillingError::Ledger`] if there is no such grant, it is over, or it would end sooner than before.
/// - [`BillingError::Store`] if the store failed; repeat with the same key.
pub(crate) async fn change_grant(ports: &Ports, ask: ChangeGrant) -> Result<(Grant, bool), BillingError> {
    let unknown = || Refusal::UnknownGrant { grant: ask.grant };
    let account = ports.store.ledger_reads.grant(ask.grant).await?.ok_or_else(unknown)?.account;
    let command = match ask.change {
        GrantChange::Void { reason } => Command::Void { grant: ask.grant, description: reason },
        GrantChange::Extend { expires_at } => Command::ExtendGrant { grant: ask.grant, expires_at },
    };
    let posting = Posting {
        account,
        key: PostingKey::of_request(&ask.key),
        fingerprint: ask.fingerprint,
        actor: ask.actor,
        commands: vec![command],
    };
    let posted = post_one(ports, posting, ports.clock.now()).await?;
    let grant = ports.store.ledger_reads.grant(ask.grant).await?.ok_or_else(unknown)?;
    Ok((grant, posted.replayed))
}
