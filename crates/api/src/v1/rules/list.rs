//! `GET /v1/rules`

use auth::Caller;
use axum::Extension;
use axum::extract::State;

use super::ATTRIBUTES;
use super::page::page;
use crate::extract::Params;
use crate::listing::{Bounds, Listed, Listing};
use crate::view::{RuleViews, may_show_secrets};
use crate::{Api, ApiError};

/// Rules, sorted by reference; secret parameters masked.
#[utoipa::path(
    get,
    path = "/v1/rules",
    tag = "rules",
    params(
        ("pack" = Option<String>, Query, description = "Of this pack"),
        ("name" = Option<String>, Query, description = "With this name"),
        ("ref" = Option<String>, Query, description = "With this reference"),
        ("action" = Option<String>, Query, description = "That run this action"),
        ("trigger" = Option<String>, Query, description = "That listen to this trigger"),
        ("enabled" = Option<bool>, Query, description = "That are in force or not"),
        ("user" = Option<String>, Query, description = "Made by this user"),
        ("show_secrets" = Option<bool>, Query, description = "Show secret parameters; for administrators"),
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
    let page = page(&api, &params, &listing).await?;
    let views =
        RuleViews::load(&api, &page.items, may_show_secrets(&api, &caller, &params)).await?;
    let shown = page
        .items
        .iter()
        .map(|rule| views.view(rule))
        .collect::<Result<_, _>>()?;
    Ok(listing.views(shown, page.total))
}
