//! `jsonpath.jsonl`: the path dialect of rule keys.

use expr::path::Path;
use pyvalue::Class;
use serde_json::json;

use crate::{Answer, Case, Failure};

pub(super) fn answer(case: &Case) -> Answer {
    let path = Path::parse(case.text("path")).map_err(|error| Failure::new(&["parse"], error))?;
    let found = path.find(case.get("document")).map_err(|error| {
        let kinds: &[&str] = match error.class {
            Class::Type => &["type"],
            _ => &["other"],
        };
        Failure::new(kinds, error)
    })?;
    Ok(json!(found))
}
