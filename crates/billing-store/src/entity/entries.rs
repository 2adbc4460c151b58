//! Entries.

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
    /// The hash of the posting's key, on its first entry.
    pub key_hash: Option<Uuid>,
    /// The fingerprint of the posting's request, on its first entry.
    pub fingerprint: Option<Vec<u8>>,
    /// The available balance after the posting, if the first entry does not have it.
    pub posting_available: Option<i64>,
    /// The number of the posting's last entry, if it is not the first.
    pub posting_last: Option<i64>,
    /// The number of the posting's grants, if any.
    pub posting_grants: Option<i64>,
    /// The parts of the posting's answer that can change later: JSON, on its first entry.
    pub seen: Option<String>,
    pub first_usage: Option<i64>,
    pub last_usage: Option<i64>,
    pub metadata: String,
    /// The digest of description and metadata, if they were erased.
    pub erased: Option<Vec<u8>>,
    /// Its allocations in order: 16 bytes of the grant's id and 8 of the amount each.
    pub allocations: Vec<u8>,
    pub hash: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
