//! The context of executions in StackStorm's form: what `action_context` holds.

use model::{ExecutionContext, Object};
use serde_json::{Value, json};

/// How the tags of traces begin that were made for one execution because nobody named a trace.
pub(crate) const OWN_TRACE: &str = "execution-";

/// A context as templates see it.
pub(crate) fn view(context: &ExecutionContext) -> Object {
    let mut shown = Object::new();
    let mut add = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    if let Some(id) = &context.re_run_of {
        add("re-run", json!({ "ref": id }));
    }
    if let Some(instance) = &context.trigger_instance {
        add(
            "trigger_instance",
            json!({ "id": instance.id, "name": null }),
        );
    }
    if let Some(rule) = &context.rule {
        add("rule", json!({ "id": rule.id, "name": rule.name }));
    }
    if let Some(trace) = &context.trace {
        let is_own = trace.tag.is_empty() || trace.tag.starts_with(OWN_TRACE);
        let shown = if is_own {
            json!({ "id_": trace.id })
        } else {
            json!({ "id_": trace.id, "trace_tag": trace.tag })
        };
        add("trace_context", shown);
    }
    if let Some(parent) = &context.parent {
        add("parent", json!({ "execution_id": parent }));
    }
    if let Some(task) = &context.task {
        add("orquesta", json!(task));
    }
    if let Some(id) = &context.workflow_execution {
        add("workflow_execution", json!(id));
    }
    add("user", Value::from(context.user.as_str()));
    add("pack", Value::from(context.pack.as_str()));
    // What a caller gave says more than what is derived (`parent` with its own members).
    for (name, value) in &context.extra {
        add(name, value.clone());
    }
    shown
}
