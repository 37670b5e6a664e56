//! A run of a task that has not ended yet.

use conductor::{ActionRequest, Status};
use pyvalue::Value;
use serde_json::json;

use super::{End, to_json};
use crate::outcome::Outcome;
use crate::{ItemRun, Run};

pub(super) struct UnderWay {
    /// Its index in the story.
    pub(super) run: usize,
    /// Seconds before it, or an item of it, starts.
    pub(super) delay: u64,
    outcome: Outcome,
    /// Of a task with items: each as a text, and its result, null where there is none yet.
    texts: Vec<String>,
    results: Vec<Value>,
}

impl UnderWay {
    pub(super) fn new(at: usize, run: &Run, outcome: Outcome, texts: Vec<String>) -> Self {
        Self {
            run: at,
            delay: run.delay,
            outcome,
            results: vec![Value::None; texts.len()],
            texts,
        }
    }

    /// Notes that an action starts; what it comes to.
    pub(super) fn start(&self, runs: &mut [Run], request: &ActionRequest) -> Outcome {
        let (action, input) = (to_json(&request.action), to_json(&request.input));
        let run = runs.get_mut(self.run);
        let Some(at) = request.item else {
            if let Some(run) = run {
                (run.action, run.input) = (action, input);
            }
            return self.outcome.clone();
        };
        let text = self.texts.get(at).cloned().unwrap_or_default();
        let outcome = self.outcome.of_item(at, &text);
        if let Some(items) = run.and_then(|run| run.items.as_mut()) {
            items.push(ItemRun {
                at,
                text,
                status: Status::Running,
                action,
                input,
            });
        }
        outcome
    }

    /// Notes what an item has come to.
    pub(super) fn note(&mut self, runs: &mut [Run], item: usize, end: &End) {
        let items = runs.get_mut(self.run).and_then(|run| run.items.as_mut());
        let found = items.and_then(|items| items.iter_mut().find(|one| one.at == item));
        if let Some(found) = found {
            found.status = end.status;
        }
        if let Some(result) = self.results.get_mut(item)
            && end.status.is_completed()
        {
            *result = end.result.clone();
        }
    }

    /// The results of all items.
    pub(super) fn results(&self) -> Value {
        Value::list(self.results.clone())
    }

    /// What `task()` shows as the result of a task with items.
    pub(super) fn shown(&self, runs: &[Run]) -> Value {
        let items = runs.get(self.run).and_then(|run| run.items.as_deref());
        let item = |item: &ItemRun| {
            let result = self.results.get(item.at).map(to_json);
            json!({ "result": result, "status": item.status.as_str() })
        };
        let items: Vec<_> = items.unwrap_or_default().iter().map(item).collect();
        Value::from_json(&json!({ "items": items }))
    }
}

/// What a run that is tried again came to.
pub(super) fn came_to(run: &Run, reported: Status) -> Status {
    match &run.items {
        None => reported,
        Some(items) if items.iter().any(|item| item.status.is_abended()) => Status::Failed,
        Some(_) => Status::Succeeded,
    }
}

/// Items as test files name them: texts as they are, the rest as JSON.
pub(super) fn item_texts(values: Option<&Value>) -> Vec<String> {
    let text = |value: &Value| match value.as_str() {
        Some(text) => text.to_owned(),
        None => to_json(value).to_string(),
    };
    let items = values.and_then(Value::as_items).unwrap_or_default();
    items.iter().map(text).collect()
}
