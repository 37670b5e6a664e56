//! `jsonpath.jsonl`: the path dialect of rule keys.

use expr::path::Path;
use serde_json::json;

use crate::{Answer, Case, Failure};

pub(super) fn answer(case: &Case) -> Answer {
    let path = Path::parse(case.text("path")).map_err(|error| Failure::new(&["parse"], error))?;
    let found = path.find(case.get("document"));
    // Which of Python's exceptions following a path raises is not told apart.
    found
        .map(|found| json!(found))
        .map_err(|error| Failure::new(&["other", "type"], error))
}
