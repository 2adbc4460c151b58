//! Payments, with what was reversed of them.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub channel: String,
    pub payment_ref: Option<String>,
    pub invoice_ref: Option<String>,
    pub order_id: Option<Uuid>,
    pub subscription_ref: Option<String>,
    pub period_end: Option<i64>,
    /// JSON: what it covers of the subscription, and the terms.
    pub covers: Option<String>,
    pub paid: i64,
    pub currency: String,
    /// JSON: the business keys of its grants, in order.
    pub grant_keys: String,
    pub refunded_in_all: i64,
    /// JSON: the refunds that were reported one by one.
    pub refunds: String,
    /// JSON: the disputes.
    pub disputes: String,
    pub restored: i64,
    pub paid_at: i64,
    pub collected_at: Option<i64>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
