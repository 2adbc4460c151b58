//! A pack of credits that can be bought once, and again.

use super::{CatalogRefusal, PackPrices, check_price, check_slug, check_text};
use crate::values::{Credits, Currency, Money, PackId, Timestamp};

/// A pack of credits on sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// The pack's id.
    pub id: PackId,
    /// What programs call it. Unique.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// Its price in minor units.
    pub price: i64,
    /// The price's currency.
    pub currency: Currency,
    /// How many credits it brings.
    pub credits: Credits,
    /// How many come on top.
    pub bonus_credits: Credits,
    /// How many days after the purchase its credits expire; never when none is named.
    pub expires_after_days: Option<u32>,
    /// Its current products at providers.
    pub prices: PackPrices,
    /// Whether it can be bought.
    pub active: bool,
    /// When it was put on sale.
    pub created_at: Timestamp,
    /// How often it was written; 0 before the first time.
    pub version: i64,
}

impl Pack {
    /// The price with its currency.
    pub fn money(&self) -> Money {
        Money::new(self.price, self.currency)
    }

    /// Checks that the pack can be put on sale as it is written.
    ///
    /// # Errors
    ///
    /// [`CatalogRefusal::Invalid`] names the first field that is off.
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
