//! Writes of coupons and their uses.

use billing_core::changes::Changes;
use billing_core::coupons::{Coupon, CouponUse};
use billing_core::ports::CommitError;
use sea_orm::ActiveValue::NotSet;
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

use super::versioned::{insert, put};
use crate::entity::{coupon_redemptions, coupons};
use crate::error::commit_error;
use crate::row::{coupon_model, redemption_model};
use crate::transaction::Transaction;

/// Writes coupons without their counters, and then the counters.
pub(super) async fn put_coupons(transaction: &Transaction, changes: &Changes) -> Result<(), CommitError> {
    for coupon in &changes.coupons {
        put_coupon(transaction, coupon).await?;
    }
    for one in &changes.coupon_uses {
        count(transaction, *one).await?;
    }
    Ok(())
}

/// Writes uses of coupons, after the orders that they refer to.
pub(super) async fn put_redemptions(transaction: &Transaction, changes: &Changes) -> Result<(), CommitError> {
    for redemption in &changes.redemptions {
        let (row, version) = (redemption_model(redemption), redemption.version);
        let identity = coupon_redemptions::Column::Id.eq(redemption.id.uuid());
        let column = coupon_redemptions::Column::Version;
        put(transaction, row, identity, column, version).await?;
    }
    Ok(())
}

/// A coupon that was unused when it was read is written only while it is unused: its effect is fixed after the first
/// use.
async fn put_coupon(transaction: &Transaction, coupon: &Coupon) -> Result<(), CommitError> {
    let row = coupon_model(coupon);
    if coupon.version == 0 {
        return insert(transaction, row).await;
    }
    let mut row = row.into_active_model().reset_all();
    row.uses = NotSet;
    let mut update = coupons::Entity::update_many()
        .set(row)
        .filter(coupons::Column::Id.eq(coupon.id.uuid()))
        .filter(coupons::Column::Version.eq(coupon.version));
    if coupon.uses == 0 {
        update = update.filter(coupons::Column::Uses.eq(0));
    }
    let updated = update.exec(transaction).await.map_err(commit_error)?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(CommitError::Conflict) }
}

/// Checks and increments in one statement, so that one of several buyers gets the last use.
async fn count(transaction: &Transaction, one: CouponUse) -> Result<(), CommitError> {
    let uses = || Expr::col(coupons::Column::Uses);
    let counted = match one {
        CouponUse::Take { .. } | CouponUse::TakeBeyond { .. } => uses().add(1),
        CouponUse::Return { .. } => uses().sub(1),
    };
    let mut update = coupons::Entity::update_many()
        .col_expr(coupons::Column::Uses, counted)
        .filter(coupons::Column::Id.eq(one.coupon().uuid()));
    update = match one {
        CouponUse::Take { version, .. } => {
            let left = uses().lt(Expr::col(coupons::Column::MaxRedemptions));
            let one_is_left = coupons::Column::MaxRedemptions.is_null().or(left);
            update.filter(coupons::Column::Version.eq(version)).filter(one_is_left)
        }
        CouponUse::TakeBeyond { .. } => update,
        CouponUse::Return { .. } => update.filter(coupons::Column::Uses.gt(0)),
    };
    let updated = update.exec(transaction).await.map_err(commit_error)?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(CommitError::Conflict) }
}
