//! `GET /v1/ruletypes`

use auth::Caller;
use axum::Extension;
use axum::extract::State;

use super::{ATTRIBUTES, all};
use crate::extract::Params;
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError};

/// The kinds of rules.
#[utoipa::path(
    get,
    path = "/v1/ruletypes",
    tag = "ruletypes",
    params(("name" = Option<String>, Query, description = "With this name")),
    responses((status = OK, description = "All of them", body = Vec<Object>))
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
    let wanted = |name: &str| params.get("name").is_none_or(|wanted| wanted == name);
    let kinds = all()
        .into_iter()
        .filter(|kind| kind["name"].as_str().is_some_and(wanted));
    Ok(listing.pick(kinds.collect()))
}
