//! `GET /v1/executions/{id}`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde_json::Value;

use super::find;
use crate::extract::Params;
use crate::projection::Projection;
use crate::{Api, ApiError, view};

/// Larger bounds make no sense, StackStorm says: nothing that large is stored there.
const MOST_ROOM: u64 = 14 * 1024 * 1024;

/// One execution.
#[utoipa::path(
    get,
    path = "/v1/executions/{id}",
    tag = "executions",
    params(
        ("id" = String, Path, description = "Its id, or `last` for the newest"),
        ("show_secrets" = Option<bool>, Query, description = "Do not mask secrets"),
        ("include_attributes" = Option<String>, Query, description = "Answer these members only"),
        ("exclude_attributes" = Option<String>, Query, description = "Leave these members out"),
        ("max_result_size" = Option<i64>, Query, description = "Leave a result out that is larger. Bytes, at most 14 MiB"),
    ),
    responses((status = OK, description = "The execution", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    let wanted = Projection::read(&params, &view::EXECUTION_ATTRIBUTES)?;
    let room = room(&params)?;
    let mut execution = find(&api, &id).await?;
    if let (Some(room), Some(size)) = (room, execution.result_size)
        && size > room
    {
        execution.result = None;
    }
    let show_secrets = view::may_show_secrets(&api, &caller, &params);
    let view = view::execution(&api, execution, &wanted, show_secrets).await?;
    Ok(Json(wanted.apply(view)))
}

/// `max_result_size`; zero is none.
fn room(params: &Params) -> Result<Option<u64>, ApiError> {
    let Some(size) = params.integer("max_result_size")?.filter(|size| *size != 0) else {
        return Ok(None);
    };
    match u64::try_from(size) {
        Err(_) => Err(ApiError::bad_request(
            "max_result_size must be a positive number",
        )),
        Ok(size) if size > MOST_ROOM => Err(ApiError::bad_request(
            "max_result_size query parameter must be smaller than 14 MB",
        )),
        Ok(size) => Ok(Some(size)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_for_a_result_is_a_positive_number_below_14_mib() {
        let read = |size: &str| room(&Params::parse(&format!("max_result_size={size}")));

        assert_eq!(read("10").unwrap(), Some(10));
        assert_eq!(read("0").unwrap(), None);
        assert_eq!(room(&Params::default()).unwrap(), None);
        for size in ["-1", "15000000", "much"] {
            assert!(matches!(read(size), Err(ApiError::BadRequest(_))), "{size}");
        }
    }
}
