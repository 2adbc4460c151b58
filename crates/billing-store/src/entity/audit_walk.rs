//! The position of the audit of the whole history: one row.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_walk")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub begun_at: i64,
    pub next_at: i64,
    pub accounts: i64,
    pub checked: i64,
    pub checkpoint: Option<i64>,
    pub checkpoint_hash: Option<Vec<u8>>,
    pub account_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
