//! The environment of an action: the runner's, the action's `env`, and what tells the action who it is.

use std::collections::BTreeMap;
use std::ffi::OsString;

use model::Object;
use serde_json::Value;

use crate::run::{Assignment, Failure};

/// The whole environment of an assignment.
pub(super) fn environment(
    assignment: &Assignment<'_>,
) -> Result<BTreeMap<OsString, OsString>, Failure> {
    let mut environment = assignment.options.environment.clone();
    let own = additions(assignment)?.into_iter();
    environment.extend(own.map(|(name, value)| (name.into(), value.into())));
    Ok(environment)
}

/// What an assignment adds to the runner's environment.
pub(crate) fn additions(assignment: &Assignment<'_>) -> Result<BTreeMap<String, String>, Failure> {
    let mut environment = BTreeMap::new();
    if let Some(Value::Object(own)) = assignment.parameters.runner.get("env") {
        add_own(&mut environment, own)?;
    }
    // st2's `_get_common_action_env_variables`.
    let mut say = |name: &str, value: &str| environment.insert(name.to_owned(), value.to_owned());
    say("ST2_ACTION_PACK_NAME", &assignment.snapshot.action.pack);
    say(
        "ST2_ACTION_EXECUTION_ID",
        &assignment.execution.id.to_string(),
    );
    if let Some(url) = &assignment.options.api_url {
        say("ST2_ACTION_API_URL", url);
    }
    Ok(environment)
}

fn add_own(environment: &mut BTreeMap<String, String>, own: &Object) -> Result<(), Failure> {
    for (name, value) in own {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(Failure::new(format!(
                "`{name}` in the parameter `env` is no name of a variable"
            )));
        }
        let value = expr::python::str(value);
        if value.contains('\0') {
            return Err(Failure::new(format!(
                "the value of `{name}` in the parameter `env` has a NUL character"
            )));
        }
        environment.insert(name.clone(), value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn takes_values_as_python_prints_them() {
        let mut environment = BTreeMap::new();

        add_own(
            &mut environment,
            json!({ "A": 1, "B": "x y" }).as_object().unwrap(),
        )
        .unwrap();

        assert_eq!(environment["A"], "1");
        assert_eq!(environment["B"], "x y");
    }

    #[test]
    fn refuses_what_is_no_name() {
        let own = json!({ "A=B": 1 });

        let failure = add_own(&mut BTreeMap::new(), own.as_object().unwrap()).unwrap_err();

        assert_eq!(
            failure.to_string(),
            "`A=B` in the parameter `env` is no name of a variable"
        );
    }
}
