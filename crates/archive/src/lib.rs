//! The files of a folder as one value: read from a folder or an archive, compared, packed, and unpacked safely.
//!
//! Whatever an archive says, no path and no link in it leads out of the folder that it is unpacked to, and what it holds
//! is bounded. Version control, compiled Python and things that are neither file nor link are left out.

mod content;
mod folder;
mod formats;

pub use content::{ArchiveError, Content, Entry};

/// Bytes that a content may have, unpacked.
pub const MAX_SIZE: u64 = 256 * 1024 * 1024;
/// Files that a content may have.
pub const MAX_FILES: usize = 50_000;
