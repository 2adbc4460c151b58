//! Coupons.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "coupons")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    pub kind: String,
    pub value: i64,
    pub amounts: String,
    pub expires_after_days: Option<i64>,
    pub duration: String,
    pub duration_periods: Option<i64>,
    pub max_redemptions: Option<i64>,
    pub max_per_account: Option<i64>,
    pub first_purchase_only: bool,
    pub plans: String,
    pub packs: String,
    pub starts_at: Option<i64>,
    pub ends_at: Option<i64>,
    pub active: bool,
    pub uses: i64,
    pub created_at: i64,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
