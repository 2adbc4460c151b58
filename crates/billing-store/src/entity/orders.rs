//! Orders.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub status: String,
    pub pack_id: Option<Uuid>,
    pub plan_id: Option<Uuid>,
    pub plan_interval: Option<String>,
    pub credits: i64,
    pub bonus_credits: i64,
    pub expires_after_days: Option<i64>,
    pub trial_days: Option<i64>,
    pub trial_credits: Option<i64>,
    pub gift_months: Option<i64>,
    pub description: String,
    pub price: i64,
    pub currency: String,
    pub discount: Option<String>,
    pub channel: String,
    pub success_url: String,
    pub cancel_url: String,
    pub request_key: Option<String>,
    pub request_fingerprint: Vec<u8>,
    pub slot: Option<String>,
    pub session_id: Option<String>,
    pub session_url: Option<String>,
    pub session_expires_at: Option<i64>,
    pub payment_ref: Option<String>,
    pub subscription_ref: Option<String>,
    pub invoice_ref: Option<String>,
    pub created_at: i64,
    pub completed_at: Option<i64>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
