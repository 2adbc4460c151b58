//! Checkpoints.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "checkpoints")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub previous: Vec<u8>,
    pub root: Vec<u8>,
    /// The covered accounts: 24 bytes each.
    pub covers: Vec<u8>,
    pub index_hash: Vec<u8>,
    pub heads: i64,
    pub created_at: i64,
    pub signature: Vec<u8>,
    pub public_key: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
