//! `GET /v1/executions/{id}/result`

use auth::Caller;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde_json::Value;

use super::find;
use crate::extract::Params;
use crate::projection::Projection;
use crate::{Api, ApiError, view};

/// What an execution ended with, alone.
#[utoipa::path(
    get,
    path = "/v1/executions/{id}/result",
    tag = "executions",
    params(
        ("id" = String, Path, description = "Its id"),
        ("download" = Option<bool>, Query, description = "As a file"),
        ("pretty_format" = Option<bool>, Query, description = "Indented"),
        ("show_secrets" = Option<bool>, Query, description = "Do not mask secrets"),
    ),
    responses((status = OK, description = "The result", body = Value), (status = 404, description = "There is no such execution"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Response, ApiError> {
    let execution = find(&api, &id).await?;
    let id = execution.id;
    let wanted = Projection::Only(vec!["result".to_owned()]);
    let show_secrets = view::may_show_secrets(&api, &caller, &params);
    let mut view = view::execution(&api, execution, &wanted, show_secrets).await?;
    let result = view.get_mut("result").map(Value::take).unwrap_or_default();
    let text = if params.flag("pretty_format") {
        serde_json::to_string_pretty(&result)?
    } else {
        result.to_string()
    };
    let mut response = ([(header::CONTENT_TYPE, "text/json")], text).into_response();
    if params.flag("download") {
        let name = format!("attachment; filename=execution_{id}_result.json");
        let name =
            HeaderValue::from_str(&name).map_err(|error| ApiError::Internal(Box::new(error)))?;
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
