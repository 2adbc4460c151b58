//! Hosted checkouts.

use std::collections::BTreeMap;

use billing_core::values::{Currency, Timestamp};
use serde_json::{Value, json};

use super::api_error::ApiError;
use super::coupon::{self, FakeCoupon};
use super::customer::FakeCustomer;
use super::params::Params;

const KNOWN: &[&str] = &[
    "mode",
    "customer",
    "customer_email",
    "client_reference_id",
    "success_url",
    "cancel_url",
    "expires_at",
    "metadata[*]",
    "line_items[][quantity]",
    "line_items[][price]",
    "line_items[][price_data][currency]",
    "line_items[][price_data][unit_amount]",
    "line_items[][price_data][product]",
    "line_items[][price_data][product_data][name]",
    "payment_intent_data[metadata][*]",
    "subscription_data[metadata][*]",
    "subscription_data[trial_period_days]",
    "discounts[][coupon]",
];

/// An opened checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FakeSession {
    /// Its id.
    pub id: String,
    /// The URL; with a `#fragment`, as in the original.
    pub url: String,
    /// `payment` or `subscription`.
    pub mode: String,
    /// The customer.
    pub customer: Option<String>,
    /// The client reference.
    pub client_reference_id: Option<String>,
    /// The price of the first line, if it is a Stripe price.
    pub price: Option<String>,
    /// The coupon.
    pub coupon: Option<String>,
    /// The total, if the request has the price.
    pub amount_total: Option<i64>,
    /// The currency, if the request has the price.
    pub currency: Option<String>,
    /// The metadata.
    pub metadata: BTreeMap<String, String>,
    /// The return URL after a payment.
    pub success_url: String,
    /// The return URL after a cancellation.
    pub cancel_url: Option<String>,
    /// The payment, once paid.
    pub paid_with: Option<String>,
    /// The subscription that it started, and its first invoice.
    pub started: Option<(String, String)>,
    /// Whether it was closed.
    pub expired: bool,
    /// When it stops being payable.
    pub expires_at: Timestamp,
    /// When it was opened.
    pub created: Timestamp,
}

/// The context of a new checkout.
pub(super) struct Context<'a> {
    pub(super) id: String,
    pub(super) base_url: &'a str,
    pub(super) customers: &'a [FakeCustomer],
    pub(super) coupons: &'a [FakeCoupon],
    pub(super) now: Timestamp,
}

/// The checkout of `params`.
pub(super) fn create(params: &Params, context: Context<'_>) -> Result<FakeSession, ApiError> {
    params.check_names(KNOWN)?;
    let mode = check_mode(params)?;
    let success_url = params.need("success_url")?;
    for name in ["success_url", "cancel_url"] {
        if params.get(name).is_some_and(|url| url::Url::parse(url).is_err()) {
            return Err(ApiError::invalid("url_invalid", name, "Not a valid URL"));
        }
    }
    if params.get("client_reference_id").is_some_and(|reference| reference.len() > 200) {
        let message = "A reference can have at most 200 characters.";
        return Err(ApiError::invalid("parameter_invalid_string", "client_reference_id", message));
    }
    check_customer(params, context.customers)?;
    let amount_total = check_lines(params, mode)?;
    let coupon = coupon::wanted(params, context.coupons)?;
    let amount_total = amount_total.map(|total| coupon.map_or(total, |coupon| coupon.left_of(total)));
    let expires_at = check_expiry(params, context.now)?;
    Ok(FakeSession {
        paid_with: None,
        started: None,
        expired: false,
        url: format!("{}/c/pay/{}#fidkdWxOYHwnPyd1blpxYHZxWjA0", context.base_url, context.id),
        id: context.id,
        mode: mode.to_owned(),
        customer: params.get("customer").map(str::to_owned),
        client_reference_id: params.get("client_reference_id").map(str::to_owned),
        price: params.get("line_items[0][price]").map(str::to_owned),
        coupon: coupon.map(|coupon| coupon.id.clone()),
        amount_total,
        currency: params.get("line_items[0][price_data][currency]").map(str::to_ascii_lowercase),
        metadata: params.metadata()?,
        success_url: success_url.to_owned(),
        cancel_url: params.get("cancel_url").map(str::to_owned),
        expires_at,
        created: context.now,
    })
}

fn check_mode(params: &Params) -> Result<&str, ApiError> {
    let mode = params.need("mode")?;
    let foreign = match mode {
        "payment" => "subscription_data",
        "subscription" => "payment_intent_data",
        _ => {
            let message = "Invalid mode: must be one of payment or subscription";
            return Err(ApiError::invalid("parameter_invalid_enum", "mode", message));
        }
    };
    if params.has_below(foreign) {
        let message = format!("You can not pass `{foreign}` in `{mode}` mode.");
        return Err(ApiError { param: Some(foreign.to_owned()), ..ApiError::request(400, message) });
    }
    Ok(mode)
}

fn check_customer(params: &Params, customers: &[FakeCustomer]) -> Result<(), ApiError> {
    let Some(customer) = params.get("customer") else { return Ok(()) };
    if params.get("customer_email").is_some() {
        let message = "You may only specify one of these parameters: customer, customer_email.";
        return Err(ApiError::request(400, message));
    }
    if customers.iter().all(|known| known.id != customer) {
        let message = format!("No such customer: '{customer}'");
        return Err(ApiError::invalid("resource_missing", "customer", message));
    }
    Ok(())
}

