//! Coupons.

use serde_json::{Value, json};

use super::api_error::ApiError;
use super::params::Params;

const KNOWN: &[&str] =
    &["id", "name", "percent_off", "amount_off", "currency", "duration", "duration_in_months", "metadata[*]"];

/// A created coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FakeCoupon {
    /// Its id.
    pub id: String,
    /// The percentage off.
    pub percent_off: Option<i64>,
    /// The amount off, with the currency.
    pub amount_off: Option<(i64, String)>,
    /// `once`, `repeating` or `forever`.
    pub duration: String,
    /// The months of a `repeating` one.
    pub duration_in_months: Option<i64>,
}

impl FakeCoupon {
    /// The reduced `amount`.
    pub(super) fn left_of(&self, amount: i64) -> i64 {
        let percent = self.percent_off.map(|percent| amount.saturating_mul(percent).saturating_add(50) / 100);
        let off = self.amount_off.as_ref().map(|(off, _)| *off);
        amount.saturating_sub(percent.or(off).unwrap_or(0)).max(0)
    }
}

/// The coupon of `params`.
pub(super) fn create(params: &Params, known: &[FakeCoupon]) -> Result<FakeCoupon, ApiError> {
    params.check_names(KNOWN)?;
    let id = params.need("id")?.to_owned();
    if known.iter().any(|coupon| coupon.id == id) {
        return Err(ApiError::invalid("resource_already_exists", "id", "Coupon already exists."));
    }
    if params.get("name").is_some_and(|name| name.len() > 40) {
        return Err(ApiError::invalid(
            "parameter_invalid_string",
            "name",
            "Names have at most 40 characters.",
        ));
    }
    let number = |name: &str| params.get(name).map(|_| params.need_integer(name, 1)).transpose();
    let percent_off = number("percent_off")?;
    let amount_off = match number("amount_off")? {
        Some(amount) => Some((amount, params.need("currency")?.to_owned())),
        None => None,
    };
    if percent_off.is_some() == amount_off.is_some() || percent_off.is_some_and(|percent| percent > 100) {
        return Err(ApiError::request(400, "You must pass either percent_off or amount_off."));
    }
    let duration = params.need("duration")?.to_owned();
    let duration_in_months = number("duration_in_months")?;
    if !matches!(duration.as_str(), "once" | "repeating" | "forever") {
        return Err(ApiError::invalid("parameter_invalid_enum", "duration", "Invalid duration"));
    }
    if duration_in_months.is_some() != (duration == "repeating") {
        return Err(ApiError::missing("duration_in_months"));
    }
    Ok(FakeCoupon { id, percent_off, amount_off, duration, duration_in_months })
}

/// The coupon of a checkout.
pub(super) fn wanted<'a>(
    params: &Params,
    known: &'a [FakeCoupon],
) -> Result<Option<&'a FakeCoupon>, ApiError> {
    const NAME: &str = "discounts[0][coupon]";
    let Some(id) = params.get(NAME) else { return Ok(None) };
    let found = known.iter().find(|coupon| coupon.id == id);
    let missing = || ApiError::invalid("resource_missing", NAME, format!("No such coupon: '{id}'"));
    found.map(Some).ok_or_else(missing)
}

/// The coupon in Stripe's format.
pub(super) fn object(coupon: &FakeCoupon) -> Value {
    json!({
        "id": coupon.id,
        "object": "coupon",
        "amount_off": coupon.amount_off.as_ref().map(|(amount, _)| amount),
        "currency": coupon.amount_off.as_ref().map(|(_, currency)| currency),
        "duration": coupon.duration,
        "duration_in_months": coupon.duration_in_months,
        "livemode": false,
        "percent_off": coupon.percent_off,
        "times_redeemed": 0,
        "valid": true,
    })
}
