//! What decisions go by beside the account's billing.

use super::FactSource;
use crate::ledger::ClawbackPolicy;
use crate::payments::Capabilities;
use crate::subscriptions::GracePeriods;
use crate::values::{IdSource, Timestamp};

/// The host's rules for what payments bring and take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BillingPolicy {
    /// How long a period's credits live on after it.
    pub grace_periods: GracePeriods,
    /// What becomes of spent credits whose money went back.
    pub clawback: ClawbackPolicy,
    /// How many days credits live that are given back after their own time has ended.
    pub refund_days: i64,
}

impl Default for BillingPolicy {
    /// 3 days for a renewal's money to come, 14 while it is tried again; spent credits are owed; 30 days.
    fn default() -> Self {
        Self {
            grace_periods: GracePeriods { renewal_days: 3, past_due_days: 14 },
            clawback: ClawbackPolicy::Debt,
            refund_days: 30,
        }
    }
}

/// What decisions go by beside the account's billing.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Who states the fact.
    pub source: &'a FactSource,
    /// The host's rules.
    pub policy: BillingPolicy,
    /// What the provider can do.
    pub capabilities: Capabilities,
    /// Where ids come from.
    pub ids: &'a dyn IdSource,
    /// Now.
    pub now: Timestamp,
}
