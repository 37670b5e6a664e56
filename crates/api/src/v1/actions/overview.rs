//! `GET /v1/actions/views/overview`

use std::collections::HashMap;

use auth::Caller;
use axum::Extension;
use axum::extract::State;
use model::{Action, Object, RunnerType};
use serde_json::{Value, json};
use store::DefinitionFilter;

use super::ATTRIBUTES;
use super::parameters::merged;
use crate::extract::Params;
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError, definition};

/// Actions, sorted by reference, each with all parameters that it takes. As in StackStorm `name` is the only filter.
#[utoipa::path(
    get,
    path = "/v1/actions/views/overview",
    tag = "actions",
    params(
        ("name" = Option<String>, Query, description = "With this name"),
        ("limit" = Option<i64>, Query, description = "At most so many; all without it"),
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
    let filter = DefinitionFilter {
        name: params.owned("name"),
        ..DefinitionFilter::default()
    };
    let page = definition::page::<Action>(&api, &params, &filter, &listing).await?;
    let runners: Vec<RunnerType> = api.store.all(&DefinitionFilter::default()).await?;
    let runners = runners
        .into_iter()
        .map(|runner| (runner.name, runner.runner_parameters))
        .collect();
    let views = page
        .items
        .iter()
        .map(|action| view(action, &runners))
        .collect::<Result<_, _>>()?;
    Ok(listing.views(views, page.total))
}

/// An action with the merged parameters; with its own where they do not fit its runner.
fn view(action: &Action, runners: &HashMap<String, Object>) -> Result<Value, ApiError> {
    let mut view = serde_json::to_value(action)?;
    let of_runner = runners
        .get(&action.runner_type)
        .cloned()
        .unwrap_or_default();
    if let Ok(parameters) = merged(&of_runner, action) {
        view["parameters"] = json!(parameters);
    }
    Ok(view)
}
