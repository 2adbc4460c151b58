//! Creates discounts.

use billing_core::coupons::Reduction;
use billing_core::payments::{CheckoutDiscount, DiscountLength};
use billing_core::ports::ProviderError;
use billing_core::values::Fingerprint;
use serde::Serialize;

use crate::client::Client;
use crate::wire;

#[derive(Debug, Serialize)]
struct NewDiscount<'a> {
    name: &'a str,
    code: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    percentage: Option<u32>,
    /// In the currency's minor unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
    duration: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_in_months: Option<u32>,
    applies_to_products: [&'a str; 1],
}

/// Ensures that Creem has a discount with exactly these terms for `product`, and returns its code. The code is derived
/// from our coupon, its terms and the product, so it is created only once. Buyers see it, but cannot guess it. See
/// <https://docs.creem.io/api-reference/endpoint/create-discount-code>.
pub(crate) async fn ensure(
    client: &Client,
    discount: &CheckoutDiscount,
    product: &str,
) -> Result<String, ProviderError> {
    let code = code(discount, product);
    let (percent, amount) = match discount.off {
        Reduction::Percent(percent) => (Some(percent), None),
        Reduction::Amount(amount) => (None, Some(amount)),
    };
    let (duration, duration_in_months) = match discount.length {
        DiscountLength::Once => ("once", None),
        DiscountLength::Months(months) => ("repeating", Some(months)),
        DiscountLength::Forever => ("forever", None),
    };
    let new = NewDiscount {
        name: discount.code.as_str(),
        code: &code,
        kind: if percent.is_some() { "percentage" } else { "fixed" },
        percentage: percent,
        amount: amount.map(|amount| amount.minor),
        currency: amount.map(|amount| amount.currency.code()),
        duration,
        duration_in_months,
        applies_to_products: [product],
    };
    let made: Result<wire::CreatedDiscount, _> = client.post("/v1/discounts", &new).await;
    match made {
        Ok(_) => Ok(code),
        // There is no error code for it, only this message.
        Err(ProviderError::Refused { message, .. })
            if message.to_ascii_lowercase().contains("already exists") =>
        {
            Ok(code)
        }
        Err(error) => Err(error),
    }
}

/// 20 upper-case letters and digits.
fn code(discount: &CheckoutDiscount, product: &str) -> String {
    let of = Fingerprint::of([discount.fingerprint().bytes().as_slice(), product.as_bytes()]);
    let text = hex::encode_upper(of.bytes());
    text.get(..20).unwrap_or(&text).to_owned()
}
