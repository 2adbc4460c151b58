//! The buyer's details of a gift.

use std::sync::Arc;

use crate::BillingError;
use crate::billing::Ports;
use crate::gifts::{Gift, GiftCode, GiftOrigin, GiftPlan, Recipient};
use crate::orders::Order;
use crate::ports::StoreError;
use crate::values::Timestamp;

/// The buyer's details of a gift.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GiftDetails {
    /// The intended recipient.
    pub recipient: Recipient,
    /// The host product's page for redeeming it; its origin is allowed.
    pub redeem_url: Option<String>,
}

/// The source of randomness failed.
#[derive(Debug, thiserror::Error)]
#[error("the system provides no randomness for a code")]
struct NoSecret;

impl GiftDetails {
    /// Validates the details, before anything is created.
    pub(super) fn check(&self, ports: &Ports) -> Result<(), BillingError> {
        if let Some((field, problem)) = self.recipient.problem() {
            return Err(BillingError::Invalid { field, problem: problem.to_owned() });
        }
        match &self.redeem_url {
            Some(url) => Ok(ports.origins.check("redeem_url", url)?),
            None => Ok(()),
        }
    }

    /// The gift that `order` pays for, with a random code.
    pub(super) fn wrap(
        &self,
        ports: &Ports,
        order: &Order,
        plan: GiftPlan,
        now: Timestamp,
    ) -> Result<Gift, BillingError> {
        let secret = ports.ids.secret().ok_or_else(|| StoreError::Unavailable(Arc::new(NoSecret)))?;
        let origin = GiftOrigin::Bought {
            buyer: order.account,
            order: order.id,
            code: GiftCode::new(secret),
            recipient: self.recipient.clone(),
            redeem_url: self.redeem_url.clone(),
        };
        Ok(Gift::bought(origin, plan, &*ports.ids, now))
    }
}
