//! Paths of files, as on POSIX.

use pyvalue::Value;

use super::{Call, Function, Outcome, Parameter};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(&["basename"], &[Parameter::new("path")], basename),
    Function::new(&["dirname"], &[Parameter::new("path")], dirname),
];

fn basename(call: &Call<'_>) -> Outcome {
    let path = call.str(0, "a path")?;
    Ok(Value::from(
        path.rsplit_once('/').map_or(path, |(_, name)| name),
    ))
}

fn dirname(call: &Call<'_>) -> Outcome {
    let path = call.str(0, "a path")?;
    let head = path.rfind('/').map_or("", |at| &path[..=at]);
    let trimmed = head.trim_end_matches('/');
    Ok(Value::from(if trimmed.is_empty() { head } else { trimmed }))
}