/// Validates the lines and returns their total, if they have prices.
fn check_lines(params: &Params, mode: &str) -> Result<Option<i64>, ApiError> {
    let lines = (0..100).map(|index| format!("line_items[{index}]"));
    let lines: Vec<String> = lines.take_while(|line| params.has_below(line)).collect();
    if lines.is_empty() {
        return Err(ApiError::missing("line_items"));
    }
    let mut total = Some(0_i64);
    for line in lines {
        let quantity = params.need_integer(&format!("{line}[quantity]"), 1)?;
        let amount = check_line(params, &line, mode)?;
        total = total.zip(amount).and_then(|(sum, each)| sum.checked_add(each.checked_mul(quantity)?));
    }
    Ok(total)
}

fn check_line(params: &Params, line: &str, mode: &str) -> Result<Option<i64>, ApiError> {
    let (price, data) = (format!("{line}[price]"), format!("{line}[price_data]"));
    if let Some(id) = params.get(&price) {
        if params.has_below(&data) {
            let message = "You may only specify one of these parameters: price, price_data.";
            return Err(ApiError::request(400, message));
        }
        if !id.starts_with("price_") {
            let message = format!("No such price: '{id}'");
            return Err(ApiError::invalid("resource_missing", &price, message));
        }
        return Ok(None);
    }
    let currency = params.need(&format!("{data}[currency]"))?;
    let Ok(known) = currency.parse::<Currency>() else {
        let message = format!("Invalid currency: {currency}.");
        return Err(ApiError::invalid("parameter_invalid_enum", &format!("{data}[currency]"), message));
    };
    let amount = params.need_integer(&format!("{data}[unit_amount]"), 1)?;
    if known.exponent() == 3 && amount % 10 != 0 {
        let message = "The last decimal of an amount in this currency has to be 0.";
        return Err(ApiError::invalid("parameter_invalid_integer", &format!("{data}[unit_amount]"), message));
    }
    if params.get(&format!("{data}[product]")).is_none() {
        params.need(&format!("{data}[product_data][name]"))?;
    }
    if mode == "subscription" {
        let message = "You must provide at least one recurring price in `subscription` mode.";
        return Err(ApiError::request(400, message));
    }
    Ok(Some(amount))
}

/// 30 minutes to 24 hours ahead, 24 hours by default.
fn check_expiry(params: &Params, now: Timestamp) -> Result<Timestamp, ApiError> {
    const NAME: &str = "expires_at";
    if params.get(NAME).is_none() {
        return Ok(now.plus_seconds(86_400).whole_seconds());
    }
    let expires_at = Timestamp::from_unix_seconds(params.need_integer(NAME, 0)?);
    let now = now.whole_seconds();
    if expires_at < now.plus_seconds(1800) || expires_at > now.plus_seconds(86_400) {
        let message = "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from Checkout \
                       Session creation.";
        return Err(ApiError { param: Some(NAME.to_owned()), ..ApiError::request(400, message) });
    }
    Ok(expires_at)
}

impl FakeSession {
    const fn is_paid(&self) -> bool {
        self.paid_with.is_some() || self.started.is_some()
    }

    fn status(&self) -> &'static str {
        match self.expired {
            _ if self.is_paid() => "complete",
            true => "expired",
            false => "open",
        }
    }
}

/// Closes the checkout, if it is open. See <https://docs.stripe.com/api/checkout/sessions/expire>.
pub(super) fn expire(session: &mut FakeSession) -> Result<(), ApiError> {
    if session.status() != "open" {
        let message = "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a \
                       status of ";
        return Err(ApiError::request(400, format!("{message}{}.", session.status())));
    }
    session.expired = true;
    Ok(())
}

/// The checkout as Stripe answers it.
pub(super) fn object(session: &FakeSession) -> Value {
    json!({
        "id": session.id,
        "object": "checkout.session",
        "after_expiration": null,
        "allow_promotion_codes": null,
        "amount_subtotal": session.amount_total,
        "amount_total": session.amount_total,
        "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
        "cancel_url": session.cancel_url,
        "client_reference_id": session.client_reference_id,
        "client_secret": null,
        "created": session.created.unix_seconds(),
        "currency": session.currency.as_deref().unwrap_or("usd"),
        "customer": session.customer,
        "customer_details": null,
        "customer_email": null,
        "discounts": [],
        "expires_at": session.expires_at.unix_seconds(),
        "invoice": session.started.as_ref().map(|(_, invoice)| invoice),
        "livemode": false,
        "metadata": session.metadata,
        "mode": session.mode,
        "payment_intent": session.paid_with,
        "payment_link": null,
        "payment_method_types": ["card"],
        "payment_status": if session.is_paid() { "paid" } else { "unpaid" },
        "recovered_from": null,
        "status": session.status(),
        "subscription": session.started.as_ref().map(|(subscription, _)| subscription),
        "success_url": session.success_url,
        "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
        "ui_mode": "hosted_page",
        "url": (session.status() == "open").then_some(&session.url),
    })
}
