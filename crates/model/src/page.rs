//! Pages of listings.

/// Which part of a listing is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many at most. The API's `limit=-1` is turned into its ceiling before this is made.
    pub limit: u32,
    /// How many to pass over. Walking far is cheaper by a listing's own cursor (`after`).
    pub offset: u32,
}

/// A part of a listing, and how long the whole is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOf<T> {
    /// The part.
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: u64,
}
