//! `GET /v1/inquiries`

use auth::Caller;
use axum::Extension;
use axum::extract::State;

use super::{ATTRIBUTES, waiting};
use crate::extract::Params;
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError};

/// Inquiries that wait for an answer, newest first.
#[utoipa::path(
    get,
    path = "/v1/inquiries",
    tag = "inquiries",
    params(
        ("limit" = Option<i64>, Query, description = "At most so many; 100 by default"),
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
    let bounds = Bounds::of_history(&api, 100);
    let listing = Listing::read(&api, &caller, &params, bounds, &ATTRIBUTES)?;
    let page = api.store.executions(&waiting(), listing.page).await?;
    let views = page.items.iter().map(executions::inquiry_view).collect();
    Ok(listing.views(views, page.total))
}
