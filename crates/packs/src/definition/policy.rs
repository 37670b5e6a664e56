//! Policies: `policies/NAME.yaml`.

use model::Policy;
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
        let hint = did_you_mean(policy_type, known.iter().map(String::as_str));
        let words = format!(
            "there is no policy type \"{policy_type}\"{hint}; there are {}",
            known.join(", ")
        );
        return Err(Complaint::value(&["policy_type"], words));
    };
    let schema =
        Schema::compile_attributes(&known.parameters, false).expect("the policy types are tested");
    schema
        .validate(parameters)
        .map_err(|error| Complaint::of_schema_below(&["parameters"], &error))
}
