//! `GET /v1/config_schemas`

use auth::Caller;
use axum::Extension;
use axum::extract::State;
use model::PackConfigSchema;

use super::ATTRIBUTES;
use crate::extract::Params;
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError, definition};

/// Configuration schemas, sorted by pack.
#[utoipa::path(
    get,
    path = "/v1/config_schemas",
    tag = "config_schemas",
    params(
        ("pack" = Option<String>, Query, description = "Of this pack"),
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
    let page = definition::sorted_page::<PackConfigSchema>(&api, &params, &listing).await?;
    listing.answer(&page)
}
