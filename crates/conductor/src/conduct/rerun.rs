//! A workflow that has ended is run again from some of its tasks.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{Conductor, Refusal};
use crate::definition::is_command;
use crate::state::Staged;
use crate::{Changes, State, Status, TaskKey};

/// A task to run again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RerunRequest {
    /// The task and its route.
    pub task: TaskKey,
    /// Of a task with items: all of them, not only those that ended badly.
    pub reset_items: bool,
}

impl Conductor {
    /// Runs a workflow again that has ended: from the tasks given, or from those that ended it badly.
    pub fn rerun(
        &self,
        state: &mut State,
        tasks: Option<&[RerunRequest]>,
    ) -> Result<Changes, Refusal> {
        state.begin();
        // What is run again has no output yet: none is rendered here.
        match self.take_up(state, tasks) {
            Ok(()) => Ok(state.commit()),
            Err(refusal) => {
                state.roll_back();
                Err(refusal)
            }
        }
    }

    fn take_up(&self, state: &mut State, tasks: Option<&[RerunRequest]>) -> Result<(), Refusal> {
        if !state.status.is_completed() {
            return Err(Refusal::StillActive);
        }
        let mut requests = match tasks {
            Some(tasks) if !tasks.is_empty() => {
                let requests = collapse(state, known(state, tasks)?);
                self.check(state, &requests)?;
                requests
            }
            _ => abended(state),
        };
        requests.sort_by(|one, other| one.task.cmp(&other.task));
        if requests.iter().all(|request| is_command(&request.task.id)) {
            return Err(Refusal::NothingToRerun);
        }
        for request in &requests {
            self.take_up_task(state, request)?;
        }
        // Of several runs of a task the last one counts.
        let led_on: HashMap<TaskKey, usize> = state
            .sequence()
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.is_terminal && entry.next.values().any(|taken| *taken))
            .map(|(at, entry)| (entry.task.clone(), at))
            .collect();
        let mut led_on: Vec<usize> = led_on.into_values().collect();
        led_on.sort_unstable();
        for at in led_on {
            state.set_terminal(at, false);
        }
        state.set_output(None);
        state.set_status(Status::Resuming);
        Ok(())
    }

    /// Refuses tasks that have run but cannot be run again.
    fn check(&self, state: &State, requests: &[RerunRequest]) -> Result<(), Refusal> {
        let wrong: Vec<TaskKey> = requests
            .iter()
            .filter(|request| !self.is_rerunnable(state, &request.task))
            .map(|request| request.task.clone())
            .collect();
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(Refusal::NotRerunnable(wrong))
        }
    }

    /// Whether a task can be run again; one with items only while its items are known.
    fn is_rerunnable(&self, state: &State, task: &TaskKey) -> bool {
        let has_items = self
            .definition
            .tasks
            .get(&*task.id)
            .is_some_and(|task| task.with.is_some());
        !is_command(&task.id) && (!has_items || state.staging.find(task).is_some())
    }

    fn take_up_task(&self, state: &mut State, request: &RerunRequest) -> Result<(), Refusal> {
        let task = &request.task;
        let Some(at) = state.progress.latest_index(task) else {
            return Err(Refusal::NotRerunnable(vec![task.clone()]));
        };
        let entry = state.sequence()[at].clone();
        state.forget_errors(&task.id);
        let has_items = self
            .definition
            .tasks
            .get(&*task.id)
            .is_some_and(|task| task.with.is_some());
        state.set_terminal(at, false);
        let staged = state.staging.find(task);
        if let Some(staged) = staged {
            state.change_staged(staged, |staged| staged.is_completed = false);
        }
        for follower in followers(state, task) {
            state.set_terminal(follower, false);
        }
        match staged {
            // A command is not run again: what led to it is.
            _ if is_command(&task.id) => {}
            Some(staged) if has_items => {
                let reset: Vec<usize> = state
                    .staging
                    .items(staged)
                    .map(|items| {
                        items
                            .statuses()
                            .iter()
                            .enumerate()
                            .filter(|(_, status)| request.reset_items || status.is_abended())
                            .map(|(item, _)| item)
                            .collect()
                    })
                    .unwrap_or_default();
                for item in reset {
                    state.set_item(staged, item, Status::Unset);
                }
            }
            _ => {
                self.add_entry(state, task, entry.contexts, entry.previous)?;
                state.stage(Staged {
                    task: task.clone(),
                    contexts: entry.contexts,
                    previous: entry.previous,
                    is_ready: true,
                    is_completed: false,
                    runs_on_fail: false,
                    retry_delay: None,
                });
            }
        }
        Ok(())
    }
}

/// The requests, each task once; the last one for a task counts. Refused where a task has never run.
fn known(state: &State, tasks: &[RerunRequest]) -> Result<Vec<RerunRequest>, Refusal> {
    let requests: BTreeMap<&TaskKey, &RerunRequest> = tasks
        .iter()
        .map(|request| (&request.task, request))
        .collect();
    let unknown: Vec<TaskKey> = requests
        .keys()
        .filter(|task| state.latest(task).is_none())
        .map(|task| (*task).clone())
        .collect();
    if unknown.is_empty() {
        Ok(requests.into_values().cloned().collect())
    } else {
        Err(Refusal::NotRerunnable(unknown))
    }
}

/// The tasks that ended the workflow badly, each once.
fn abended(state: &State) -> Vec<RerunRequest> {
    let tasks: BTreeSet<TaskKey> = state
        .progress
        .terminal()
        .map(|at| &state.sequence()[at])
        .filter(|entry| entry.status.is_abended())
        .map(|entry| entry.task.clone())
        .collect();
    let requests = tasks.into_iter().map(|task| RerunRequest {
        task,
        reset_items: false,
    });
    requests.collect()
}

/// The latest run of a task, and the entries that any of its runs led to directly.
fn followers(state: &State, task: &TaskKey) -> HashSet<usize> {
    let is_led_to = |at: &usize| {
        let previous = state.previous(state.sequence()[*at].previous);
        previous
            .into_values()
            .filter_map(|source| state.sequence().get(source))
            .any(|source| source.task == *task)
    };
    (0..state.sequence().len())
        .filter(is_led_to)
        .chain(state.progress.latest_index(task))
        .collect()
}

/// Of several requests, one is dropped whose followers are all followers of every other: that one would run twice.
fn collapse(state: &State, requests: Vec<RerunRequest>) -> Vec<RerunRequest> {
    if requests.len() < 2 {
        return requests;
    }
    let sets: Vec<HashSet<usize>> = requests
        .iter()
        .map(|request| followers(state, &request.task))
        .collect();
    requests
        .into_iter()
        .enumerate()
        .filter(|(at, _)| {
            sets.iter()
                .enumerate()
                .any(|(other, set)| other != *at && !sets[*at].is_subset(set))
        })
        .map(|(_, request)| request)
        .collect()
}
