//! Gifts.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "gifts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub buyer_id: Option<Uuid>,
    pub order_id: Option<Uuid>,
    pub code: Option<String>,
    pub recipient_email: Option<String>,
    pub recipient_name: Option<String>,
    pub message: Option<String>,
    pub redeem_url: Option<String>,
    pub reason: Option<String>,
    pub given_by: Option<String>,
    pub plan_id: Uuid,
    pub months: i64,
    pub plan_interval: String,
    pub terms_credits: i64,
    pub terms_credits_interval: String,
    pub terms_rollover_mode: String,
    pub terms_rollover_cap: Option<i64>,
    pub terms_change_policy: String,
    pub status: String,
    pub redeemed_by: Option<Uuid>,
    pub redeemed_at: Option<i64>,
    pub request_key: Option<String>,
    pub created_at: i64,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
