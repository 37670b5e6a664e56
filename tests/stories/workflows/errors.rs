//! What cannot go well ends with an error that says where.

use anyhow::{Context, Result};
use serde_json::Value;
use stories::engine::Backend;

use super::World;

crate::on_both_backends![errors_say_where_they_are];

/// The errors of a workflow, those of the tasks that failed in it last.
fn errors(execution: &Value) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    let mut next = vec![&execution["result"]];
    while let Some(result) = next.pop() {
        for error in result["errors"].as_array().into_iter().flatten() {
            all.push(error.clone());
            next.push(&error["result"]);
        }
    }
    all.first().context("no errors")?;
    Ok(all)
}

fn errors_say_where_they_are(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let cases: [(&[&str], Option<&str>, &[&str]); 7] = [
        (
            &["flows.circle"],
            Some("turn"),
            &[
                "The workflow has run 20 tasks",
                "`max_task_runs`",
                "\"turn\"",
            ],
        ),
        (
            &["flows.itself"],
            Some("deeper"),
            &["\"flows.itself\" is 3 sub-workflows deep", "`max_depth`"],
        ),
        (
            &["flows.bad_output"],
            None,
            &["'<% int(ctx().said) %>'", "`output`", "`broken`"],
        ),
        (
            &["flows.bad_publish"],
            Some("look"),
            &["'<% int(none_of_these) + 1 %>'", "`publish`", "`number`"],
        ),
        (
            &["examples.dynamic_action", "action=no.such"],
            Some("run"),
            &["no.such"],
        ),
        (
            &[
                "examples.dynamic_action",
                "action=core.local",
                "arguments={\"cnd\": \"date\"}",
            ],
            Some("run"),
            &["cnd"],
        ),
        (
            &["flows.liar"],
            Some("connect"),
            &[
                "In `output.port`",
                "`output_schema`",
                "\"examples.output_schema\"",
            ],
        ),
    ];
    for (arguments, task, words) in cases {
        let (ended, _) = world.run(arguments)?;
        assert_eq!(ended["status"], "failed", "{ended}");
        let errors = errors(&ended)?;
        let text = serde_json::to_string(&errors)?.replace("\\\"", "\"");
        for word in words {
            assert!(text.contains(word), "{arguments:?}: no {word} in {text}");
        }
        if let Some(task) = task {
            assert_eq!(errors[0]["task_id"], task, "{text}");
        }
    }
    Ok(())
}
