//! Acting for somebody else.

use auth::Caller;

use crate::ApiError;

/// The user that a request is for: the caller, or who is named where that is the caller too.
///
/// As in StackStorm naming somebody else needs roles, which do not exist yet: 403.
pub(crate) fn on_behalf_of(caller: &Caller, named: Option<&str>) -> Result<String, ApiError> {
    refuse_other_user(caller, named)?;
    Ok(caller.user.clone())
}

/// 403 where somebody else than the caller is named.
pub(crate) fn refuse_other_user(caller: &Caller, named: Option<&str>) -> Result<(), ApiError> {
    match named {
        Some(named) if named != caller.user => Err(ApiError::Forbidden(
            "\"user\" attribute can only be provided by admins when RBAC is enabled".to_owned(),
        )),
        Some(_) | None => Ok(()),
    }
}
