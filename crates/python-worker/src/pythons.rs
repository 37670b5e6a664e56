//! Where interpreters, virtualenvs and the worker are.

use std::path::{Path, PathBuf};

/// Where `StackStorm` has the virtualenvs of packs.
const ST2_VIRTUALENVS: &str = "/opt/stackstorm/virtualenvs";

/// Where interpreters, virtualenvs and the worker are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pythons {
    /// What runs packs that have no virtualenv and need none.
    pub interpreter: PathBuf,
    /// Folders with a virtualenv for each pack, `PACK` each; the first that has it counts.
    pub virtualenvs: Vec<PathBuf>,
    /// Where the Python worker is written to. It must be this process' own.
    pub folder: PathBuf,
}

impl Pythons {
    /// With virtualenvs and worker in this data folder; virtualenvs also where `StackStorm` has them.
    #[must_use]
    pub fn in_folder(data: &Path) -> Self {
        Self {
            interpreter: "python3".into(),
            virtualenvs: vec![data.join("virtualenvs"), ST2_VIRTUALENVS.into()],
            folder: data.join("python"),
        }
    }
}

impl Default for Pythons {
    /// In a folder of this user's among the temporary ones.
    fn default() -> Self {
        let name = format!("petrel-{}", nix::unistd::geteuid());
        Self::in_folder(&std::env::temp_dir().join(name))
    }
}
