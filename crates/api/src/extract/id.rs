//! Ids in paths.

use std::str::FromStr;

use crate::ApiError;

/// Reads an id out of a path. What is no id is the id of nothing: 404.
pub(crate) fn parse_id<I: FromStr>(text: &str) -> Result<I, ApiError> {
    text.parse().map_err(|_| ApiError::unknown_id(text))
}
