//! Whether somebody may do something: the one function that decides.

use crate::{Caller, Permission};

/// Why somebody may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("User \"{user}\" doesn't have required permission \"{permission}\"")]
pub struct Forbidden {
    /// Who asked.
    pub user: String,
    /// What they lack.
    pub permission: Permission,
}

/// Whether `caller` has `permission`. An administrator has all, nobody else has any until roles exist.
///
/// # Errors
/// Where they have not.
pub fn decide(caller: &Caller, permission: Permission) -> Result<(), Forbidden> {
    if caller.is_admin {
        return Ok(());
    }
    Err(Forbidden {
        user: caller.user.clone(),
        permission,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrator_may_everything_and_others_nothing() {
        let caller = |is_admin| Caller {
            user: "ann".into(),
            is_admin,
        };

        for permission in Permission::ALL {
            assert_eq!(decide(&caller(true), *permission), Ok(()));
            assert!(decide(&caller(false), *permission).is_err(), "{permission}");
        }
    }

    #[test]
    fn a_refusal_names_user_and_permission() {
        let caller = Caller {
            user: "ann".into(),
            is_admin: false,
        };

        let refusal = decide(&caller, Permission::RuleView).unwrap_err();

        assert_eq!(
            refusal.to_string(),
            "User \"ann\" doesn't have required permission \"rule_view\""
        );
    }
}
