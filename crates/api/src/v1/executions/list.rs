//! `GET /v1/executions`

use auth::Caller;
use axum::Extension;
use axum::extract::State;

use super::filter;
use crate::extract::Params;
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError, view};

/// Executions, newest first unless `timestamp_gt` or `sort_asc` is given.
#[utoipa::path(
    get,
    path = "/v1/executions",
    tag = "executions",
    params(
        ("action" = Option<String>, Query, description = "Of the action with this reference"),
        ("status" = Option<String>, Query, description = "In one of these states, separated by commas"),
        ("user" = Option<String>, Query, description = "For this user"),
        ("runner" = Option<String>, Query, description = "By this runner"),
        ("rule" = Option<String>, Query, description = "Asked for by the rule with this name"),
        ("trigger" = Option<String>, Query, description = "Answering the trigger with this name"),
        ("trigger_type" = Option<String>, Query, description = "Answering the trigger type with this name"),
        ("trigger_instance" = Option<String>, Query, description = "Answering this trigger instance"),
        ("parent" = Option<String>, Query, description = "With this parent; `null` for none"),
        ("id" = Option<String>, Query, description = "With one of these ids, separated by commas"),
        ("timestamp_gt" = Option<String>, Query, description = "Started after this time"),
        ("timestamp_lt" = Option<String>, Query, description = "Started before this time"),
        ("timestamp" = Option<String>, Query, description = "Started between two times, `FROM..TO`"),
        ("limit" = Option<i64>, Query, description = "At most so many; 100 by default"),
        ("offset" = Option<i64>, Query, description = "Pass over so many"),
        ("sort_asc" = Option<bool>, Query, description = "Oldest first"),
        ("sort_desc" = Option<bool>, Query, description = "Newest first"),
        ("show_secrets" = Option<bool>, Query, description = "Do not mask secrets"),
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
    let listing = Listing::read(&api, &caller, &params, bounds, &view::EXECUTION_ATTRIBUTES)?;
    let show_secrets = view::may_show_secrets(&api, &caller, &params);
    let Some(filter) = filter::read(&api, &params, listing.projection.wants("result"))? else {
        return Ok(listing.views(Vec::new(), 0));
    };
    let page = api.store.executions(&filter, listing.page).await?;
    let views = view::executions(&api, page.items, &listing.projection, show_secrets).await?;
    Ok(listing.views(views, page.total))
}
