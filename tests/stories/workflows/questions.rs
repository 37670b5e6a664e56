//! Workflows that ask, and wait for the answer.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use stories::engine::{Backend, DEADLINE};
use stories::servers::wait_until;

use super::World;

crate::on_both_backends![
    a_workflow_stands_still_until_it_is_answered,
    two_questions_are_joined,
    each_item_is_asked_about,
    a_question_below_pauses_what_is_above,
];

impl World {
    /// Waits until so many questions are open; their ids by their routes.
    fn questions(&self, count: usize) -> Result<Vec<(String, String)>> {
        let mut open = wait_until(&format!("{count} questions"), DEADLINE, || {
            let listed = self.st2.json(&["inquiry", "list"])?;
            let listed = listed.as_array().context("a list")?;
            let text = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
            let all = listed
                .iter()
                .map(|one| (text(one, "route"), text(one, "id")));
            Ok((listed.len() == count).then(|| all.collect::<Vec<_>>()))
        })
        .with_context(|| self.engine.logs())?;
        open.sort();
        Ok(open)
    }

    fn answer(&self, id: &str, answer: &str) -> Result<()> {
        let said = self.st2(&["inquiry", "respond", id, "-r", answer])?;
        anyhow::ensure!(said.contains("Response accepted"), "{said}");
        Ok(())
    }
}

fn a_workflow_stands_still_until_it_is_answered(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    for (answer, decision) in [
        (
            r#"{"approved": true}"#,
            json!({"decision": "approved", "reason": ""}),
        ),
        (
            r#"{"approved": false, "reason": "no"}"#,
            json!({"decision": "refused", "reason": "no"}),
        ),
    ] {
        let id = world.begin(&["examples.approval"])?;
        world.wait_for_status(&id, "paused")?;
        let shown = world.st2(&["execution", "get", &id])?;
        assert!(
            shown.contains("paused") && shown.contains("pending"),
            "{shown}"
        );

        let open = world.questions(1)?;
        world.answer(&open[0].1, answer)?;

        let ended = world.engine.wait_for_end(&id)?;
        assert_eq!(ended["status"], "succeeded", "{ended}");
        assert_eq!(ended["result"]["output"], decision);
    }
    Ok(())
}

fn two_questions_are_joined(backend: Backend) -> Result<()> {
    let mut world = World::on(backend)?;
    let id = world.begin(&["flows.two_questions"])?;
    let open = world.questions(2)?;

    world.answer(&open[0].1, r#"{"continue": true}"#)?;
    world.questions(1)?;
    world.wait_for_status(&id, "paused")?;
    // Nobody need remember in the meantime.
    world.engine.restart()?;
    world.answer(&open[1].1, r#"{"continue": false}"#)?;

    let ended = world.engine.wait_for_end(&id)?;
    assert_eq!(ended["status"], "succeeded", "{ended}");
    assert_eq!(ended["result"]["output"], json!({"answers": [true, false]}));
    Ok(())
}

fn each_item_is_asked_about(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let id = world.begin(&["flows.questions_of_items"])?;
    let open = world.questions(3)?;
    let routes: Vec<&str> = open.iter().map(|(route, _)| route.as_str()).collect();
    assert_eq!(routes, ["blue", "green", "red"]);

    for (at, answer) in [(1, true), (2, false), (0, true)] {
        world.wait_for_status(&id, "paused")?;
        world.answer(&open[at].1, &json!({ "continue": answer }).to_string())?;
    }

    let ended = world.engine.wait_for_end(&id)?;
    assert_eq!(ended["status"], "succeeded", "{ended}");
    assert_eq!(
        ended["result"]["output"],
        json!({"answers": [false, true, true]})
    );
    Ok(())
}

fn a_question_below_pauses_what_is_above(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let above = world.begin(&["flows.asking_below"])?;
    let open = world.questions(2)?;
    world.wait_for_task(&above, "below", "paused")?;
    world.wait_for_status(&above, "paused")?;

    for (_, question) in &open {
        world.answer(question, r#"{"continue": true}"#)?;
    }

    let ended = world.engine.wait_for_end(&above)?;
    assert_eq!(ended["status"], "succeeded", "{ended}");
    assert_eq!(ended["result"]["output"], json!({"answers": [true, true]}));
    Ok(())
}
