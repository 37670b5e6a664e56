//! `GET /v1/keys`

use auth::Caller;
use axum::Extension;
use axum::extract::State;
use model::KeyScope;
use store::KeyFilter;

use super::{ATTRIBUTES, Scope, named_scope, refuse_decryption, scope};
use crate::extract::Params;
use crate::listing::{Bounds, Listed, Listing};
use crate::{Api, ApiError, view};

/// Items of a scope, sorted by name.
#[utoipa::path(
    get,
    path = "/v1/keys",
    tag = "keys",
    params(
        ("scope" = Option<String>, Query, description = "`system` (the default), `user` or `all`"),
        ("prefix" = Option<String>, Query, description = "Whose name starts so"),
        ("name" = Option<String>, Query, description = "With this name"),
        ("user" = Option<String>, Query, description = "Of this user: the caller"),
        ("decrypt" = Option<bool>, Query, description = "Open secrets"),
        ("limit" = Option<i64>, Query, description = "At most so many; -1 for all"),
        ("offset" = Option<i64>, Query, description = "Pass over so many"),
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
    let scope = scope(&caller, named_scope(&params), params.get("user"))?;
    let decrypt = params.flag("decrypt");
    if decrypt {
        refuse_decryption(&caller, &scope)?;
    }
    let filter = KeyFilter {
        scopes: scopes(&caller, scope),
        prefix: params.owned("prefix"),
        name: params.owned("name"),
        ..KeyFilter::default()
    };
    let page = api
        .store
        .keys(&filter, listing.page, api.clock.now())
        .await?;
    let views = page
        .items
        .iter()
        .map(|item| view::key(&api.vault, item, decrypt))
        .collect::<Result<_, _>>()?;
    Ok(listing.views(views, page.total))
}

/// Of all scopes administrators see all; others the system's and their own.
fn scopes(caller: &Caller, scope: Scope) -> Vec<KeyScope> {
    match scope {
        Scope::One(scope) => vec![scope],
        Scope::All if caller.is_admin => Vec::new(),
        Scope::All => vec![KeyScope::System, KeyScope::User(caller.user.clone())],
    }
}
