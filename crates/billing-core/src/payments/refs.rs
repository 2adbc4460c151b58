//! A provider's references to a payment.

/// A provider's references to a payment. At least one is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaymentRefs {
    /// The payment itself (Stripe: the PaymentIntent; Creem: the transaction; sandbox: the charge).
    pub payment: Option<String>,
    /// The invoice that it paid (Stripe).
    pub invoice: Option<String>,
}

impl PaymentRefs {
    /// A reference by the payment's own id.
    pub fn of_payment(id: impl Into<String>) -> Self {
        Self { payment: Some(id.into()), invoice: None }
    }

    /// A reference by the invoice that it paid.
    pub fn of_invoice(id: impl Into<String>) -> Self {
        Self { payment: None, invoice: Some(id.into()) }
    }

    /// The ids that the payment's business keys are derived from: its invoice, if any, then its own id.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.invoice.as_deref().into_iter().chain(self.payment.as_deref())
    }

    /// Whether no reference is known.
    pub fn is_empty(&self) -> bool {
        self.payment.is_none() && self.invoice.is_none()
    }

    /// Adds the references of `other` that are missing here. Returns whether there were any.
    pub fn learn(&mut self, other: &Self) -> bool {
        let mut changed = false;
        for (mine, theirs) in [(&mut self.payment, &other.payment), (&mut self.invoice, &other.invoice)] {
            if mine.is_none() && theirs.is_some() {
                mine.clone_from(theirs);
                changed = true;
            }
        }
        changed
    }
}
