//! Who is calling, and may they.
//!
//! One place for API, chat and UI: [`Authenticator`] finds out who calls, [`decide`] says whether they may. Nothing
//! here knows HTTP. Closed by default: who is not known is refused, and what has no [`Permission`] cannot be asked for.

mod authenticate;
mod decide;
mod permission;

pub use authenticate::{AuthenticationError, Authenticator, Caller, Credentials};
pub use decide::{Forbidden, decide};
pub use permission::{Permission, UnknownPermission};
