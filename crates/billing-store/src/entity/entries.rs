//! Lines of history.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub id: Uuid,
    pub kind: String,
    pub amount: i64,
    pub balance_after: i64,
    pub available_after: i64,
    pub effective_at: i64,
    pub recorded_at: i64,
    pub occurred_at: Option<i64>,
    pub reverses: Option<i64>,
    pub grant_id: Option<Uuid>,
    pub hold_id: Option<Uuid>,
    pub description: String,
    pub actor: String,
    pub posting_key: Option<String>,
    pub first_usage: Option<i64>,
    pub last_usage: Option<i64>,
    pub metadata: String,
    /// The digest of description and metadata, where they were erased.
    pub erased: Option<Vec<u8>>,
    /// Which grants it put into or drew from: JSON pairs of grant and amount, in order.
    pub allocations: String,
    pub hash: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
