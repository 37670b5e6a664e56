//! `GET /v1/traces`

use auth::Caller;
use axum::Extension;
use axum::extract::State;
use store::TraceFilter;

use super::ATTRIBUTES;
use crate::extract::{Order, Params};
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError, view};

/// Traces, newest first unless `sort_asc` is given.
#[utoipa::path(
    get,
    path = "/v1/traces",
    tag = "traces",
    params(
        ("id" = Option<String>, Query, description = "With these ids, separated by commas; other filters do not count then"),
        ("trace_tag" = Option<String>, Query, description = "With this tag"),
        ("execution" = Option<String>, Query, description = "That hold this execution"),
        ("rule" = Option<String>, Query, description = "That hold the rule with this id"),
        ("trigger_instance" = Option<String>, Query, description = "That hold this trigger instance"),
        ("limit" = Option<i64>, Query, description = "At most so many; 100 by default"),
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
        Bounds::of_history(&api, 100),
        &ATTRIBUTES,
    )?;
    let Some(filter) = filter(&params) else {
        return Ok(listing.views(Vec::new(), 0));
    };
    if let Some(ids) = params.ids() {
        let mut views = Vec::new();
        for id in ids {
            views.extend(api.store.trace(id).await?.as_ref().map(view::trace));
        }
        return Ok(listing.pick(views));
    }
    let page = api.store.traces(&filter, listing.page).await?;
    Ok(listing.views(page.items.iter().map(view::trace).collect(), page.total))
}

/// `None` where nothing can fit.
fn filter(params: &Params) -> Option<TraceFilter> {
    Some(TraceFilter {
        tag: params.owned("trace_tag"),
        execution: params.parsed("execution").transpose().ok()?,
        rule: params.parsed("rule").transpose().ok()?,
        trigger_instance: params.parsed("trigger_instance").transpose().ok()?,
        oldest_first: Order::of(params, "start_timestamp").is_oldest_first(),
    })
}
