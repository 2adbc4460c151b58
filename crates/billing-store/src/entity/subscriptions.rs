//! Subscriptions.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subscriptions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub channel: String,
    pub provider_id: String,
    pub provider_customer: String,
    pub plan_id: Uuid,
    pub plan_interval: String,
    /// The provider's price of the plan, and the quantity.
    pub item_price: Option<String>,
    pub item_quantity: Option<i64>,
    pub terms_credits: i64,
    pub terms_credits_interval: String,
    pub terms_rollover_mode: String,
    pub terms_rollover_cap: Option<i64>,
    pub terms_change_policy: String,
    pub role: String,
    pub status: String,
    pub period_start: Option<i64>,
    pub period_end: Option<i64>,
    pub cancel_at_period_end: bool,
    pub cancel_at: Option<i64>,
    pub canceled_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub cancel_reason: Option<String>,
    pub trial_end: Option<i64>,
    pub started_at: i64,
    pub provider_updated_at: i64,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
