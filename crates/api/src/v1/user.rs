//! `GET /v1/user`: who the caller is.

use auth::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use serde_json::{Value, json};
use utoipa_axum::routes;

use crate::Api;
use crate::operations::{Access, Operations};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations.open_to(Access::Known, routes!(handle))
}

/// Who the caller is, and how that is known.
#[utoipa::path(get, path = "/v1/user", tag = "user", responses((status = OK, description = "The caller", body = Object)))]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Json<Value> {
    let method = if api.authenticator.is_required() {
        "authentication token"
    } else {
        "none"
    };
    Json(json!({
        "username": caller.user,
        "authentication": {"method": method, "location": "header"},
        "rbac": {"enabled": false, "roles": [], "is_admin": caller.is_admin},
    }))
}
