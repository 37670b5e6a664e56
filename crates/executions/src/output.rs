//! Whether a result is what the action's `output_schema` promises: what goes on with it may rely on that.

use model::{ActionSnapshot, ExecutionStatus};
use schema::{Schema, ValidationError};
use serde_json::{Value, json};

use crate::plan::Plan;

/// What an action's results must be like, under its runner's `output_key`.
#[derive(Debug)]
pub(crate) struct OutputCheck {
    key: String,
    schema: Schema,
}

impl OutputCheck {
    /// The check of an action's results. None where it promises nothing, where its runner does not say which part of the
    /// result is meant, and where the schema is none: one of the old form, without a `type`, only says what is secret.
    pub(crate) fn of(snapshot: &ActionSnapshot) -> Option<Self> {
        let promised = &snapshot.action.output_schema;
        let key = snapshot.runner.output_key.clone()?;
        if !promised.contains_key("type") {
            return None;
        }
        match Schema::compile_exact(&Value::Object(promised.clone())) {
            Ok(schema) => Some(Self { key, schema }),
            Err(error) => {
                tracing::warn!(
                    action = %snapshot.action.action_ref,
                    "the `output_schema` of an action is not used: {error}"
                );
                None
            }
        }
    }

    /// What is wrong with a result, if anything. Where it has secrets, no values are repeated.
    fn fault(&self, result: &Value, has_secrets: bool) -> Option<String> {
        let key = &self.key;
        let Some(output) = result.get(key) else {
            return Some(format!("The result has no `{key}`"));
        };
        let ValidationError {
            validator,
            path,
            message,
            detail,
        } = self.schema.validate(output).err()?;
        let place: Vec<String> = std::iter::once(key.clone()).chain(path).collect();
        let tells_a_value = !matches!(validator, "required" | "additionalProperties");
        let what = if has_secrets && tells_a_value {
            format!(
                "the value is not as `{validator}: {}` says",
                schema::repr(&detail.expected)
            )
        } else {
            message
        };
        Some(format!("In `{}`: {what}", place.join(".")))
    }
}

/// A success whose result is not what the action promises is a failure that says so, in the form of st2's
/// `validate_output`.
pub(crate) fn check(plan: &Plan, status: &mut ExecutionStatus, result: &mut Value) {
    if *status != ExecutionStatus::Succeeded {
        return;
    }
    let has_secrets = !plan.output_secrets.is_empty();
    let fault = plan
        .output
        .as_ref()
        .and_then(|check| check.fault(result, has_secrets));
    let Some(fault) = fault else {
        return;
    };
    let action = &plan.snapshot.action.action_ref;
    *status = ExecutionStatus::Failed;
    *result = json!({
        "error": format!("{fault}: this is not what the `output_schema` of the action \"{action}\" says."),
        "message": "Error validating output. See error output for more details.",
    });
}
