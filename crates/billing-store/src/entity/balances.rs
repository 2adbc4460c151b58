//! The balance row per account.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "balances")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    pub posted: i64,
    pub held: i64,
    pub open_holds: i64,
    pub debt: i64,
    pub late: i64,
    pub upcoming: i64,
    pub bucket_plan: i64,
    pub bucket_purchased: i64,
    pub bucket_bonus: i64,
    pub overdraft_limit: i64,
    pub enabled: bool,
    pub frozen: bool,
    pub seq: i64,
    pub last_at: i64,
    pub next_change_at: Option<i64>,
    /// The grant that plain spends draw on, and what is left of it; the grant's own row may lag.
    pub burning_grant: Option<Uuid>,
    pub burning_left: Option<i64>,
    pub head: Vec<u8>,
    pub usages: i64,
    pub usage_head: Vec<u8>,
    pub text_key: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
