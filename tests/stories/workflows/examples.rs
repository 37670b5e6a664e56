//! The workflows of the pack `examples` on the engine: their own tests know their tasks' results beforehand.

use anyhow::Result;
use serde_json::{Value, json};
use stories::engine::Backend;

use super::World;

crate::on_both_backends![
    examples_come_to_what_they_say,
    those_that_fail_say_how_far_they_came,
    results_stand_where_they_should,
];

fn examples_come_to_what_they_say(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let good: [(&[&str], Value); 14] = [
        (
            &["examples.cycle"],
            json!({"log": ["turn 1", "turn 2", "turn 3"]}),
        ),
        (
            &["examples.data_flow", "price=21"],
            json!({"to_pay": 32, "receipt": {"order": "2 at 21", "signed": true}, "text": "2 at 21, to pay: 32"}),
        ),
        (
            &["examples.decision", "usage=95"],
            json!({"verdict": "full", "cleaned_up": true}),
        ),
        (
            &["examples.item_failures"],
            json!({"well": ["web1", "db1"], "unwell": ["broken1"]}),
        ),
        (&["examples.join_count"], json!({"agreed": true})),
        (
            &["examples.split_and_join"],
            json!({"summary": "disk 17, memory 42, load 3"}),
        ),
        (&["examples.tolerate"], json!({"warm": false})),
        (
            &["examples.with_zipped_items"],
            json!({"lines": ["web1 gets 1.4", "web2 gets 1.5", "db1 gets latest"]}),
        ),
        (&["examples.retry"], json!({"found": true})),
        (
            &["examples.datastore"],
            json!({"limit": 90, "editor": "ed", "has_token": false}),
        ),
        (
            &[
                "examples.rolling_restart",
                "service=nginx",
                "hosts=a,b",
                "confirm=false",
            ],
            json!({"outcome": "restarted"}),
        ),
        (
            &["examples.with_named_items"],
            json!({"lines": ["web1 listens on 80", "db1 listens on 5432"]}),
        ),
        (
            &["examples.dynamic_action"],
            json!({"result": {"failed": false, "succeeded": true, "return_code": 0, "stdout": "chosen just now", "stderr": ""}}),
        ),
        (&["flows.large"], json!({"length": 5_000_000})),
    ];
    for (arguments, output) in good {
        let (ended, _) = world.run(arguments)?;
        assert_eq!(ended["status"], "succeeded", "{arguments:?}: {ended}");
        assert_eq!(ended["result"]["output"], output, "{arguments:?}");
    }
    Ok(())
}

fn those_that_fail_say_how_far_they_came(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let bad: [(&[&str], Value); 4] = [
        (
            &["examples.output_on_failure"],
            json!({"reached": "first", "reason": "no space left"}),
        ),
        (&["examples.remediate"], json!("rolled back")),
        (
            &["examples.retry_when", "wanted=never"],
            json!({"answer": "ready"}),
        ),
        (
            &[
                "examples.rolling_restart",
                "service=nginx",
                "hosts=a,broken1,b",
                "confirm=false",
            ],
            json!({"outcome": "stopped after 2 of 3 hosts"}),
        ),
    ];
    for (arguments, output) in bad {
        let (ended, _) = world.run(arguments)?;
        assert_eq!(ended["status"], "failed", "{arguments:?}: {ended}");
        let came = &ended["result"]["output"];
        assert!(
            *came == output || came["state"] == output,
            "{arguments:?}: {ended}"
        );
    }
    Ok(())
}

fn results_stand_where_they_should(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    for name in [
        "about_itself",
        "yaql_and_jinja",
        "chain_data",
        "chain_sequence",
    ] {
        let mut arguments = vec![format!("examples.{name}")];
        if name == "chain_sequence" {
            arguments.push("name=Ada".to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ended = world.engine.wait_for_end(&world.begin(&arguments)?)?;
        assert_eq!(ended["status"], "succeeded", "{ended}");
        let result = ended["result"].to_string();
        let words = match name {
            "about_itself" => "\"said\":\"run by ",
            "yaql_and_jinja" => "\"same\":true",
            "chain_data" => "3, 4 squared: 9, 16",
            _ => "HELLO, ADA",
        };
        assert!(result.contains(words), "{name}: {ended}");
    }
    Ok(())
}
