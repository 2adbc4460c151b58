//! Provider capabilities.

use crate::values::text_enum;

text_enum! {
    /// An optional capability of a provider.
    Capability, "capability", {
        /// A customer object is created once per account before the first checkout.
        Customers = "customers",
        /// Writes are idempotent: a call with the same idempotency key is executed once.
        IdempotentWrites = "idempotent_writes",
        /// Plans need the provider's own price or product id.
        CatalogBacked = "catalog_backed",
        /// Packs need the provider's own price or product id.
        PacksCatalogBacked = "packs_catalog_backed",
        /// The state of a checkout can be read.
        ReadCheckout = "read_checkout",
        /// An open checkout can be expired.
        ExpireCheckout = "expire_checkout",
        /// A subscription and its latest payment can be read.
        ReadSubscription = "read_subscription",
        /// There is a customer portal.
        Portal = "portal",
        /// A subscription can be canceled, immediately or at the period's end, and a scheduled cancellation can be
        /// undone.
        Cancel = "cancel",
        /// The plan can be changed at the next renewal.
        ChangePlan = "change_plan",
        /// A change can be prorated: the difference for the rest of the period is paid at once.
        Prorate = "prorate",
        /// A change can start a new period.
        ResetBillingAnchor = "reset_billing_anchor",
        /// The amount due for a change can be previewed.
        PreviewChange = "preview_change",
        /// The amount of the next renewal can be previewed, with discounts and tax.
        PreviewRenewal = "preview_renewal",
        /// A subscription can be paused and resumed.
        Pause = "pause",
        /// A payment can be refunded.
        Refund = "refund",
        /// A payment can be refunded in part.
        PartialRefund = "partial_refund",
        /// One payment may cover several plans or periods, and one of its events may show only some of them.
        PaymentLines = "payment_lines",
        /// A disputed amount also appears as refunded: the two are the same money.
        DisputesAreRefunded = "disputes_are_refunded",
    }
}

/// A provider's capabilities. The contract suite verifies them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities(&'static [Capability]);

impl Capabilities {
    /// None.
    pub const NONE: Self = Self(&[]);

    /// Exactly these.
    pub const fn of(these: &'static [Capability]) -> Self {
        Self(these)
    }

    /// Whether the provider can do `this`.
    pub fn can(self, this: Capability) -> bool {
        self.0.contains(&this)
    }

    /// All that it can do.
    pub const fn all(self) -> &'static [Capability] {
        self.0
    }
}
