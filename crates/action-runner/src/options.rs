//! How much a runner takes on, and as whom it runs things.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use python_worker::{Pythons, inherited_environment};

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
    /// Where the content of packs at other git revisions is kept.
    pub revisions: PathBuf,
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
            revisions: std::env::temp_dir()
                .join(format!("petrel-{}-revisions", nix::unistd::geteuid())),
            environment: inherited_environment(std::env::vars_os()),
        }
    }
}

/// How Python actions run.
#[derive(Debug, Clone)]
pub struct PythonOptions {
    /// Where interpreters, virtualenvs and the worker are.
    pub pythons: Pythons,
    /// So many warm parents are kept. One that must make room while its executions run goes with the last of them.
    pub max_parents: usize,
    /// A warm parent without executions goes after this time.
    pub idle: Duration,
    /// What the process of an execution may use.
    pub limits: PythonLimits,
}

/// What the process of a Python action may use at most, and each process that it starts; absent members are no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PythonLimits {
    /// Mebibytes of data.
    pub memory_mib: Option<NonZeroU32>,
    /// Seconds of CPU time.
    pub cpu_seconds: Option<NonZeroU32>,
    /// Files that are open.
    pub open_files: Option<NonZeroU32>,
    /// Processes of the user that the runner runs as, all together.
    pub processes: Option<NonZeroU32>,
}

impl PythonOptions {
    /// With virtualenvs and worker in this data folder; virtualenvs also where StackStorm has them.
    #[must_use]
    pub fn in_folder(data: &Path) -> Self {
        Self {
            pythons: Pythons::in_folder(data),
            ..Self::default()
        }
    }
}

impl Default for PythonOptions {
    fn default() -> Self {
        Self {
            pythons: Pythons::default(),
            max_parents: 16,
            idle: Duration::from_mins(10),
            limits: PythonLimits::default(),
        }
    }
}
