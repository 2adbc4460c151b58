//! Grants.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub amount: i64,
    pub remaining: i64,
    pub source: String,
    pub priority: i16,
    pub effective_at: i64,
    pub expires_at: Option<i64>,
    pub business_key: String,
    pub posting_key: String,
    pub order_id: Option<Uuid>,
    pub subscription_id: Option<Uuid>,
    pub description: String,
    pub activated: bool,
    pub live: bool,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
