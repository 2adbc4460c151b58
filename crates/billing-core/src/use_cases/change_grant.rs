//! Voids or extends a grant.

use super::ledger_request::post_one;
use crate::BillingError;
use crate::billing::Ports;
use crate::ledger::{Actor, Command, Grant, Posting, Refusal};
use crate::values::{Fingerprint, GrantId, PostingKey, RequestKey, Timestamp};

/// An operator's change of a grant.
#[derive(Debug, Clone)]
pub struct ChangeGrant {
    /// The grant.
    pub grant: GrantId,
    /// The change.
    pub change: GrantChange,
    /// The idempotency key.
    pub key: RequestKey,
    /// The request's fingerprint.
    pub fingerprint: Fingerprint,
    /// The actor.
    pub actor: Actor,
}

/// A change of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantChange {
    /// Void the rest.
    Void {
        /// The reason, visible to the customer.
        reason: String,
    },
    /// Move the end to a later time.
    Extend {
        /// The new end; `None` for never.
        expires_at: Option<Timestamp>,
    },
}

/// Changes a grant, and returns it, with whether this was a replay.
///
/// # Errors
///
/// - [`BillingError::Ledger`] if the grant is unknown, over, or would end earlier than before.
/// - [`BillingError::Store`] if the store failed; retry with the same key.
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
