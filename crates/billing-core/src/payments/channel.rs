//! Which provider.

use crate::values::text_enum;

text_enum! {
    /// The payment provider through which something is bought.
    Channel, "payment channel", {
        /// Stripe.
        Stripe = "stripe",
        /// Creem.
        Creem = "creem",
        /// The provider that needs no account anywhere.
        Sandbox = "sandbox",
        /// Nobody: what was given collects nothing, and nothing is bought through it.
        Gift = "gift",
    }
}
