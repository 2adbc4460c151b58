//! Writes of gifts.

use billing_core::changes::Changes;
use billing_core::ports::CommitError;
use sea_orm::entity::prelude::*;

use super::versioned::put;
use crate::entity::gifts::Column;
use crate::row::gift_model;
use crate::transaction::Transaction;

/// Writes gifts, after the orders that they refer to, guarded by their versions: of concurrent redemptions one
/// succeeds.
pub(super) async fn put_gifts(transaction: &Transaction, changes: &Changes) -> Result<(), CommitError> {
    for gift in &changes.gifts {
        let identity = Column::Id.eq(gift.id.uuid());
        put(transaction, gift_model(gift), identity, Column::Version, gift.version).await?;
    }
    Ok(())
}
