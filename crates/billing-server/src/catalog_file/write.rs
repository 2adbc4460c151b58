//! Writing the file, in a natural order of fields.

use billing_core::catalog::{
    ChangePolicy, CreditsInterval, Interval, Meter, Rate, RatePrice, RolloverMode, RolloverPolicy, Rounding,
    Tier, TiersScope, UnitPrice, UnitRate,
};
use billing_core::requests::{CatalogDraft, PackDraft, PlanDraft, RateCardDraft};
use billing_creem::CHANNEL as CREEM;
use billing_stripe::CHANNEL as STRIPE;
use rust_decimal::Decimal;
use toml::Value;

use super::lines::Lines;

const ABOUT: &str = "\
# What is on sale, and what usage costs. `billing catalog apply FILE` brings a database to what this file says;
# with --dry-run it only reports what would change. Items that the file does not contain stay as they are.
# Prices are in minor units: 999 is 9.99 USD. Credits with a fraction stand in quotes.
";

/// The file of `catalog`.
pub(crate) fn write(catalog: &CatalogDraft) -> String {
    let plans = catalog.plans.iter().map(plan_lines);
    let packs = catalog.packs.iter().map(pack_lines);
    let rate_cards = catalog.rate_cards.iter().map(rate_card_lines);
    let mut text = ABOUT.to_owned();
    for block in plans.chain(packs).chain(rate_cards) {
        text.push('\n');
        text.push_str(&block.join("\n"));
        text.push('\n');
    }
    text
}

/// The lines of a plan.
pub(crate) fn plan_lines(plan: &PlanDraft) -> Vec<String> {
    let mut lines = Lines::under("plans");
    lines.set("slug", &*plan.slug);
    lines.set("name", &*plan.name);
    lines.set_unless(plan.description.is_empty(), "description", &*plan.description);
    lines.set("price_monthly", plan.price_monthly);
    lines.set_some("price_yearly", plan.price_yearly);
    lines.set("currency", plan.currency.code());
    lines.set("credits_included", plan.credits_included.get());
    let monthly = plan.credits_interval == CreditsInterval::Monthly;
    lines.set_unless(monthly, "credits_interval", plan.credits_interval.as_str());
    lines.list("features", plan.features.iter().map(|text| quoted(text)));
    lines.set_unless(plan.trial_days == 0, "trial_days", plan.trial_days);
    lines.set_unless(plan.trial_credits.is_zero(), "trial_credits", plan.trial_credits.get());
    lines.set_some("stripe_price_id_monthly", plan.prices.get(STRIPE, Interval::Monthly));
    lines.set_some("stripe_price_id_yearly", plan.prices.get(STRIPE, Interval::Yearly));
    lines.set_some("creem_product_id", plan.prices.get(CREEM, Interval::Monthly));
    lines.set_some("creem_product_id_yearly", plan.prices.get(CREEM, Interval::Yearly));
    let expires = plan.rollover == RolloverPolicy { mode: RolloverMode::Expire, cap: None };
    lines.set_unless(expires, "rollover", rollover(&plan.rollover));
    let unchanged = plan.change_policy == ChangePolicy::None;
    lines.set_unless(unchanged, "change_policy", plan.change_policy.as_str());
    lines.set_unless(plan.public, "public", plan.public);
    lines.set_unless(plan.active, "active", plan.active);
    lines.into_vec()
}

/// The lines of a pack.
pub(crate) fn pack_lines(pack: &PackDraft) -> Vec<String> {
    let mut lines = Lines::under("packs");
    lines.set("slug", &*pack.slug);
    lines.set("name", &*pack.name);
    lines.set("price", pack.price);
    lines.set("currency", pack.currency.code());
    lines.set("credits", pack.credits.get());
    lines.set_unless(pack.bonus_credits.is_zero(), "bonus_credits", pack.bonus_credits.get());
    lines.set_some("expires_after_days", pack.expires_after_days);
    lines.set_some("creem_product_id", pack.prices.get(CREEM));
    lines.set_unless(pack.active, "active", pack.active);
    lines.into_vec()
}

