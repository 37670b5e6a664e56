//! Who this process is.

use model::RunnerInfo;
use nix::unistd::{User, geteuid, gethostname};

/// The user of this process.
#[derive(Debug, Clone)]
pub(crate) struct CurrentUser {
    pub(crate) name: String,
    pub(crate) is_root: bool,
}

pub(crate) fn current_user() -> CurrentUser {
    let id = geteuid();
    let known = User::from_uid(id).ok().flatten();
    CurrentUser {
        name: known.map_or_else(|| id.to_string(), |user| user.name),
        is_root: id.is_root(),
    }
}

/// Machine and process, as executions show them.
pub(crate) fn runner_info() -> RunnerInfo {
    let hostname = gethostname().map_or_else(
        |_| "localhost".into(),
        |name| name.to_string_lossy().into_owned(),
    );
    RunnerInfo {
        hostname,
        pid: std::process::id(),
    }
}

/// Holder of leases: unique for each start of a runner, and readable.
pub(crate) fn holder(info: &RunnerInfo) -> String {
    format!(
        "{}:{}:{:08x}",
        info.hostname,
        info.pid,
        rand::random::<u32>()
    )
}
