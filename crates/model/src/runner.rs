//! Runner types: the ways an action can be carried out.

use serde::{Deserialize, Serialize};

use crate::{Object, RunnerTypeId};

/// A runner type. The serde form is StackStorm's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunnerType {
    /// Its name, such as `local-shell-cmd`.
    pub name: String,
    /// One line about it.
    pub description: String,
    /// `runner_type:NAME`.
    pub uid: String,
    /// Whether actions may run by it.
    pub enabled: bool,
    /// The Python package that StackStorm has it in; clients show it.
    pub runner_package: String,
    /// The module in that package.
    pub runner_module: String,
    /// A schema for each of its own parameters.
    #[serde(default)]
    pub runner_parameters: Object,
    /// The result's key that `output_schema` describes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_key: Option<String>,
    /// The schema of its result.
    #[serde(default)]
    pub output_schema: Object,
    /// Its id.
    pub id: RunnerTypeId,
}

/// The runner types of st2 3.9, as the store is filled with them at the first start (ids are given then).
///
/// # Panics
///
/// Never: the file is part of the build, and a test reads it.
#[must_use]
pub fn built_in_runners() -> Vec<BuiltInRunner> {
    serde_json::from_str(include_str!("../data/runners.json"))
        .expect("data/runners.json is checked by a test")
}

/// The runners whose executions are workflows: conducted step by step, not run.
pub const CONDUCTED_RUNNERS: [&str; 2] = ["orquesta", "action-chain"];

/// Whether executions of a runner are workflows.
#[must_use]
pub fn is_conducted(runner: &str) -> bool {
    CONDUCTED_RUNNERS.contains(&runner)
}

/// A runner type before it has an id.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuiltInRunner {
    /// Its name.
    pub name: String,
    /// One line about it.
    pub description: String,
    /// The Python package that StackStorm has it in.
    pub runner_package: String,
    /// The module in that package.
    pub runner_module: String,
    /// A schema for each of its own parameters.
    #[serde(default)]
    pub runner_parameters: Object,
    /// The result's key that `output_schema` describes.
    #[serde(default)]
    pub output_key: Option<String>,
    /// The schema of its result.
    #[serde(default)]
    pub output_schema: Object,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runner(name: &str) -> BuiltInRunner {
        built_in_runners()
            .into_iter()
            .find(|runner| runner.name == name)
            .unwrap()
    }

    #[test]
    fn the_runner_types_are_those_that_st2_registers() {
        let names: Vec<String> = built_in_runners()
            .into_iter()
            .map(|runner| runner.name)
            .collect();

        let expected = [
            "action-chain",
            "announcement",
            "http-request",
            "inquirer",
            "local-shell-cmd",
            "local-shell-script",
            "noop",
            "orchestra",
            "orquesta",
            "python-script",
            "remote-shell-cmd",
            "remote-shell-script",
            "winrm-cmd",
            "winrm-ps-cmd",
            "winrm-ps-script",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn every_runner_parameter_has_a_type_and_a_description() {
        for runner in built_in_runners() {
            for (name, schema) in &runner.runner_parameters {
                let said = |key: &str| schema.get(key).is_some_and(serde_json::Value::is_string);
                assert!(
                    said("type") && said("description"),
                    "{}: {name}",
                    runner.name
                );
            }
        }
    }

    #[test]
    fn runner_parameters_keep_the_order_in_which_clients_are_shown_them() {
        let names: Vec<String> = runner("local-shell-cmd")
            .runner_parameters
            .keys()
            .cloned()
            .collect();

        assert_eq!(
            names,
            [
                "cmd",
                "cwd",
                "env",
                "kwarg_op",
                "sudo",
                "sudo_password",
                "timeout"
            ]
        );
    }

    #[test]
    fn passwords_and_keys_of_runners_are_secret() {
        for runner in built_in_runners() {
            for name in ["password", "sudo_password", "passphrase", "private_key"] {
                if let Some(schema) = runner.runner_parameters.get(name) {
                    assert_eq!(schema["secret"], true, "{}: {name}", runner.name);
                }
            }
        }
    }

    #[test]
    fn the_name_orchestra_is_orquesta_by_its_old_spelling() {
        let (old, new) = (runner("orchestra"), runner("orquesta"));

        assert_eq!(old.runner_module, new.runner_module);
        assert_eq!(old.runner_parameters, new.runner_parameters);
        assert_eq!(old.output_schema, new.output_schema);
    }
}
