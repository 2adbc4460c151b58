//! Coupons and their uses.

/// Before orders, which refer to them.
pub(super) const COUPONS: &str = "
CREATE TABLE coupons (
    id {id} PRIMARY KEY,
    code text NOT NULL UNIQUE,
    kind text NOT NULL,
    value {int} NOT NULL,
    amounts text NOT NULL,
    expires_after_days {int},
    duration text NOT NULL,
    duration_periods {int},
    max_redemptions {int} CHECK (max_redemptions > 0),
    max_per_account {int} CHECK (max_per_account > 0),
    first_purchase_only {bool} NOT NULL,
    plans text NOT NULL,
    packs text NOT NULL,
    starts_at {int},
    ends_at {int},
    active {bool} NOT NULL,
    uses {int} NOT NULL CHECK (uses >= 0),
    created_at {int} NOT NULL,
    version {int} NOT NULL
) {strict};
";

/// After orders, to which they refer. An order uses one coupon, and an account's use numbers of a coupon are unique.
pub(super) const REDEMPTIONS: &str = "
CREATE TABLE coupon_redemptions (
    id {id} PRIMARY KEY,
    coupon_id {id} NOT NULL REFERENCES coupons (id),
    account_id {id} NOT NULL REFERENCES accounts (id),
    order_id {id} UNIQUE REFERENCES orders (id),
    use_number {int},
    status text NOT NULL,
    request_key text,
    created_at {int} NOT NULL,
    version {int} NOT NULL,
    UNIQUE (account_id, coupon_id, use_number)
) {strict};
CREATE UNIQUE INDEX coupon_redemptions_request ON coupon_redemptions (account_id, request_key)
    WHERE request_key IS NOT NULL;
CREATE INDEX coupon_redemptions_coupon ON coupon_redemptions (coupon_id);
";
