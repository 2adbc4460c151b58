//! What a provider can do.

use crate::values::text_enum;

text_enum! {
    /// One thing that some providers can do and others cannot, or do otherwise.
    Capability, "capability", {
        /// A customer object is made once per account before the first checkout.
        Customers = "customers",
        /// A call with the same idempotency key is carried out once.
        IdempotentWrites = "idempotent_writes",
        /// Plans need the provider's own price or product id.
        CatalogBacked = "catalog_backed",
        /// Packs do, too.
        PacksCatalogBacked = "packs_catalog_backed",
        /// What became of a checkout can be asked.
        ReadCheckout = "read_checkout",
        /// A checkout can be closed before its time.
        ExpireCheckout = "expire_checkout",
        /// Customers can be sent to pages of the provider's own.
        Portal = "portal",
        /// A subscription can be ended, now or with its period, and an end can be taken back.
        Cancel = "cancel",
        /// A subscription can be changed to another plan, to be paid with the next renewal.
        ChangePlan = "change_plan",
        /// The difference for the rest of the period can be paid at once.
        Prorate = "prorate",
        /// A fresh period can begin with the change.
        ResetBillingAnchor = "reset_billing_anchor",
        /// What is due for a change can be asked before it is made.
        PreviewChange = "preview_change",
        /// What the next renewal will cost can be asked, discounts and tax counted.
        PreviewRenewal = "preview_renewal",
        /// A subscription can be set aside, and taken up again.
        Pause = "pause",
        /// A payment's money can be given back.
        Refund = "refund",
        /// A part of it can be, too.
        PartialRefund = "partial_refund",
        /// One payment may pay for several plans or periods, and one event of it show only some of them.
        PaymentLines = "payment_lines",
        /// What is disputed also shows as refunded: the two are the same money.
        DisputesAreRefunded = "disputes_are_refunded",
    }
}

/// A provider's table of what it can do. The contract suite checks that it tells the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities(&'static [Capability]);

impl Capabilities {
    /// Nothing.
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
