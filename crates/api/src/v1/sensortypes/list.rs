//! `GET /v1/sensortypes`

use auth::Caller;
use axum::Extension;
use axum::extract::State;
use model::Sensor;

use super::ATTRIBUTES;
use crate::extract::Params;
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError, definition};

/// Sensors, sorted by reference.
#[utoipa::path(
    get,
    path = "/v1/sensortypes",
    tag = "sensortypes",
    params(
        ("pack" = Option<String>, Query, description = "Of this pack"),
        ("name" = Option<String>, Query, description = "With this name"),
        ("ref" = Option<String>, Query, description = "With this reference"),
        ("enabled" = Option<bool>, Query, description = "That are started or not"),
        ("trigger" = Option<String>, Query, description = "That emit this trigger type"),
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
    params.check_choice("enabled")?;
    let filter = definition::filter(&params);
    let page = definition::selected(&api, &params, &filter, &listing, |one: &Sensor| {
        params
            .get("trigger")
            .is_none_or(|wanted| one.trigger_types.iter().any(|kind| kind == wanted))
    })
    .await?;
    listing.answer(&page)
}
