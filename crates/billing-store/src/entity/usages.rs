//! Usage records.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "usages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub id: Uuid,
    pub entry: Option<i64>,
    pub quote: String,
    pub meter: String,
    /// Values by name: JSON.
    pub dimensions: String,
    /// Decimal text by name: JSON.
    pub quantities: String,
    pub price: i64,
    pub markup: i64,
    /// The positions of its quantities in the month: JSON.
    pub months: Option<String>,
    pub credits: i64,
    pub uncovered: i64,
    pub carried: i64,
    pub kind: String,
    pub description: String,
    pub metadata: String,
    /// The digest of description and metadata, if they were erased.
    pub erased: Option<Vec<u8>>,
    pub actor: String,
    pub posting_key: Option<String>,
    pub hold_id: Option<Uuid>,
    pub returns: Option<i64>,
    pub occurred_at: i64,
    pub recorded_at: i64,
    pub hash: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
