//! `/v1/policytypes`: the kinds of policies, which come with the engine.

use auth::Permission;
use model::{ObjectId, PolicyTypeId};
use packs::{PolicyType, policy_types};
use serde_json::{Value, json};
use utoipa_axum::routes;

use crate::operations::Operations;
use crate::projection::Attributes;

mod get;
mod list;

const ATTRIBUTES: Attributes = Attributes {
    names: &[
        "id",
        "uid",
        "ref",
        "name",
        "description",
        "resource_type",
        "enabled",
        "module",
        "parameters",
    ],
    excludable: None,
    whole: &[],
};
/// Policy types are not stored: their ids are this and their place in the list, so that they never change.
const FIRST_ID: &str = "706f6c696379747970650000";

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::PolicyTypeList, routes!(list::handle))
        .add(Permission::PolicyTypeView, routes!(get::handle))
}

/// All kinds as StackStorm shows them.
fn all() -> Vec<Value> {
    policy_types()
        .iter()
        .enumerate()
        .map(|(place, kind)| view(place, kind))
        .collect()
}

fn view(place: usize, kind: &PolicyType) -> Value {
    json!({
        "id": id(place),
        "uid": format!("policy_type:action:{}", kind.name),
        "ref": kind.reference(),
        "name": kind.name,
        "description": kind.description,
        "resource_type": "action",
        "enabled": true,
        "module": kind.module,
        "parameters": kind.parameters,
    })
}

fn id(place: usize) -> Option<PolicyTypeId> {
    let text = format!("{}{place:04x}", &FIRST_ID[..20]);
    text.parse::<ObjectId>().ok().map(PolicyTypeId::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_an_id_of_its_own_that_stays() {
        assert_eq!(id(2).unwrap().to_string(), "706f6c696379747970650002");
        assert_eq!(all(), all());
        assert_ne!(all()[0]["id"], all()[1]["id"]);
    }
}
