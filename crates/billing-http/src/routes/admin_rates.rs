//! `/admin/billing/rate-cards`

use actix_web::web::{Data, Json, Path};

use crate::Api;
use crate::auth::Caller;
use crate::dto::{ErrorBody, RateCardBody, RateCardView, Success, VersionView};
use crate::problem::Problem;
use crate::request::Body;

/// A card with four thousand rates has half of this size.
const LARGEST_CARD: usize = 1024 * 1024;

/// Lists all rate cards, each with the version in force, or with its first one if that is not in force yet.
#[utoipa::path(get, path = "/admin/billing/rate-cards", tag = "Admin",
    responses((status = 200, body = Success<Vec<RateCardView>>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody)))]
pub(crate) async fn list(
    api: Data<Api>,
    _caller: Caller,
) -> Result<Json<Success<Vec<RateCardView>>>, Problem> {
    let cards = api.billing.rate_cards().await?;
    Ok(Json(Success::new(cards.into_iter().map(RateCardView::from).collect())))
}

/// Publishes a new rate card.
#[utoipa::path(post, path = "/admin/billing/rate-cards", tag = "Admin", request_body = RateCardBody,
    responses((status = 200, body = Success<RateCardView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 409, body = ErrorBody)))]
pub(crate) async fn create(
    api: Data<Api>,
    _caller: Caller,
    body: Body<RateCardBody, LARGEST_CARD>,
) -> Result<Json<Success<RateCardView>>, Problem> {
    let shown = api.billing.create_rate_card(&body.value.into_new()?).await?;
    Ok(Json(Success::new(shown.into())))
}

/// Returns one rate card, in the form of the list.
#[utoipa::path(get, path = "/admin/billing/rate-cards/{slug}", tag = "Admin", params(("slug" = String, Path)),
    responses((status = 200, body = Success<RateCardView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn show(
    api: Data<Api>,
    _caller: Caller,
    slug: Path<String>,
) -> Result<Json<Success<RateCardView>>, Problem> {
    Ok(Json(Success::new(api.billing.rate_card(&slug).await?.into())))
}

/// Changes a rate card. Rates that differ from those in force at `effective_at` become a new version, which is
/// returned; past prices do not change.
#[utoipa::path(put, path = "/admin/billing/rate-cards/{slug}", tag = "Admin", params(("slug" = String, Path)),
    request_body = RateCardBody,
    responses((status = 200, body = Success<RateCardView>), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
        (status = 403, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(crate) async fn change(
    api: Data<Api>,
    _caller: Caller,
    slug: Path<String>,
    body: Body<RateCardBody, LARGEST_CARD>,
) -> Result<Json<Success<RateCardView>>, Problem> {
    let shown = api.billing.change_rate_card(&body.value.into_change(&slug)?).await?;
    Ok(Json(Success::new(shown.into())))
}

/// Lists all versions of a rate card, by number.
#[utoipa::path(get, path = "/admin/billing/rate-cards/{slug}/versions", tag = "Admin", params(("slug" = String, Path)),
    responses((status = 200, body = Success<Vec<VersionView>>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn versions(
    api: Data<Api>,
    _caller: Caller,
    slug: Path<String>,
) -> Result<Json<Success<Vec<VersionView>>>, Problem> {
    let shown = api.billing.rate_card(&slug).await?;
    Ok(Json(Success::new(shown.card.versions.iter().map(VersionView::from).collect())))
}

/// Returns a rate card with one of its versions, in force or not.
#[utoipa::path(get, path = "/admin/billing/rate-cards/{slug}/versions/{version}", tag = "Admin",
    params(("slug" = String, Path), ("version" = u32, Path)),
    responses((status = 200, body = Success<RateCardView>), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody)))]
pub(crate) async fn version(
    api: Data<Api>,
    _caller: Caller,
    path: Path<(String, String)>,
) -> Result<Json<Success<RateCardView>>, Problem> {
    let (slug, number) = path.into_inner();
    let unknown = |_| Problem::new("not_found", format!("there is no rate card version `{slug}@{number}`"));
    let number = number.parse().map_err(unknown)?;
    Ok(Json(Success::new(api.billing.rate_card_version(&slug, number).await?.into())))
}
