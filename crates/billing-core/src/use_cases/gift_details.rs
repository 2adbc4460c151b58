//! What a buyer says of a gift.

use std::sync::Arc;

use crate::BillingError;
use crate::billing::Ports;
use crate::gifts::{Gift, GiftCode, GiftOrigin, GiftPlan, Recipient};
use crate::orders::Order;
use crate::ports::StoreError;
use crate::values::Timestamp;

/// What a buyer says of a gift.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GiftDetails {
    /// Whom it is meant for.
    pub recipient: Recipient,
    /// The host product's page on which it is redeemed; on the list of allowed origins.
    pub redeem_url: Option<String>,
}

/// The system gives no randomness.
#[derive(Debug, thiserror::Error)]
#[error("there is no randomness to make a code of")]
struct NoSecret;

impl GiftDetails {
    /// Checks what it says, before anything is made.
    pub(super) fn check(&self, ports: &Ports) -> Result<(), BillingError> {
        if let Some((field, problem)) = self.recipient.problem() {
            return Err(BillingError::Invalid { field, problem: problem.to_owned() });
        }
        match &self.redeem_url {
            Some(url) => Ok(ports.origins.check("redeem_url", url)?),
            None => Ok(()),
        }
    }

    /// The gift that `order` pays, under a code that nobody can guess.
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
