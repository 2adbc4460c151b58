//! The keys of all postings, in either table. A view: nothing is written to it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recorded_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_hash: Uuid,
    pub fingerprint: Vec<u8>,
    pub available: i64,
    /// The numbers of the posting's first and last entry; 1 and 0 if it has none.
    pub first_seq: i64,
    pub last_seq: i64,
    pub grants: i64,
    pub seen: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
