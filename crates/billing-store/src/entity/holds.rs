//! Holds.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "holds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub amount: i64,
    pub captured: i64,
    pub overrun: i64,
    pub state: String,
    pub uncovered: i64,
    pub uncovered_left: i64,
    /// Its usage: JSON.
    pub usages: Option<String>,
    pub description: String,
    pub metadata: String,
    pub actor: String,
    pub posting_key: String,
    pub placed_at: i64,
    pub expires_at: i64,
    pub ended_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
