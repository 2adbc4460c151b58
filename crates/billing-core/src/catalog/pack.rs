//! A pack of credits, bought once per purchase.

use super::{CatalogRefusal, PackPrices, check_price, check_slug, check_text};
use crate::values::{Credits, Currency, Money, PackId, Timestamp};

/// A pack of credits on sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// The pack's id.
    pub id: PackId,
    /// The unique name for programs.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// Its price in minor units.
    pub price: i64,
    /// The price's currency.
    pub currency: Currency,
    /// The credits.
    pub credits: Credits,
    /// The bonus credits.
    pub bonus_credits: Credits,
    /// The days after the purchase at which its credits expire; never if none.
    pub expires_after_days: Option<u32>,
    /// Its current products at providers.
    pub prices: PackPrices,
    /// Whether it is on sale.
    pub active: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// The row's version; 0 if not stored yet.
    pub version: i64,
}

impl Pack {
    /// The price with its currency.
    pub fn money(&self) -> Money {
        Money::new(self.price, self.currency)
    }

    /// Validates the pack for publishing.
    ///
    /// # Errors
    ///
    /// [`CatalogRefusal::Invalid`] names the first invalid field.
    pub fn check(&self) -> Result<(), CatalogRefusal> {
        check_slug(&self.slug)?;
        check_text("name", &self.name, 100)?;
        check_price("price", self.price)?;
        if !self.credits.is_amount() {
            return Err(CatalogRefusal::invalid(
                "credits",
                "must be a whole number from 1 to 9007199254740991",
            ));
        }
        if !self.bonus_credits.is_zero() && !self.bonus_credits.is_amount() {
            return Err(CatalogRefusal::invalid(
                "bonus_credits",
                "must be a whole number from 0 to 9007199254740991",
            ));
        }
        if self.expires_after_days.is_some_and(|days| !(1..=36_500).contains(&days)) {
            return Err(CatalogRefusal::invalid("expires_after_days", "goes from 1 to 36500"));
        }
        Ok(())
    }
}
