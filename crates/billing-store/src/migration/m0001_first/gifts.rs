//! Gifts.

/// After orders, to which they refer. Codes, orders and requests are unique per gift.
pub(super) const GIFTS: &str = "
CREATE TABLE gifts (
    id {id} PRIMARY KEY,
    buyer_id {id} REFERENCES accounts (id),
    order_id {id} UNIQUE REFERENCES orders (id),
    code text UNIQUE,
    recipient_email text,
    recipient_name text,
    message text,
    redeem_url text,
    reason text,
    given_by text,
    plan_id {id} NOT NULL REFERENCES plans (id),
    months {int} NOT NULL CHECK (months > 0),
    plan_interval text NOT NULL,
    terms_credits {int} NOT NULL,
    terms_credits_interval text NOT NULL,
    terms_rollover_mode text NOT NULL,
    terms_rollover_cap {int},
    terms_change_policy text NOT NULL,
    status text NOT NULL,
    redeemed_by {id} REFERENCES accounts (id),
    redeemed_at {int},
    request_key text,
    created_at {int} NOT NULL,
    version {int} NOT NULL,
    CHECK ((order_id IS NULL) = (code IS NULL) AND (order_id IS NULL) = (buyer_id IS NULL)),
    CHECK ((order_id IS NULL) <> (reason IS NULL) AND (reason IS NULL) = (given_by IS NULL)),
    CHECK ((redeemed_by IS NULL) = (redeemed_at IS NULL))
) {strict};
CREATE INDEX gifts_buyer ON gifts (buyer_id, id) WHERE buyer_id IS NOT NULL;
CREATE INDEX gifts_buyer_status ON gifts (buyer_id, status, id) WHERE buyer_id IS NOT NULL;
CREATE INDEX gifts_status ON gifts (status, id);
CREATE UNIQUE INDEX gifts_request ON gifts (redeemed_by, request_key) WHERE request_key IS NOT NULL;
";
