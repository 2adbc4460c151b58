//! Plans.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plans")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub description: String,
    pub price_monthly: i64,
    pub price_yearly: Option<i64>,
    pub currency: String,
    pub credits_included: i64,
    pub credits_interval: String,
    pub features: String,
    pub trial_days: i64,
    pub trial_credits: i64,
    pub rollover_mode: String,
    pub rollover_cap: Option<i64>,
    pub change_policy: String,
    pub public: bool,
    pub active: bool,
    pub created_at: i64,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
