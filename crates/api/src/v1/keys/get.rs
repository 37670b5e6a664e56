//! `GET /v1/keys/{name}`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde_json::Value;

use super::{Scope, named_scope, one_scope, refuse_decryption, unknown};
use crate::extract::Params;
use crate::{Api, ApiError, view};

/// One item.
#[utoipa::path(
    get,
    path = "/v1/keys/{name}",
    tag = "keys",
    params(
        ("name" = String, Path, description = "Its name"),
        ("scope" = Option<String>, Query, description = "`system` (the default) or `user`"),
        ("user" = Option<String>, Query, description = "Of this user: the caller"),
        ("decrypt" = Option<bool>, Query, description = "Open a secret"),
    ),
    responses((status = OK, description = "The item", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    let scope = one_scope(&caller, named_scope(&params), params.get("user"))?;
    let decrypt = params.flag("decrypt");
    if decrypt {
        refuse_decryption(&caller, &Scope::One(scope.clone()))?;
    }
    let item = api
        .store
        .key(&scope, &name, api.clock.now())
        .await?
        .ok_or_else(|| unknown(&scope, &name))?;
    view::key(&api.vault, &item, decrypt).map(Json)
}
