//! Versions of rate cards.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rate_card_versions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub card: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub effective_at: i64,
    pub published_at: i64,
    /// In percent: decimal text.
    pub markup: String,
    pub meters: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