/// The lines of a card's rates at one time.
pub(crate) fn rate_card_lines(card: &RateCardDraft) -> Vec<String> {
    let mut lines = Lines::under("rate_cards");
    lines.set("slug", &*card.slug);
    lines.set("name", &*card.name);
    lines.set_unless(card.description.is_empty(), "description", &*card.description);
    lines.set_unless(card.active, "active", card.active);
    if let Some(moment) = card.effective_at {
        // TOML has times of its own, written as RFC 3339 without quotes.
        lines.push(format!("effective_at = {moment}"));
    }
    lines.set_unless(card.markup.is_zero(), "markup_percent", number(card.markup.get()));
    for meter in &card.meters {
        lines.then(meter_lines(meter));
    }
    lines.into_vec()
}

fn meter_lines(meter: &Meter) -> Lines {
    let mut lines = Lines::under("rate_cards.meters");
    lines.set("name", &*meter.name);
    lines.set_unless(meter.dimensions.is_empty(), "dimensions", meter.dimensions.clone());
    lines.set_unless(meter.per_call.is_zero(), "per_call", credits(meter.per_call));
    lines.set_unless(meter.minimum.is_zero(), "minimum", credits(meter.minimum));
    lines.set_some("markup_percent", meter.markup.map(|markup| number(markup.get())));
    lines.set_unless(meter.rounding == Rounding::Carry, "rounding", meter.rounding.as_str());
    lines.list("rates", meter.rates.iter().map(rate));
    lines
}

fn rate(rate: &Rate) -> String {
    let when: toml::Table =
        rate.when.iter().map(|(name, value)| (name.clone(), Value::from(&**value))).collect();
    let when = if when.is_empty() { String::new() } else { format!(", when = {}", Value::from(when)) };
    let quantity = quoted(&rate.quantity);
    match &rate.price {
        RatePrice::PerUnit(price) => format!("{{ quantity = {quantity}, {}{when} }}", unit_rate(price)),
        RatePrice::Tiered(tiers) => {
            let (mode, scope) = (quoted(tiers.mode.as_str()), quoted(tiers.scope.as_str()));
            let scope = if tiers.scope == TiersScope::Call {
                String::new()
            } else {
                format!(", tiers_scope = {scope}")
            };
            let tiers: Vec<_> = tiers.tiers.iter().map(tier).collect();
            let tiers = tiers.join(", ");
            format!("{{ quantity = {quantity}{when}, tiers_mode = {mode}{scope}, tiers = [{tiers}] }}")
        }
    }
}

fn tier(tier: &Tier) -> String {
    let up_to = tier.up_to.map_or_else(String::new, |units| format!("up_to = {}, ", number(units)));
    let flat = if tier.flat.is_zero() { String::new() } else { format!(", flat = {}", credits(tier.flat)) };
    format!("{{ {up_to}{}{flat} }}", unit_rate(&tier.rate))
}

fn unit_rate(rate: &UnitRate) -> String {
    let per = if rate.per.get() == 1 { String::new() } else { format!(", per = {}", rate.per) };
    format!("credits = {}{per}", credits(rate.credits))
}

fn credits(credits: UnitPrice) -> Value {
    number(credits.get())
}

/// Integers as they are, fractions in quotes.
fn number(number: Decimal) -> Value {
    match i64::try_from(number) {
        Ok(whole) if number.is_integer() => whole.into(),
        _ => number.normalize().to_string().into(),
    }
}

fn rollover(rollover: &RolloverPolicy) -> Value {
    let mut table = toml::Table::new();
    table.insert("mode".to_owned(), rollover.mode.as_str().into());
    if let Some(cap) = rollover.cap {
        table.insert("cap".to_owned(), cap.get().into());
    }
    table.into()
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
