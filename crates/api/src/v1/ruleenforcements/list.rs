//! `GET /v1/ruleenforcements`

use auth::Caller;
use axum::Extension;
use axum::extract::State;
use serde_json::Value;

use super::{ATTRIBUTES, filter};
use crate::extract::Params;
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError, view};

/// Enforcements, newest first unless `enforced_at_gt` or `sort_asc` is given.
#[utoipa::path(
    get,
    path = "/v1/ruleenforcements",
    tag = "ruleenforcements",
    params(
        ("id" = Option<String>, Query, description = "With these ids, separated by commas; other filters do not count then"),
        ("rule_ref" = Option<String>, Query, description = "Of the rule with this reference"),
        ("rule_id" = Option<String>, Query, description = "Of the rule with this id"),
        ("execution" = Option<String>, Query, description = "That requested this execution"),
        ("trigger_instance" = Option<String>, Query, description = "Of this trigger instance"),
        ("enforced_at_gt" = Option<String>, Query, description = "After this time"),
        ("enforced_at_lt" = Option<String>, Query, description = "Before this time"),
        ("limit" = Option<i64>, Query, description = "At most so many; 50 by default"),
        ("offset" = Option<i64>, Query, description = "Pass over so many"),
        ("sort_asc" = Option<bool>, Query, description = "Oldest first"),
        ("sort_desc" = Option<bool>, Query, description = "Newest first"),
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
        Bounds::of_history(&api, 50),
        &ATTRIBUTES,
    )?;
    let Some(filter) = filter(&params)? else {
        return Ok(listing.views(Vec::new(), 0));
    };
    if let Some(ids) = params.ids() {
        let mut views = Vec::new();
        for id in ids {
            let found = api.store.enforcement(id).await?;
            views.extend(found.map(|item| Value::Object(view::enforcement(&item))));
        }
        return Ok(listing.pick(views));
    }
    let page = api.store.enforcements(&filter, listing.page).await?;
    let views = page
        .items
        .iter()
        .map(|item| Value::Object(view::enforcement(item)))
        .collect();
    Ok(listing.views(views, page.total))
}
