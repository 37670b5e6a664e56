//! `GET /v1/ruleenforcements/views`

use auth::Caller;
use axum::Extension;
use axum::extract::State;

use super::with_members::with_members;
use super::{ATTRIBUTES, filter};
use crate::extract::Params;
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError};

/// Enforcements with their trigger instance and execution inside.
#[utoipa::path(
    get,
    path = "/v1/ruleenforcements/views",
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
        let mut items = Vec::new();
        for id in ids {
            items.extend(api.store.enforcement(id).await?);
        }
        return Ok(listing.pick(with_members(&api, &items).await?));
    }
    let page = api.store.enforcements(&filter, listing.page).await?;
    let views = with_members(&api, &page.items).await?;
    Ok(listing.views(views, page.total))
}
