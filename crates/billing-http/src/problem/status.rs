//! Which status goes with which code: the one table.

use actix_web::http::StatusCode;

/// Every code that an error can carry, with its HTTP status. Codes are stable; messages are not.
pub const CODES: &[(&str, u16)] = &[
    ("account_frozen", 409),
    ("account_not_found", 404),
    ("account_required", 400),
    ("already_checked_in", 409),
    ("already_granted", 409),
    ("already_refunded", 409),
    ("already_reversed", 409),
    ("already_subscribed", 409),
    ("balance_out_of_range", 400),
    ("body_too_large", 413),
    ("channel_not_configured", 400),
    ("checkin_disabled", 409),
    ("credits_disabled", 409),
    ("empty_posting", 400),
    ("forbidden", 403),
    ("grant_not_found", 404),
    ("grant_over", 409),
    ("hold_closed", 409),
    ("hold_expired", 409),
    ("hold_not_found", 404),
    ("idempotency_key_required", 400),
    ("idempotency_key_reused", 422),
    ("insufficient_credits", 402),
    ("internal", 500),
    ("invalid_amount", 400),
    ("invalid_dimension", 400),
    ("invalid_event", 400),
    ("invalid_expiry", 400),
    ("invalid_import", 400),
    ("invalid_occurred_at", 400),
    ("invalid_quantity", 400),
    ("invalid_request", 400),
    ("invalid_rollover", 400),
    ("invalid_signature", 400),
    ("invalid_url", 400),
    ("method_not_allowed", 405),
    ("no_rate", 400),
    ("no_rate_card", 404),
    ("not_found", 404),
    ("not_on_sale", 409),
    ("not_reversible", 409),
    ("not_sealed", 404),
    ("order_closed", 409),
    ("outcome_unknown", 503),
    ("overloaded", 503),
    ("partial_refund_unsupported", 400),
    ("plan_not_available_on_channel", 400),
    ("price_too_large", 400),
    ("provider_refused", 502),
    ("provider_unavailable", 502),
    ("provider_unsupported", 400),
    ("refund_too_large", 400),
    ("request_timeout", 408),
    ("slug_taken", 409),
    ("transaction_not_found", 404),
    ("unauthorized", 401),
    ("unavailable", 503),
    ("unknown_currency", 400),
    ("unknown_dimension", 400),
    ("unknown_meter", 400),
    ("unknown_quantity", 400),
    ("unsupported_media_type", 415),
    ("url_not_allowed", 400),
    ("use_cursor", 400),
];

/// The status that goes with `code`; a code that is not in the table is a mistake of ours.
pub fn status_of(code: &str) -> StatusCode {
    let known = CODES.iter().find(|(other, _)| *other == code);
    known
        .and_then(|(_, status)| StatusCode::from_u16(*status).ok())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
