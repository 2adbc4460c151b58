//! A plan, sold as a subscription.

use serde::{Deserialize, Serialize};

use super::{CatalogRefusal, Interval, PlanPrices, check_price, check_slug, check_text};
use crate::values::{Credits, Currency, Money, PlanId, Timestamp, text_enum};

text_enum! {
    /// How often a plan grants its credits within a period.
    CreditsInterval, "credits interval", {
        /// Every month, even if the period is a year.
        Monthly = "monthly",
        /// Once per period.
        PerPeriod = "per_period",
    }
}

text_enum! {
    /// What happens to a period's credits when it ends.
    RolloverMode, "rollover mode", {
        /// They expire.
        Expire = "expire",
        /// They roll over into the next period, up to a cap.
        RollOver = "roll_over",
        /// They are kept.
        Keep = "keep",
    }
}

text_enum! {
    /// What a mid-period upgrade grants.
    ChangePolicy, "change policy", {
        /// Nothing until the renewal.
        None = "none",
        /// The difference for the rest of the period.
        Prorate = "prorate",
        /// All credits of a new period.
        ResetBillingAnchor = "reset_billing_anchor",
    }
}

/// What happens to a period's credits when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolloverPolicy {
    /// The mode.
    pub mode: RolloverMode,
    /// The most credits that may roll over, for that mode.
    pub cap: Option<Credits>,
}

/// A plan's credit terms as agreed by a subscriber. A later change of the plan does not affect existing subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanTerms {
    /// The included credits.
    pub credits: Credits,
    /// How often they are granted.
    pub credits_interval: CreditsInterval,
    /// What happens to them at the end of a period.
    pub rollover: RolloverPolicy,
    /// What a mid-period upgrade grants.
    pub change_policy: ChangePolicy,
}

impl PlanTerms {
    /// The terms for `quantity` of the plan.
    #[must_use]
    pub fn times(self, quantity: u32) -> Self {
        let cap = self.rollover.cap.map(|cap| cap.times(quantity));
        Self {
            credits: self.credits.times(quantity),
            rollover: RolloverPolicy { cap, ..self.rollover },
            ..self
        }
    }
}

/// A plan, sold as a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The plan's id.
    pub id: PlanId,
    /// The unique name for programs; view A's `type`.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// A one-sentence description.
    pub description: String,
    /// The monthly price in minor units.
    pub price_monthly: i64,
    /// The yearly price in minor units; none if there is no yearly billing.
    pub price_yearly: Option<i64>,
    /// The currency of both prices.
    pub currency: Currency,
    /// The included credits.
    pub credits_included: Credits,
    /// How often they are granted.
    pub credits_interval: CreditsInterval,
    /// The features for display.
    pub features: Vec<String>,
    /// The length of the trial in days; 0 for no trial.
    pub trial_days: u32,
    /// The credits of a trial.
    pub trial_credits: Credits,
    /// Its current prices at providers.
    pub prices: PlanPrices,
    /// What happens to a period's credits when it ends.
    pub rollover: RolloverPolicy,
    /// What a mid-period upgrade grants.
    pub change_policy: ChangePolicy,
    /// Whether customers see it.
    pub public: bool,
    /// Whether it is on sale.
    pub active: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// The row's version; 0 if not stored yet.
    pub version: i64,
}

impl Plan {
    /// The price of one period; none if the plan does not have the interval.
    pub fn price(&self, interval: Interval) -> Option<Money> {
        let minor = match interval {
            Interval::Monthly => Some(self.price_monthly),
            Interval::Yearly => self.price_yearly,
        };
        minor.map(|minor| Money::new(minor, self.currency))
    }

    /// Its current credit terms.
    pub const fn terms(&self) -> PlanTerms {
        PlanTerms {
            credits: self.credits_included,
            credits_interval: self.credits_interval,
            rollover: self.rollover,
            change_policy: self.change_policy,
        }
    }

    /// Validates the plan for publishing.
    ///
    /// # Errors
    ///
    /// [`CatalogRefusal::Invalid`] names the first invalid field.
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
