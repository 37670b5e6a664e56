//! `GET /v1/policies`

use auth::Caller;
use axum::Extension;
use axum::extract::State;
use model::Policy;

use super::ATTRIBUTES;
use crate::extract::Params;
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError, definition};

/// Policies, sorted by reference.
#[utoipa::path(
    get,
    path = "/v1/policies",
    tag = "policies",
    params(
        ("pack" = Option<String>, Query, description = "Of this pack"),
        ("name" = Option<String>, Query, description = "With this name"),
        ("ref" = Option<String>, Query, description = "With this reference"),
        ("resource_ref" = Option<String>, Query, description = "Of this action"),
        ("policy_type" = Option<String>, Query, description = "Of this type"),
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
    let mut filter = definition::filter(&params);
    filter.selector = params.owned("resource_ref");
    let page = definition::selected(&api, &params, &filter, &listing, |one: &Policy| {
        params
            .get("policy_type")
            .is_none_or(|wanted| one.policy_type == wanted)
    })
    .await?;
    listing.answer(&page)
}
