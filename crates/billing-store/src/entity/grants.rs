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
    pub pinned: i64,
    pub forfeited: i64,
    pub clawed: i64,
    pub source: String,
    pub burn_rank: i16,
    pub priority: i16,
    pub effective_at: i64,
    pub expires_at: Option<i64>,
    pub late_until: Option<i64>,
    pub rollover_cap: Option<i64>,
    pub rollover_until: Option<i64>,
    pub stage: String,
    pub live: bool,
    pub business_key: String,
    pub posting_key: Option<String>,
    pub order_id: Option<Uuid>,
    pub subscription_id: Option<Uuid>,
    pub kind: String,
    pub actor: String,
    pub description: String,
    pub metadata: String,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
