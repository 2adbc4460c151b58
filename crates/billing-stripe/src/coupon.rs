//! Creates coupons.

use billing_core::coupons::Reduction;
use billing_core::payments::{CheckoutDiscount, DiscountLength};
use billing_core::ports::ProviderError;

use crate::amount;
use crate::client::Client;
use crate::form::Form;
use crate::wire;

/// Stripe's error code for an existing object.
pub(crate) const ALREADY_THERE: &str = "resource_already_exists";

/// Ensures that Stripe has a coupon with exactly these terms, and returns its id. The id is derived from our coupon
/// and its terms, so it is created only once. Our own coupon has the limits: Stripe's has none. See
/// <https://docs.stripe.com/api/coupons/create>.
pub(crate) async fn ensure(client: &Client, discount: &CheckoutDiscount) -> Result<String, ProviderError> {
    let id = id(discount);
    let form = form(discount, &id)?;
    let made: Result<wire::Created, _> = client.post("/v1/coupons", &format!("coupon:{id}"), &form).await;
    match made {
        Ok(made) => Ok(made.id),
        Err(ProviderError::Refused { code: Some(code), .. }) if code == ALREADY_THERE => Ok(id),
        Err(error) => Err(error),
    }
}

fn id(discount: &CheckoutDiscount) -> String {
    let terms = hex::encode(discount.fingerprint().bytes());
    format!("{}_{}", discount.coupon, terms.get(..16).unwrap_or(&terms))
}

fn form(discount: &CheckoutDiscount, id: &str) -> Result<Form, ProviderError> {
    let common = Form::default()
        .with("id", id)
        .with("name", &discount.code)
        .with("metadata[coupon_id]", discount.coupon);
    let reduced = match discount.off {
        Reduction::Percent(percent) => common.with("percent_off", percent),
        Reduction::Amount(off) => {
            let amount = amount::to_stripe(off).ok_or_else(|| ProviderError::Refused {
                code: Some("amount_not_payable".to_owned()),
                message: format!("Stripe cannot take off exactly {off}"),
                request_id: None,
            })?;
            common.with("amount_off", amount).with("currency", off.currency.code().to_ascii_lowercase())
        }
    };
    Ok(match discount.length {
        DiscountLength::Once => reduced.with("duration", "once"),
        DiscountLength::Months(months) => {
            reduced.with("duration", "repeating").with("duration_in_months", months)
        }
        DiscountLength::Forever => reduced.with("duration", "forever"),
    })
}
