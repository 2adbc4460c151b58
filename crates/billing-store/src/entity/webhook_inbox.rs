//! The webhook inbox.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_inbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub channel: String,
    pub event_id: String,
    pub kind: String,
    pub created_at: i64,
    pub body: Vec<u8>,
    pub received_at: i64,
    pub state: String,
    pub attempts: i64,
    pub note: Option<String>,
    pub next_attempt_at: Option<i64>,
}

/// The columns of lists: all but the body.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Listed {
    pub id: Uuid,
    pub channel: String,
    pub event_id: String,
    pub kind: String,
    pub created_at: i64,
    pub received_at: i64,
    pub state: String,
    pub attempts: i64,
    pub note: Option<String>,
    pub next_attempt_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
