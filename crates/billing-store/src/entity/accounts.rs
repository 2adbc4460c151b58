//! Accounts.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub external_id: String,
    pub email: Option<String>,
    pub name: Option<String>,
    pub timezone: Option<String>,
    pub credits_enabled: bool,
    pub overdraft_limit: i64,
    pub frozen: Option<String>,
    pub active_subscription: Option<String>,
    pub free_until: Option<i64>,
    pub metadata: String,
    pub text_key: Vec<u8>,
    pub created_at: i64,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
