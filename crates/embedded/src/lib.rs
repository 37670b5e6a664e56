//! Files that are part of the binary: a build script makes the table of them, and the program writes them to a folder
//! that is named by their content, once.

mod table;
mod write;

pub use table::{Part, table};
pub use write::{WriteError, write_out};

/// A file in the binary.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Its path in the folder that it is written to.
    pub name: &'static str,
    /// Whether it may be run.
    pub is_executable: bool,
    /// What is in it.
    pub content: &'static [u8],
}
