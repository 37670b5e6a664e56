//! `/v1/keys`: the datastore.

use auth::{Caller, Permission};
use model::KeyScope;
use utoipa_axum::routes;

use crate::ApiError;
use crate::extract::{Params, refuse_other_user};
use crate::operations::Operations;
use crate::projection::Attributes;

mod delete;
mod get;
mod list;
mod put;

const ATTRIBUTES: Attributes = Attributes {
    names: &[
        "id",
        "uid",
        "scope",
        "name",
        "value",
        "secret",
        "encrypted",
        "expire_timestamp",
        "user",
    ],
    excludable: None,
    whole: &[],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::KeyValuePairList, routes!(list::handle))
        .add(Permission::KeyValuePairView, routes!(get::handle))
        .add(Permission::KeyValuePairSet, routes!(put::handle))
        .add(Permission::KeyValuePairDelete, routes!(delete::handle))
}

/// The scopes that a request names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Scope {
    /// `all`.
    All,
    /// One of them.
    One(KeyScope),
}

/// Reads `system`, `user` (or `st2kv.system`, `st2kv.user`) and `all`; the system's where none is named. A user's
/// scope is the caller's own.
fn scope(caller: &Caller, named: Option<&str>, user: Option<&str>) -> Result<Scope, ApiError> {
    refuse_other_user(caller, user)?;
    let named = named.unwrap_or("system");
    match named.strip_prefix("st2kv.").unwrap_or(named) {
        "system" => Ok(Scope::One(KeyScope::System)),
        "user" => Ok(Scope::One(KeyScope::User(caller.user.clone()))),
        "all" if named == "all" => Ok(Scope::All),
        other => Err(unknown_scope(&format!("st2kv.{other}"))),
    }
}

fn unknown_scope(named: &str) -> ApiError {
    ApiError::BadRequest(format!(
        "Scope {named} is not in allowed scopes list: ['system', 'user', 'st2kv.system', 'st2kv.user']."
    ))
}

/// The scope that a query names. Whoever names a user means the user's scope, as in StackStorm.
fn named_scope(params: &Params) -> Option<&str> {
    params
        .get("user")
        .map(|_| "user")
        .or_else(|| params.get("scope"))
}

/// As `scope`, for one item: `all` means the system's.
fn one_scope(
    caller: &Caller,
    named: Option<&str>,
    user: Option<&str>,
) -> Result<KeyScope, ApiError> {
    Ok(match scope(caller, named, user)? {
        Scope::All => KeyScope::System,
        Scope::One(scope) => scope,
    })
}

/// Secrets of the system are opened for administrators only, a user's for that user.
fn refuse_decryption(caller: &Caller, scope: &Scope) -> Result<(), ApiError> {
    let is_own = *scope == Scope::One(KeyScope::User(caller.user.clone()));
    if caller.is_admin || is_own {
        return Ok(());
    }
    Err(ApiError::Forbidden(
        "Decrypt option requires administrator access".to_owned(),
    ))
}

/// The 404 of an item.
fn unknown(scope: &KeyScope, name: &str) -> ApiError {
    let name = match scope {
        KeyScope::System => name.to_owned(),
        KeyScope::User(user) => format!("{user}:{name}"),
    };
    ApiError::NotFound(format!(
        "The key \"{name}\" does not exist in the datastore."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller() -> Caller {
        Caller {
            user: "ann".into(),
            is_admin: false,
        }
    }

    #[test]
    fn scopes_have_short_and_long_names() {
        let named = |name| scope(&caller(), name, None).unwrap();

        assert_eq!(named(None), Scope::One(KeyScope::System));
        assert_eq!(named(Some("st2kv.system")), Scope::One(KeyScope::System));
        assert_eq!(
            named(Some("user")),
            Scope::One(KeyScope::User("ann".into()))
        );
        assert_eq!(named(Some("all")), Scope::All);
        assert!(scope(&caller(), Some("nothing"), None).is_err());
    }

    #[test]
    fn a_user_stands_for_the_users_scope() {
        let named = |query: &str| named_scope(&Params::parse(query)).map(str::to_owned);

        assert_eq!(named("scope=all&user=ann"), Some("user".to_owned()));
        assert_eq!(named("scope=all"), Some("all".to_owned()));
        assert_eq!(named(""), None);
    }

    #[test]
    fn nobody_reads_the_items_of_another_user() {
        assert!(matches!(
            scope(&caller(), Some("user"), Some("bob")),
            Err(ApiError::Forbidden(_))
        ));
        assert!(scope(&caller(), Some("user"), Some("ann")).is_ok());
    }

    #[test]
    fn only_administrators_open_the_systems_secrets() {
        assert!(refuse_decryption(&caller(), &Scope::One(KeyScope::System)).is_err());
        assert!(refuse_decryption(&caller(), &Scope::One(KeyScope::User("ann".into()))).is_ok());
    }
}
