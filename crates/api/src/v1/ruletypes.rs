//! `/v1/ruletypes`: the kinds of rules, which come with the engine.

use auth::Permission;
use serde_json::{Value, json};
use utoipa_axum::routes;

use crate::operations::Operations;
use crate::projection::Attributes;

mod get;
mod list;

const ATTRIBUTES: Attributes = Attributes {
    names: &["id", "name", "description", "enabled", "parameters"],
    excludable: None,
    whole: &[],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::RuleTypeList, routes!(list::handle))
        .add(Permission::RuleTypeView, routes!(get::handle))
}

/// Both kinds. Their ids never change.
fn all() -> [Value; 2] {
    let kind = |id: &str, name: &str, description: &str| json!({"id": id, "name": name, "description": description, "enabled": true, "parameters": {}});
    [
        kind(
            "72756c65747970650000000a",
            "standard",
            "Looked at for every event of its trigger.",
        ),
        kind(
            "72756c65747970650000000b",
            "backstop",
            "Looked at where no standard rule of its trigger matched.",
        ),
    ]
}
