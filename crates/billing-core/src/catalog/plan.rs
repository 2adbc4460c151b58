//! A plan that can be subscribed to.

use serde::{Deserialize, Serialize};

use super::{CatalogRefusal, Interval, PlanPrices, check_price, check_slug, check_text};
use crate::values::{Credits, Currency, Money, PlanId, Timestamp, text_enum};

text_enum! {
    /// How a plan's credits are handed out within a period.
    CreditsInterval, "credits interval", {
        /// The plan's credits every month, also where the period is a year.
        Monthly = "monthly",
        /// The plan's credits once per period.
        PerPeriod = "per_period",
    }
}

text_enum! {
    /// What becomes of a period's credits when it ends.
    RolloverMode, "rollover mode", {
        /// They expire.
        Expire = "expire",
        /// They pass into the next period, up to a cap.
        RollOver = "roll_over",
        /// They stay.
        Keep = "keep",
    }
}

text_enum! {
    /// What an upgrade in mid period does to credits.
    ChangePolicy, "change policy", {
        /// Nothing until the renewal.
        None = "none",
        /// The difference for the rest of the period.
        Prorate = "prorate",
        /// A fresh period begins.
        ResetBillingAnchor = "reset_billing_anchor",
    }
}

/// What becomes of a period's credits when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollover {
    /// The rule.
    pub mode: RolloverMode,
    /// How many credits may pass into the next period, where the rule is to roll over.
    pub cap: Option<Credits>,
}

/// What a plan says of credits, as it was when somebody agreed to it. A plan that is changed later leaves those alone
/// who are subscribed to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanTerms {
    /// How many credits it includes.
    pub credits: Credits,
    /// How often.
    pub credits_interval: CreditsInterval,
    /// What becomes of a period's credits when it ends.
    pub rollover: Rollover,
    /// What an upgrade in mid period does to credits.
    pub change_policy: ChangePolicy,
}

impl PlanTerms {
    /// What `quantity` of the plan bring together.
    #[must_use]
    pub fn times(self, quantity: u32) -> Self {
        let cap = self.rollover.cap.map(|cap| cap.times(quantity));
        Self { credits: self.credits.times(quantity), rollover: Rollover { cap, ..self.rollover }, ..self }
    }
}

/// A plan that can be subscribed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The plan's id.
    pub id: PlanId,
    /// What programs call it; view A's `type`. Unique.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// One sentence about it.
    pub description: String,
    /// The price of a month, in minor units.
    pub price_monthly: i64,
    /// The price of a year, in minor units; none where it is not sold by the year.
    pub price_yearly: Option<i64>,
    /// The currency of both prices.
    pub currency: Currency,
    /// How many credits it includes.
    pub credits_included: Credits,
    /// How often.
    pub credits_interval: CreditsInterval,
    /// What it offers, in a customer's words.
    pub features: Vec<String>,
    /// How long one may try it, in days; 0 for no trial.
    pub trial_days: u32,
    /// How many credits a trial brings.
    pub trial_credits: Credits,
    /// Its current prices at providers.
    pub prices: PlanPrices,
    /// What becomes of a period's credits when it ends.
    pub rollover: Rollover,
    /// What an upgrade in mid period does to credits.
    pub change_policy: ChangePolicy,
    /// Whether customers see it.
    pub public: bool,
    /// Whether it can be bought.
    pub active: bool,
    /// When it was put on sale.
    pub created_at: Timestamp,
    /// How often it was written; 0 before the first time.
    pub version: i64,
}

impl Plan {
    /// The price of one period; none where the plan is not sold that way.
    pub fn price(&self, interval: Interval) -> Option<Money> {
        let minor = match interval {
            Interval::Monthly => Some(self.price_monthly),
            Interval::Yearly => self.price_yearly,
        };
        minor.map(|minor| Money::new(minor, self.currency))
    }

    /// What it says of credits today.
    pub const fn terms(&self) -> PlanTerms {
        PlanTerms {
            credits: self.credits_included,
            credits_interval: self.credits_interval,
            rollover: self.rollover,
            change_policy: self.change_policy,
        }
    }

    /// Checks that the plan can be put on sale as it is written.
    ///
    /// # Errors
    ///
    /// [`CatalogRefusal::Invalid`] names the first field that is off.
    pub fn check(&self) -> Result<(), CatalogRefusal> {
        check_slug(&self.slug)?;
        check_text("name", &self.name, 100)?;
        check_price("price_monthly", self.price_monthly)?;
        check_price("price_yearly", self.price_yearly.unwrap_or(0))?;
        for (field, credits) in
            [("credits_included", self.credits_included), ("trial_credits", self.trial_credits)]
        {
            if !credits.is_zero() && !credits.is_amount() {
                return Err(CatalogRefusal::invalid(
                    field,
                    "must be a whole number from 0 to 9007199254740991",
                ));
            }
        }
        if self.features.len() > 50 {
            return Err(CatalogRefusal::invalid("features", "takes at most 50 texts"));
        }
        for feature in &self.features {
            check_text("features", feature, 200)?;
        }
        if self.trial_days > 730 {
            return Err(CatalogRefusal::invalid("trial_days", "goes up to 730"));
        }
        self.prices.check()?;
        if self.rollover.cap.is_some_and(|cap| !cap.is_amount()) {
            return Err(CatalogRefusal::invalid("rollover.cap", "must be at least 1"));
        }
        Ok(())
    }
}
