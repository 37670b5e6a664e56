//! `GET /v1/packs`

use auth::Caller;
use axum::Extension;
use axum::extract::State;
use model::Pack;

use super::ATTRIBUTES;
use crate::extract::Params;
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError, definition};

/// Packs, sorted by ref.
#[utoipa::path(
    get,
    path = "/v1/packs",
    tag = "packs",
    params(
        ("name" = Option<String>, Query, description = "With this name"),
        ("ref" = Option<String>, Query, description = "With this ref"),
        ("sort" = Option<String>, Query, description = "By `name`, `ref`, `pack` or `id`; with `-` before it backwards"),
        ("limit" = Option<i64>, Query, description = "At most so many; 100 by default, -1 for all"),
        ("offset" = Option<i64>, Query, description = "Pass over so many"),
        ("include_attributes" = Option<String>, Query, description = "Answer these members only"),
        ("exclude_attributes" = Option<String>, Query, description = "Leave these members out"),
    ),
    responses((status = OK, description = "A page", body = Vec<Object>))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    params: Params,
) -> Result<Listed, ApiError> {
    let listing = Listing::read(
        &api,
        &caller,
        &params,
        Bounds::of_definitions(Some(100)),
        &ATTRIBUTES,
    )?;
    let page = definition::sorted_page::<Pack>(&api, &params, &listing).await?;
    listing.answer(&page)
}
