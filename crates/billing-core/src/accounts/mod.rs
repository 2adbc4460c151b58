//! Accounts, the owners of credits.

mod account;
mod external_id;

pub use account::Account;
pub use external_id::{ExternalId, InvalidExternalId};
