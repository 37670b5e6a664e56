//! The files of a folder as one value: read from a folder or an archive, compared, packed, and unpacked safely.
//!
//! Whatever an archive says, no path and no link in it leads out of the folder that it is unpacked to, and what it holds
//! is bounded. A path that would is refused; a link that would is left out, and told ([`Content::left_out`]): repositories
//! do have those. Version control, compiled Python and things that are neither file nor link are left out without a word.

mod content;
mod folder;
mod formats;

pub use content::{ArchiveError, Content, Entry, LeftOut};
pub use folder::remove_written;

/// Bytes that a content may have, unpacked.
pub const MAX_SIZE: u64 = 256 * 1024 * 1024;
/// Files that a content may have.
pub const MAX_FILES: usize = 50_000;
