//! `/credits/proof`

use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::credits::AccountQuery;
use crate::Api;
use crate::auth::Caller;
use crate::dto::{ErrorBody, Success};
use crate::problem::Problem;
use crate::proof_document::{EntryDocument, ProofDocument};
use crate::request::Query;

/// The part of the history.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    account_id: Option<String>,
    /// The number of the entry to continue after; 0 by default.
    #[param(value_type = Option<i64>)]
    after: Option<String>,
}

/// A part of the history.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryView {
    entries: Vec<EntryDocument>,
    /// The `after` of the next part; null at the end.
    next_after: Option<i64>,
}

/// The entries of a part.
const PART: u32 = 500;

/// Proves that a signed checkpoint covers the account's history. Save it: `billing ledger check-proof` then verifies
/// without this service that the history was not changed.
#[utoipa::path(get, path = "/credits/proof", tag = "Credits", params(AccountQuery),
    responses((status = 200, body = Success<ProofDocument>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn proof(
    api: Data<Api>,
    caller: Caller,
    query: Query<AccountQuery>,
) -> Result<Json<Success<ProofDocument>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let proof = api.billing.prove(&account).await?;
    let proof = proof.ok_or_else(|| {
        Problem::new(
            "no_checkpoint",
            "no checkpoint that covers this account has been published yet: try again soon",
        )
    })?;
    Ok(Json(Success::new(ProofDocument::new(&proof))))
}

/// Returns the account's history with everything that its hashes cover, oldest first.
#[utoipa::path(get, path = "/credits/proof/history", tag = "Credits", params(HistoryQuery),
    responses((status = 200, body = Success<HistoryView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn history(
    api: Data<Api>,
    caller: Caller,
    query: Query<HistoryQuery>,
) -> Result<Json<Success<HistoryView>>, Problem> {
    let account = caller.account(query.0.account_id.as_deref())?;
    let after = query.0.after.as_deref().map_or(Ok(0), str::parse::<i64>);
    let after = after.ok().filter(|after| *after >= 0);
    let after = after.ok_or_else(|| Problem::invalid("after", "must be a whole number from 0"))?;
    let part = api.billing.chain(&account, after, PART).await?;
    let full = u32::try_from(part.lines.entries.len()).is_ok_and(|count| count == PART);
    let next_after = part.lines.entries.last().map(|entry| entry.seq).filter(|_| full);
    Ok(Json(Success::new(HistoryView { entries: EntryDocument::all(part), next_after })))
}
