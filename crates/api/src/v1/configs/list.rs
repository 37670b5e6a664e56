//! `GET /v1/configs`

use auth::Caller;
use axum::Extension;
use axum::extract::State;
use model::PackConfig;

use super::ATTRIBUTES;
use crate::extract::Params;
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError, definition, view};

/// Configurations, sorted by pack; secrets masked.
#[utoipa::path(
    get,
    path = "/v1/configs",
    tag = "configs",
    params(
        ("pack" = Option<String>, Query, description = "Of this pack"),
        ("show_secrets" = Option<bool>, Query, description = "Show secrets; for administrators"),
        ("sort" = Option<String>, Query, description = "By `name`, `ref`, `pack` or `id`; with `-` before it backwards"),
        ("limit" = Option<i64>, Query, description = "At most so many; 100 by default, -1 for all"),
        ("offset" = Option<i64>, Query, description = "Pass over so many"),
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
    let page = definition::sorted_page::<PackConfig>(&api, &params, &listing).await?;
    let show = view::may_show_secrets(&api, &caller, &params);
    let views = page
        .items
        .into_iter()
        .map(|config| view::config(&api.vault, config, show))
        .collect();
    Ok(listing.views(views, page.total))
}
