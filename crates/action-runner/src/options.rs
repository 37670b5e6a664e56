//! How much a runner takes on, and as whom it runs things.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Variables with this prefix configure Petrel itself (and may hold passwords): actions do not see them.
const OWN_PREFIX: &str = "PETREL_";
/// Where StackStorm has the virtualenvs of packs.
const ST2_VIRTUALENVS: &str = "/opt/stackstorm/virtualenvs";

/// The options of an action runner.
#[derive(Debug, Clone)]
pub struct RunnerOptions {
    /// At most so many executions run at once (those of the `noop` runner cost nothing and do not count).
    pub max_concurrent: usize,
    /// At most so many executions wait here for their turn; beyond, nothing is fetched.
    pub backlog: usize,
    /// At most so many messages are fetched without being acknowledged.
    pub prefetch: u16,
    /// How long a claimed execution stays ours without being renewed.
    pub lease: Duration,
    /// How often leases are renewed.
    pub renew_every: Duration,
    /// How often executions are looked for that were announced to nobody.
    pub sweep_every: Duration,
    /// How long an execution must have waited before a sweep takes it.
    pub sweep_after: Duration,
    /// How many executions one sweep takes at most.
    pub sweep_limit: u32,
    /// How long a process may take to end after SIGTERM, before SIGKILL.
    pub kill_grace: Duration,
    /// How often live output is stored and told.
    pub output_every: Duration,
    /// Bytes of each stream that a result keeps; what comes after is counted and dropped.
    pub max_result: usize,
    /// Bytes of live output that are stored for an execution.
    pub max_live_output: usize,
    /// The user that actions run as (st2's `system_user.user`); `None` is the user of this process.
    pub system_user: Option<String>,
    /// The API as actions reach it (`ST2_ACTION_API_URL`), such as `http://127.0.0.1:9101/v1`.
    pub api_url: Option<String>,
    /// How Python actions run.
    pub python: PythonOptions,
    /// The environment that actions start with.
    pub environment: BTreeMap<OsString, OsString>,
}

impl Default for RunnerOptions {
    fn default() -> Self {
        Self {
            max_concurrent: 64,
            backlog: 256,
            prefetch: 64,
            lease: Duration::from_secs(10),
            renew_every: Duration::from_secs(3),
            sweep_every: Duration::from_secs(2),
            sweep_after: Duration::from_secs(2),
            sweep_limit: 500,
            kill_grace: Duration::from_secs(5),
            output_every: Duration::from_millis(100),
            max_result: 10 << 20,
            max_live_output: 10 << 20,
            system_user: None,
            api_url: None,
            python: PythonOptions::default(),
            environment: inherited_environment(std::env::vars_os()),
        }
    }
}

/// How Python actions run.
#[derive(Debug, Clone)]
pub struct PythonOptions {
    /// What runs the actions of packs that have no virtualenv and need none.
    pub interpreter: PathBuf,
    /// Folders with a virtualenv for each pack, `PACK` each; the first that has it counts.
    pub virtualenvs: Vec<PathBuf>,
    /// Where the Python worker is written to. It must be this process' own.
    pub folder: PathBuf,
    /// So many warm parents are kept. One that must make room while its executions run goes with the last of them.
    pub max_parents: usize,
    /// A warm parent without executions goes after this time.
    pub idle: Duration,
}

impl PythonOptions {
    /// With virtualenvs and worker in this data folder; virtualenvs also where StackStorm has them.
    #[must_use]
    pub fn in_folder(data: &Path) -> Self {
        Self {
            interpreter: "python3".into(),
            virtualenvs: vec![data.join("virtualenvs"), ST2_VIRTUALENVS.into()],
            folder: data.join("python"),
            max_parents: 16,
            idle: Duration::from_mins(10),
        }
    }
}

impl Default for PythonOptions {
    /// In a folder of this user's among the temporary ones.
    fn default() -> Self {
        let name = format!("petrel-{}", nix::unistd::geteuid());
        Self::in_folder(&std::env::temp_dir().join(name))
    }
}

/// What actions inherit of the runner's environment: all but Petrel's own variables.
fn inherited_environment(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> BTreeMap<OsString, OsString> {
    variables
        .filter(|(name, _)| !name.to_string_lossy().starts_with(OWN_PREFIX))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_engines_own_variables_from_actions() {
        let variables = [
            ("PATH", "/bin"),
            ("PETREL_DATABASE_URL", "postgres://u:secret@h/d"),
        ];

        let inherited = inherited_environment(
            variables
                .map(|(name, value)| (name.into(), value.into()))
                .into_iter(),
        );

        assert_eq!(inherited.into_keys().collect::<Vec<_>>(), ["PATH"]);
    }
}
