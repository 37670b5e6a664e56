//! What a workflow asks others for: actions, and the names of the parameters that they are given.

use expr::orquesta::Statement;
use serde_json::Value;

use super::outline::{Outline, Task};
use super::python::is_falsy;

/// An action that a task names in plain words. Whether there is such an action is known elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The task.
    pub task: String,
    /// The action, as it is written.
    pub action: String,
    /// The names of the parameters, in order; none where an expression gives all of them.
    pub inputs: Option<Vec<String>>,
}

/// The calls of all tasks, in their order. An action that an expression names is passed over.
pub(super) fn of(outline: &Outline) -> Vec<Call> {
    outline.tasks.iter().filter_map(call).collect()
}

fn call(task: &Task) -> Option<Call> {
    let action = task.action.as_str().filter(|action| !action.is_empty())?;
    let is_plain = Statement::compile(&task.action).is_constant();
    is_plain.then(|| Call {
        task: task.name.clone(),
        action: action.to_owned(),
        inputs: inputs(&task.input),
    })
}

fn inputs(given: &Value) -> Option<Vec<String>> {
    match given {
        Value::Object(members) => Some(members.keys().cloned().collect()),
        nothing if is_falsy(nothing) => Some(Vec::new()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::inspect;

    #[test]
    fn calls_are_told_with_the_names_of_what_they_give() {
        let text = "
version: 1.0
tasks:
  inline:
    action: core.local cmd=<% ctx(x) %> timeout=5
  block:
    action: core.echo
    input: {message: hi}
  bare:
    action: core.noop
  given:
    action: core.echo
    input: <% ctx(all) %>
  chosen:
    action: core.<% ctx(which) %> message=hi
  silent:
    next: [{do: bare}]
";

        let inspection = inspect(text, &[]);

        let calls: Vec<_> = inspection
            .calls()
            .iter()
            .map(|call| (&*call.task, &*call.action, call.inputs.clone()))
            .collect();
        let names = |names: &[&str]| Some(names.iter().map(ToString::to_string).collect());
        assert_eq!(
            calls,
            [
                ("inline", "core.local", names(&["cmd", "timeout"])),
                ("block", "core.echo", names(&["message"])),
                ("bare", "core.noop", names(&[])),
                ("given", "core.echo", None),
            ]
        );
    }
}
