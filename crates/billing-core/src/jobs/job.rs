//! The jobs.

use crate::values::text_enum;

text_enum! {
    /// Background work that a host runs on its own schedule with [`Billing::run_due`](crate::Billing::run_due).
    /// Each job is bounded and safe on many instances at once, and no right answer depends on one having run.
    Job, "job", {
        /// Apply providers' events that are due.
        Inbox = "inbox",
        /// Write the expiries and starts of grants of accounts that nothing else happens to.
        Expiry = "expiry",
        /// Expire orders that nobody pays.
        Orders = "orders",
        /// Cancel and refund duplicate subscriptions: those that were started while another was live.
        Duplicates = "duplicates",
        /// End subscriptions that were given and whose period is over.
        Gifts = "gifts",
        /// Grant the free plan's credits, month by month, to accounts without a subscription.
        FreePlan = "free_plan",
    }
}

impl Job {
    /// Whether several processes may run the job at the same time: the inbox leases each event by itself. Every
    /// other job is run by the holder of its lease.
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Inbox)
    }
}
