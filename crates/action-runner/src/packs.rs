//! Where packs lie.

pub(crate) use executions::PackFolders;
