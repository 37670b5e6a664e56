//! `GET /v1/actions`

use auth::Caller;
use axum::Extension;
use axum::extract::State;
use model::Action;

use super::ATTRIBUTES;
use crate::extract::Params;
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError, definition};

/// Actions, sorted by reference. Without `limit` all of them.
#[utoipa::path(
    get,
    path = "/v1/actions",
    tag = "actions",
    params(
        ("pack" = Option<String>, Query, description = "Of this pack"),
        ("name" = Option<String>, Query, description = "With this name"),
        ("ref" = Option<String>, Query, description = "With this reference"),
        ("runner_type" = Option<String>, Query, description = "By this runner"),
        ("enabled" = Option<bool>, Query, description = "That may or may not run"),
        ("limit" = Option<i64>, Query, description = "At most so many; -1 for all"),
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
        Bounds::of_definitions(None),
        &ATTRIBUTES,
    )?;
    let mut filter = definition::filter(&params);
    filter.selector = params.owned("runner_type");
    let page = match params.get("tags") {
        Some(tag) => {
            let has_tag = |action: &Action| action.tags.iter().any(|one| one.name == tag);
            definition::selected(&api, &params, &filter, &listing, has_tag).await?
        }
        None => definition::page(&api, &params, &filter, &listing).await?,
    };
    listing.answer(&page)
}
