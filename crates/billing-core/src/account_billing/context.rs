//! The inputs of a decision besides the account's billing.

use super::FactSource;
use crate::ledger::ClawbackPolicy;
use crate::payments::Capabilities;
use crate::subscriptions::GracePeriods;
use crate::values::{IdSource, Timestamp};

/// The host's rules for what payments grant and what their reversals claw back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BillingPolicy {
    /// How long a period's credits outlive it.
    pub grace_periods: GracePeriods,
    /// What happens to spent credits whose payment was reversed.
    pub clawback: ClawbackPolicy,
    /// For how many days restored credits live if their own end has passed.
    pub refund_days: i64,
}

impl Default for BillingPolicy {
    /// 3 days for a renewal's payment to arrive, 14 while it is retried; spent credits become debt; 30 days.
    fn default() -> Self {
        Self {
            grace_periods: GracePeriods { renewal_days: 3, past_due_days: 14 },
            clawback: ClawbackPolicy::Debt,
            refund_days: 30,
        }
    }
}

/// The inputs of a decision besides the account's billing.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The origin of the fact.
    pub source: &'a FactSource,
    /// The host's rules.
    pub policy: BillingPolicy,
    /// The provider's capabilities.
    pub capabilities: Capabilities,
    /// The source of new ids.
    pub ids: &'a dyn IdSource,
    /// Now.
    pub now: Timestamp,
}
