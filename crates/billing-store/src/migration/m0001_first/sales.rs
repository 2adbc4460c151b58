//! Orders, payments and subscriptions.
//!
//! A list has one index per set of filters, ending in the id that orders the list: a page of a rare status reads as
//! many rows as it shows. An account has few subscriptions, so a list of one account's needs the account only. A job's
//! index is partial, and its condition is repeated literally in the job's statement: a prepared statement's plan does
//! not know its parameters.

pub(super) const SALES: &str = "
CREATE TABLE orders (
    id {id} PRIMARY KEY,
    account_id {id} NOT NULL REFERENCES accounts (id),
    status text NOT NULL,
    pack_id {id} REFERENCES packs (id),
    plan_id {id} REFERENCES plans (id),
    plan_interval text,
    credits {int} NOT NULL,
    bonus_credits {int} NOT NULL,
    expires_after_days {int},
    trial_days {int},
    trial_credits {int},
    gift_months {int},
    description text NOT NULL,
    price {int} NOT NULL,
    currency text NOT NULL,
    discount text,
    channel text NOT NULL,
    success_url text NOT NULL,
    cancel_url text NOT NULL,
    request_key text,
    request_fingerprint {bytes} NOT NULL,
    slot text,
    session_id text,
    session_url text,
    session_expires_at {int},
    payment_ref text,
    subscription_ref text,
    invoice_ref text,
    created_at {int} NOT NULL,
    completed_at {int},
    version {int} NOT NULL,
    CHECK ((pack_id IS NULL) <> (plan_id IS NULL))
) {strict};
CREATE INDEX orders_account ON orders (account_id, id);
CREATE UNIQUE INDEX orders_request ON orders (account_id, request_key) WHERE request_key IS NOT NULL;
CREATE UNIQUE INDEX orders_session ON orders (channel, session_id) WHERE session_id IS NOT NULL;
CREATE INDEX orders_account_status ON orders (account_id, status, id);
CREATE INDEX orders_status ON orders (status, id);
CREATE UNIQUE INDEX orders_slot ON orders (account_id, slot) WHERE slot IS NOT NULL;
CREATE INDEX orders_completed ON orders (account_id) WHERE completed_at IS NOT NULL;
CREATE INDEX orders_unpaid ON orders (coalesce(session_expires_at, created_at + 86400000000), id)
    WHERE status = 'pending' AND payment_ref IS NULL AND subscription_ref IS NULL;
CREATE INDEX orders_subscription ON orders (channel, subscription_ref) WHERE subscription_ref IS NOT NULL;
CREATE TABLE payments (
    id {id} PRIMARY KEY,
    account_id {id} NOT NULL REFERENCES accounts (id),
    channel text NOT NULL,
    payment_ref text,
    invoice_ref text,
    order_id {id} REFERENCES orders (id),
    subscription_ref text,
    period_end {int},
    covers text,
    paid {int} NOT NULL CHECK (paid >= 0),
    currency text NOT NULL,
    grant_keys text NOT NULL,
    refunded_in_all {int} NOT NULL,
    refunds text NOT NULL,
    disputes text NOT NULL,
    restored {int} NOT NULL,
    paid_at {int} NOT NULL,
    collected_at {int},
    version {int} NOT NULL,
    CHECK (payment_ref IS NOT NULL OR invoice_ref IS NOT NULL)
) {strict};
CREATE UNIQUE INDEX payments_payment ON payments (channel, payment_ref) WHERE payment_ref IS NOT NULL;
CREATE UNIQUE INDEX payments_invoice ON payments (channel, invoice_ref) WHERE invoice_ref IS NOT NULL;
CREATE INDEX payments_subscription ON payments (channel, subscription_ref, period_end) WHERE subscription_ref IS NOT NULL;
CREATE INDEX payments_account ON payments (account_id, id);
CREATE INDEX payments_order ON payments (order_id) WHERE order_id IS NOT NULL;
CREATE TABLE payment_methods (
    channel text NOT NULL,
    provider_id text NOT NULL,
    account_id {id} NOT NULL REFERENCES accounts (id),
    brand text NOT NULL,
    last4 text NOT NULL,
    exp_month {int} NOT NULL,
    exp_year {int} NOT NULL,
    removed {bool} NOT NULL,
    provider_updated_at {int} NOT NULL,
    version {int} NOT NULL,
    PRIMARY KEY (channel, provider_id)
) {strict};
CREATE INDEX payment_methods_account ON payment_methods (account_id, provider_updated_at, provider_id) WHERE NOT removed;
CREATE TABLE subscriptions (
    id {id} PRIMARY KEY,
    account_id {id} NOT NULL REFERENCES accounts (id),
    channel text NOT NULL,
    provider_id text NOT NULL,
    provider_customer text NOT NULL,
    plan_id {id} NOT NULL REFERENCES plans (id),
    plan_interval text NOT NULL,
    item_price text,
    item_quantity {int},
    terms_credits {int} NOT NULL,
    terms_credits_interval text NOT NULL,
    terms_rollover_mode text NOT NULL,
    terms_rollover_cap {int},
    terms_change_policy text NOT NULL,
    role text NOT NULL,
    status text NOT NULL,
    period_start {int},
    period_end {int},
    cancel_at_period_end {bool} NOT NULL,
    cancel_at {int},
    canceled_at {int},
    ended_at {int},
    cancel_reason text,
    trial_end {int},
    started_at {int} NOT NULL,
    provider_updated_at {int} NOT NULL,
    version {int} NOT NULL,
    UNIQUE (channel, provider_id)
) {strict};
CREATE INDEX subscriptions_account ON subscriptions (account_id, id);
CREATE INDEX subscriptions_status ON subscriptions (status, id);
CREATE INDEX subscriptions_given ON subscriptions (period_end, id) WHERE channel = 'gift' AND status = 'active';
CREATE INDEX subscriptions_role ON subscriptions (role, id);
CREATE INDEX subscriptions_role_status ON subscriptions (role, status, id);
CREATE TABLE subscription_commands (
    account_id {id} NOT NULL REFERENCES accounts (id),
    request_key text NOT NULL,
    request text NOT NULL,
    subscription_id {id} NOT NULL REFERENCES subscriptions (id),
    subscription_version {int} NOT NULL,
    offer text,
    state text NOT NULL,
    created_at {int} NOT NULL,
    version {int} NOT NULL,
    PRIMARY KEY (account_id, request_key)
) {strict};
";
