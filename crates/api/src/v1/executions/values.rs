//! `GET /v1/executions/views/filters`

use axum::Json;
use axum::extract::State;
use model::{Object, Reference};
use serde_json::{Value, json};
use store::FilterField;

use crate::extract::Params;
use crate::{Api, ApiError};

/// The filters whose values are shown.
const FIELDS: [(&str, FilterField); 7] = [
    ("action", FilterField::Action),
    ("rule", FilterField::Rule),
    ("runner", FilterField::Runner),
    ("status", FilterField::Status),
    ("trigger", FilterField::Trigger),
    ("trigger_type", FilterField::TriggerType),
    ("user", FilterField::User),
];
/// More values than this are no help to anybody who chooses one.
const AT_MOST: u32 = 1000;

/// The values that executions can be filtered by, for each filter (or those in `types`).
#[utoipa::path(
    get,
    path = "/v1/executions/views/filters",
    tag = "executions",
    params(("types" = Option<String>, Query, description = "Of these filters only, separated by commas")),
    responses((status = OK, description = "Values by filter", body = Object))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    params: Params,
) -> Result<Json<Object>, ApiError> {
    let types = params.words("types");
    let mut values = Object::new();
    for (name, field) in FIELDS
        .into_iter()
        .filter(|(name, _)| types.is_empty() || types.contains(name))
    {
        let found = api.store.execution_values(field, AT_MOST).await?;
        values.insert(
            name.to_owned(),
            found
                .into_iter()
                .map(|value| shown(field, &value))
                .collect(),
        );
    }
    Ok(Json(values))
}

/// Rules, triggers and trigger types are filtered by name, so their names are shown.
fn shown(field: FilterField, value: &str) -> Value {
    match field {
        FilterField::Rule | FilterField::Trigger | FilterField::TriggerType => value
            .parse::<Reference>()
            .map_or_else(|_| json!(value), |reference| json!(reference.name())),
        FilterField::Action
        | FilterField::Pack
        | FilterField::Runner
        | FilterField::Status
        | FilterField::User => {
            json!(value)
        }
    }
}
