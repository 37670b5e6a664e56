//! `GET /v1/triggerinstances`

use auth::Caller;
use axum::Extension;
use axum::extract::State;
use store::TriggerInstanceFilter;

use super::ATTRIBUTES;
use crate::extract::{Order, Params};
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError, view};

/// Trigger instances, newest first unless `timestamp_gt` or `sort_asc` is given.
#[utoipa::path(
    get,
    path = "/v1/triggerinstances",
    tag = "triggerinstances",
    params(
        ("id" = Option<String>, Query, description = "With these ids, separated by commas; other filters do not count then"),
        ("trigger" = Option<String>, Query, description = "Of the trigger with this reference"),
        ("trigger_type" = Option<String>, Query, description = "Of triggers of this type"),
        ("status" = Option<String>, Query, description = "In this state"),
        ("timestamp_gt" = Option<String>, Query, description = "After this time"),
        ("timestamp_lt" = Option<String>, Query, description = "Before this time"),
        ("limit" = Option<i64>, Query, description = "At most so many; 100 by default"),
        ("offset" = Option<i64>, Query, description = "Pass over so many"),
        ("sort_asc" = Option<bool>, Query, description = "Oldest first"),
        ("sort_desc" = Option<bool>, Query, description = "Newest first"),
        ("include_attributes" = Option<String>, Query, description = "Answer these members only"),
        ("exclude_attributes" = Option<String>, Query, description = "Leave these members out"),
        ("explain" = Option<bool>, Query, description = "Why each stands where it stands, and its trace, too"),
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
        Bounds::of_history(&api, 100),
        &ATTRIBUTES,
    )?;
    let Some(filter) = filter(&params)? else {
        return Ok(listing.views(Vec::new(), 0));
    };
    let view = if params.flag("explain") {
        view::explained_trigger_instance
    } else {
        view::trigger_instance
    };
    if let Some(ids) = params.ids() {
        let mut views = Vec::new();
        for id in ids {
            views.extend(api.store.trigger_instance(id).await?.as_ref().map(view));
        }
        return Ok(listing.pick(views));
    }
    let page = api.store.trigger_instances(&filter, listing.page).await?;
    Ok(listing.views(page.items.iter().map(view).collect(), page.total))
}

/// `None` where nothing can fit.
fn filter(params: &Params) -> Result<Option<TriggerInstanceFilter>, ApiError> {
    let Ok(status) = params.parsed("status").transpose() else {
        return Ok(None);
    };
    Ok(Some(TriggerInstanceFilter {
        trigger: params.owned("trigger"),
        trigger_type: params.owned("trigger_type"),
        status,
        after: params.time("timestamp_gt")?,
        before: params.time("timestamp_lt")?,
        older_than: None,
        oldest_first: Order::of(params, "timestamp").is_oldest_first(),
    }))
}
