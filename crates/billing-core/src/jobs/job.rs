//! The background jobs.

use crate::values::text_enum;

text_enum! {
    /// Background work that a host runs on its own schedule with [`Billing::run_due`](crate::Billing::run_due). Each
    /// job is bounded and safe to run on many instances concurrently, and no answer depends on a job having run.
    Job, "job", {
        /// Applies due provider events.
        Inbox = "inbox",
        /// Persists due expiries and starts of grants of accounts without other activity.
        Expiry = "expiry",
        /// Expires unpaid orders.
        Orders = "orders",
        /// Cancels and refunds duplicate subscriptions: those that were started while another was live.
        Duplicates = "duplicates",
        /// Ends gift subscriptions whose period is over.
        Gifts = "gifts",
        /// Grants the free plan's credits, month by month, to accounts without a subscription.
        FreePlan = "free_plan",
    }
}

impl Job {
    /// Whether several processes may run the job concurrently. The inbox leases each event; every other job runs under
    /// one lease.
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Inbox)
    }
}
