//! `GET /v1/policytypes`

use auth::Caller;
use axum::Extension;
use axum::extract::State;

use super::{ATTRIBUTES, all};
use crate::extract::Params;
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError};

/// The kinds of policies, sorted by name.
#[utoipa::path(
    get,
    path = "/v1/policytypes",
    tag = "policytypes",
    params(
        ("resource_type" = Option<String>, Query, description = "For this kind of resource: `action`"),
        ("name" = Option<String>, Query, description = "With this name"),
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
    let mut kinds = all();
    for name in ["resource_type", "name"] {
        let wanted = params.words(name);
        kinds.retain(|kind| wanted.is_empty() || wanted.iter().any(|wanted| kind[name] == *wanted));
    }
    Ok(listing.pick(kinds))
}
