//! The heads that checkpoints cover.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "checkpoint_heads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub checkpoint: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub account_id: Uuid,
    pub seq: i64,
    pub head: Vec<u8>,
    pub usages: i64,
    pub usage_head: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
