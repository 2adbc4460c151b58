//! Plans and packs.

use billing_core::catalog::{
    ChangePolicy, CreditsInterval, Interval, Pack, PackPrices, Plan, PlanPrices, RolloverMode, RolloverPolicy,
};
use billing_core::payments::Channel;
use billing_core::requests::{PackDraft, PlanDraft};
use billing_core::values::{Credits, IdSource, PackId, PlanId};

use super::noon;

/// A plan that is on sale by the month, for 20 dollars and 2,000 credits; nothing optional is set.
pub fn a_plan(slug: &str, ids: &dyn IdSource) -> Plan {
    Plan {
        id: PlanId::new(ids),
        slug: slug.to_owned(),
        name: "Pro".to_owned(),
        description: String::new(),
        price_monthly: 2000,
        price_yearly: None,
        currency: "usd".parse().unwrap(),
        credits_included: Credits::new(2000),
        credits_interval: CreditsInterval::Monthly,
        features: Vec::new(),
        trial_days: 0,
        trial_credits: Credits::ZERO,
        prices: PlanPrices::default(),
        rollover: RolloverPolicy { mode: RolloverMode::Expire, cap: None },
        change_policy: ChangePolicy::None,
        public: true,
        active: true,
        created_at: noon(),
        version: 0,
    }
}

/// A plan with every field set, and none as in [`a_plan`].
pub fn a_full_plan(slug: &str, ids: &dyn IdSource) -> Plan {
    Plan {
        description: "Für alle, die mehr brauchen".to_owned(),
        price_yearly: Some(9_999_999_999),
        currency: "jpy".parse().unwrap(),
        credits_included: Credits::MAX_AMOUNT,
        credits_interval: CreditsInterval::PerPeriod,
        features: vec!["Everything, and \"more\"".to_owned(), "🦉".to_owned()],
        trial_days: 14,
        trial_credits: Credits::new(50),
        prices: stripe_prices(&format!("price_{slug}_month"), &format!("price_{slug}_year"))
            .with(Channel::named("creem"), Interval::Monthly, Some(format!("prod_{slug}_month")))
            .with(Channel::named("creem"), Interval::Yearly, Some(format!("prod_{slug}_year"))),
        rollover: RolloverPolicy { mode: RolloverMode::RollOver, cap: Some(Credits::new(500)) },
        change_policy: ChangePolicy::Prorate,
        public: false,
        active: false,
        ..a_plan(slug, ids)
    }
}

/// A pack that is on sale, 1,000 credits for 9.99 dollars; nothing optional is set.
pub fn a_pack(slug: &str, ids: &dyn IdSource) -> Pack {
    Pack {
        id: PackId::new(ids),
        slug: slug.to_owned(),
        name: "1,000 credits".to_owned(),
        price: 999,
        currency: "usd".parse().unwrap(),
        credits: Credits::new(1000),
        bonus_credits: Credits::ZERO,
        expires_after_days: None,
        prices: PackPrices::default(),
        active: true,
        created_at: noon(),
        version: 0,
    }
}

/// A pack with every field set, and none as in [`a_pack`].
pub fn a_full_pack(slug: &str, ids: &dyn IdSource) -> Pack {
    Pack {
        price: 0,
        currency: "kwd".parse().unwrap(),
        credits: Credits::MAX_AMOUNT,
        bonus_credits: Credits::new(100),
        expires_after_days: Some(365),
        prices: creem_product(&format!("prod_{slug}_pack")),
        active: false,
        ..a_pack(slug, ids)
    }
}

/// The draft of [`a_plan`].
pub fn a_plan_draft(slug: &str) -> PlanDraft {
    let plan = a_plan(slug, &crate::SequentialIds::new());
    PlanDraft {
        slug: plan.slug,
        name: plan.name,
        description: plan.description,
        price_monthly: plan.price_monthly,
        price_yearly: plan.price_yearly,
        currency: plan.currency,
        credits_included: plan.credits_included,
        credits_interval: plan.credits_interval,
        features: plan.features,
        trial_days: plan.trial_days,
        trial_credits: plan.trial_credits,
        prices: plan.prices,
        rollover: plan.rollover,
        change_policy: plan.change_policy,
        public: plan.public,
        active: plan.active,
    }
}

/// The draft of [`a_pack`].
pub fn a_pack_draft(slug: &str) -> PackDraft {
    let pack = a_pack(slug, &crate::SequentialIds::new());
    PackDraft {
        slug: pack.slug,
        name: pack.name,
        price: pack.price,
        currency: pack.currency,
        credits: pack.credits,
        bonus_credits: pack.bonus_credits,
        expires_after_days: pack.expires_after_days,
        prices: pack.prices,
        active: pack.active,
    }
}

/// A plan with one monthly price, `reference`, at a provider.
pub fn monthly_price(channel: Channel, reference: &str) -> PlanPrices {
    PlanPrices::default().with(channel, Interval::Monthly, Some(reference.to_owned()))
}

/// A plan's monthly and yearly prices at Stripe.
pub fn stripe_prices(monthly: &str, yearly: &str) -> PlanPrices {
    let monthly = monthly_price(Channel::named("stripe"), monthly);
    monthly.with(Channel::named("stripe"), Interval::Yearly, Some(yearly.to_owned()))
}

/// A pack's product at Creem.
pub fn creem_product(reference: &str) -> PackPrices {
    PackPrices::default().with(Channel::named("creem"), Some(reference.to_owned()))
}
