//! Finding out who is calling.

/// What a request shows to say who it comes from.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// A token of a login.
    pub token: Option<String>,
    /// An API key.
    pub api_key: Option<String>,
}

impl std::fmt::Debug for Credentials {
    /// Says what was given, never its value.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("token", &self.token.is_some())
            .field("api_key", &self.api_key.is_some())
            .finish()
    }
}

/// Somebody whose name is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Their name.
    pub user: String,
    /// Whether they may do everything.
    pub is_admin: bool,
}

/// Why a request's sender is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthenticationError {
    /// Nothing was shown.
    #[error("Unauthorized - One of Token or API key required.")]
    NothingGiven,
}

/// The way callers are recognised.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Authenticator {
    /// Everybody is this user, and an administrator: `--insecure-no-auth`, on loopback only.
    Insecure {
        /// The user everybody is taken for.
        user: String,
    },
    /// Nobody is known: every request is refused.
    Closed,
}

impl Authenticator {
    /// Who shows these credentials.
    ///
    /// # Errors
    /// Where they say nothing that is known.
    pub fn authenticate(&self, _credentials: &Credentials) -> Result<Caller, AuthenticationError> {
        match self {
            Self::Insecure { user } => Ok(Caller {
                user: user.clone(),
                is_admin: true,
            }),
            Self::Closed => Err(AuthenticationError::NothingGiven),
        }
    }

    /// Whether callers have to say who they are.
    #[must_use]
    pub fn is_required(&self) -> bool {
        !matches!(self, Self::Insecure { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_authentication_everybody_is_the_one_user() {
        let authenticator = Authenticator::Insecure {
            user: "root".into(),
        };

        let caller = authenticator.authenticate(&Credentials::default()).unwrap();

        assert_eq!(
            caller,
            Caller {
                user: "root".into(),
                is_admin: true
            }
        );
        assert!(!authenticator.is_required());
    }

    #[test]
    fn the_closed_one_knows_nobody() {
        let shown = Credentials {
            token: Some("t".into()),
            api_key: None,
        };

        assert_eq!(
            Authenticator::Closed.authenticate(&shown),
            Err(AuthenticationError::NothingGiven)
        );
    }

    #[test]
    fn credentials_are_never_printed() {
        let shown = Credentials {
            token: Some("secret-token".into()),
            api_key: Some("secret-key".into()),
        };

        assert!(!format!("{shown:?}").contains("secret"));
    }
}
