//! What the case says that tasks come to, run by run.

use std::collections::HashMap;

use conductor::Status;
use serde_json::{Map, Value as Json};

use crate::outcome::Outcome;
use crate::{Case, Story};

/// How many tasks are named of a workflow that goes on without end.
const LAST: usize = 6;

/// The tasks of a case, and the story so far.
pub(super) struct Cast<'c> {
    pub(super) case: &'c Case,
    pub(super) story: Story,
    tries: HashMap<String, usize>,
}

impl<'c> Cast<'c> {
    pub(super) fn new(case: &'c Case) -> Self {
        Self {
            case,
            story: Story::default(),
            tries: HashMap::new(),
        }
    }

    /// Ends the case before its end.
    pub(super) fn stop(&mut self, reason: String) {
        self.story
            .stopped
            .get_or_insert((self.case.position, reason));
    }

    /// What the next run of a task with these items comes to; none where the case does not allow it.
    pub(super) fn outcome(
        &mut self,
        task: &str,
        action: &str,
        items: &[String],
    ) -> Option<Outcome> {
        if self.story.runs.len() >= self.case.limit {
            self.stop_endless();
            return None;
        }
        let tries = self.tries.entry(task.to_owned()).or_default();
        let number = *tries;
        *tries += 1;
        let Some(outcomes) = self.case.tasks.get(task) else {
            return self.unnamed(task, action);
        };
        let outcome = outcomes.of_run(number);
        for (position, item) in outcome.unknown_items(items) {
            let items = items.join(", ");
            let message = format!("task {task} has no item `{item}`; items are {items}");
            let unknown = (position, message);
            if !self.story.unknown_items.contains(&unknown) {
                self.story.unknown_items.push(unknown);
            }
        }
        Some(outcome)
    }

    fn stop_endless(&mut self) {
        let last = self.story.runs.iter().rev().take(LAST).rev();
        let last: Vec<&str> = last.map(|run| run.task.as_str()).collect();
        self.stop(format!(
            "the workflow does not end: after {} runs of tasks it goes on (last {}); look at the conditions of its \
             loops, or give the case a higher `limit`",
            self.case.limit,
            last.join(", ")
        ));
    }

    /// What a task comes to that the case does not name; none where it has to.
    fn unnamed(&mut self, task: &str, action: &str) -> Option<Outcome> {
        if matches!(action, "" | "core.noop") {
            return Some(Outcome::default());
        }
        if self.case.is_strict {
            self.stop(format!(
                "task {task} runs {action}, and the case is strict, but does not say under `tasks` what it comes to"
            ));
            return None;
        }
        let mut outcome = Outcome::default();
        if action == "core.ask" {
            outcome.status = Status::Pending;
        } else if !self.story.unnamed.iter().any(|known| known == task) {
            self.story.unnamed.push(task.to_owned());
        }
        Some(outcome)
    }
}

/// What the workflow is given: defaults of its action's parameters, and what the case says.
pub(super) fn inputs(defaults: &Map<String, Json>, case: &Case) -> Map<String, Json> {
    let given = case.input.iter();
    let given = given.map(|(name, (_, value))| (name.clone(), value.clone()));
    let mut inputs = defaults.clone();
    inputs.extend(given);
    inputs
}
