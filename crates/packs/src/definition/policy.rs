//! Policies: `policies/NAME.yaml`.

use model::{Object, Policy};
use schema::Schema;
use serde_json::Value;

use super::{Origin, check_pack, named, refuse_null};
use crate::form::{self, POLICY};
use crate::suggestion::did_you_mean;
use crate::{Complaint, policy_types};

/// Checks a policy and makes it, with its type's defaults (`PolicyAPI`). That its resource exists is not checked.
pub fn policy(document: &Value, origin: &Origin<'_>) -> Result<Policy, Complaint> {
    let filled = POLICY.check(document)?;
    check_pack(document, origin.pack)?;
    refuse_null(document, "parameters", "a mapping")?;
    let (name, policy_ref) = named(&filled, origin.pack)?;
    let policy_type = form::text(&filled, "policy_type").unwrap_or_default();
    let parameters = Value::Object(form::object(&filled, "parameters"));
    let parameters = settings(&policy_type, &parameters)?;
    Ok(Policy {
        uid: format!("policy:{}:{name}", origin.pack),
        metadata_file: origin.metadata_file.to_owned(),
        name,
        policy_ref,
        pack: origin.pack.to_owned(),
        description: form::text(&filled, "description"),
        enabled: form::flag(&filled, "enabled", true),
        resource_ref: form::text(&filled, "resource_ref").unwrap_or_default(),
        policy_type,
        parameters: parameters.as_object().cloned().unwrap_or_default(),
        id: origin.id(),
    })
}

fn settings(policy_type: &str, parameters: &Value) -> Result<Value, Complaint> {
    let Some(known) = policy_types()
        .iter()
        .find(|known| known.reference() == policy_type)
    else {
        let known: Vec<String> = policy_types()
            .iter()
            .map(crate::PolicyType::reference)
            .collect();
        let names = known.iter().map(String::as_str);
        let hint = match known
            .iter()
            .find(|known| known.strip_prefix("action.") == Some(policy_type))
        {
            Some(meant) => format!(" (did you mean \"{meant}\"?)"),
            None => did_you_mean(policy_type, names),
        };
        let words = format!(
            "there is no policy type \"{policy_type}\"{hint}; there are {}",
            known.join(", ")
        );
        return Err(Complaint::value(&["policy_type"], words));
    };
    let mut shapes = known.parameters.clone();
    if parameters.get("retry_on").and_then(Value::as_str) == Some(RETRY_ON_OURS) {
        accept_ours(&mut shapes);
    }
    let schema = Schema::compile_attributes(&shapes, false).expect("the policy types are tested");
    schema
        .validate(parameters)
        .map_err(|error| Complaint::of_schema_below(&["parameters"], &error, &shapes))
}

/// A condition to retry on that StackStorm does not have. The policy types are shown as StackStorm's; it is taken beside
/// what they list.
const RETRY_ON_OURS: &str = "abandoned";

fn accept_ours(shapes: &mut Object) {
    let listed = shapes
        .get_mut("retry_on")
        .and_then(|shape| shape.get_mut("enum")?.as_array_mut());
    if let Some(listed) = listed {
        listed.push(Value::from(RETRY_ON_OURS));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn retries_what_was_abandoned_beside_what_stackstorm_retries() {
        let retry = |on: &str| settings("action.retry", &json!({ "retry_on": on }));

        for on in ["failure", "timeout", "abandoned"] {
            assert_eq!(
                retry(on).unwrap(),
                json!({ "retry_on": on, "max_retry_count": 2 })
            );
        }
        assert!(retry("moon").is_err());
        let limit = json!({ "threshold": 1, "retry_on": "abandoned" });
        assert!(settings("action.concurrency", &limit).is_err());
    }
}
