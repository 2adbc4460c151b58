//! The facade.

use std::sync::Arc;

use super::Ports;

/// Billing for one product: cheap to clone, meant to be shared.
///
/// Methods may be called concurrently. A method that returns an error has changed nothing, unless the error says that
/// the outcome is unknown.
///
/// It works with any store that implements the ports: `billing-store` for a database, `billing-testkit`'s memory store
/// for tests (its crate documentation has a complete example).
///
/// ```
/// use std::sync::Arc;
/// use billing_core::accounts::ExternalId;
/// use billing_core::ports::{Clock, IdSource, StorePorts};
/// use billing_core::{Billing, BillingError};
///
/// async fn greet(
///     store: StorePorts,
///     clock: Arc<dyn Clock>,
///     ids: Arc<dyn IdSource>,
/// ) -> Result<String, BillingError> {
///     let billing = Billing::builder(store, clock, ids).build();
///     let alice = ExternalId::parse("alice")?;
///     // The first check-in makes the account; a second one on the same day is refused.
///     let today = billing.check_in(&alice, None).await?;
///     let balance = billing.balance(&alice).await?;
///     Ok(format!("{} more, {} in all", today.check_in.credits, balance.available))
/// }
/// ```
#[derive(Clone)]
pub struct Billing {
    pub(super) ports: Arc<Ports>,
}
