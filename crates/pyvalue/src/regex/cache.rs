//! The patterns that were used last, compiled.

use std::sync::{LazyLock, Mutex, PoisonError};

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::{Flags, Regex};
use crate::Error;

/// As many as Python keeps.
const CAPACITY: usize = 512;
/// Longer patterns are not worth the memory.
const MAX_LENGTH: usize = 1024;

type Known = IndexMap<(Box<str>, Flags), Regex, RandomState>;

static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// The compiled pattern, remembered or new. Failures are not remembered.
pub(super) fn get(pattern: &str, flags: Flags) -> Result<Regex, Error> {
    if pattern.len() > MAX_LENGTH {
        return Regex::new(pattern, flags);
    }
    let key = (Box::from(pattern), flags);
    if let Some(known) = lock().get(&key) {
        return Ok(known.clone());
    }
    let regex = Regex::new(pattern, flags)?;
    let mut known = lock();
    if known.len() >= CAPACITY {
        known.swap_remove_index(0);
    }
    known.insert(key, regex.clone());
    Ok(regex)
}

fn lock() -> std::sync::MutexGuard<'static, Known> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}
