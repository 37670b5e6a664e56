//! What tests of the conductor share: operations on a state, and a store that keeps only what changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use conductor::{
    Changes, Conductor, Definition, ItemReport, Offer, Record, RecordKey, Refusal, Report,
    RerunRequest, State, Status, Surroundings, TaskKey,
};
use pyvalue::{Dict, Value};
use serde_json::Value as Json;

/// A conductor of a definition, with expressions evaluated as upstream does.
pub(crate) fn conductor(definition: &str) -> Conductor {
    let document = yaml::to_json(definition).unwrap();
    let definition = Definition::from_json(&document).unwrap();
    let mut surroundings = Surroundings::default();
    surroundings.options.reevaluate = true;
    Conductor::new(Arc::new(definition), surroundings)
}

pub(crate) fn dict(json: &Json) -> Dict {
    let value = Value::from_json(json);
    value.as_dict().cloned().unwrap_or_default()
}

/// Something that happens.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    Next,
    Request(Status),
    Report(Report),
    Rerun(Option<Vec<RerunRequest>>),
}

impl Operation {
    pub(crate) fn apply(
        &self,
        conductor: &Conductor,
        state: &mut State,
    ) -> Result<(Vec<Offer>, Changes), Refusal> {
        match self {
            Self::Next => conductor.next(state),
            Self::Request(status) => conductor
                .request(state, *status)
                .map(|changes| (Vec::new(), changes)),
            Self::Report(report) => conductor
                .report(state, report)
                .map(|changes| (Vec::new(), changes)),
            Self::Rerun(tasks) => conductor
                .rerun(state, tasks.as_deref())
                .map(|changes| (Vec::new(), changes)),
        }
    }
}

pub(crate) fn task(id: &str, route: usize) -> TaskKey {
    TaskKey {
        id: id.into(),
        route,
    }
}

pub(crate) fn report(id: &str, route: usize, status: Status, result: &Json) -> Operation {
    Operation::Report(Report {
        task: task(id, route),
        status,
        result: Value::from_json(result),
        item: None,
    })
}

pub(crate) fn item_report(id: &str, item: usize, status: Status, results: &Json) -> Operation {
    Operation::Report(Report {
        task: task(id, 0),
        status,
        result: results.get(item).map_or(Value::None, Value::from_json),
        item: Some(ItemReport {
            item,
            results: Value::from_json(results),
        }),
    })
}

/// Every record of a state, as it is stored.
pub(crate) fn written(state: &State) -> BTreeMap<RecordKey, String> {
    state
        .records()
        .map(|(key, record)| (key, serde_json::to_string(&record).unwrap()))
        .collect()
}

/// A store of one execution.
#[derive(Debug, Default)]
pub(crate) struct Store(pub(crate) BTreeMap<RecordKey, String>);

impl Store {
    /// Writes what changed, and nothing else.
    pub(crate) fn write(&mut self, changes: &Changes, state: &State) {
        for key in changes.keys() {
            if let RecordKey::Items(of) = key {
                self.0
                    .retain(|key, _| !matches!(key, RecordKey::Item(id, _) if *id == of));
            }
        }
        for key in changes.keys() {
            match state.record(key) {
                Some(record) => {
                    self.0.insert(key, serde_json::to_string(&record).unwrap());
                }
                None => {
                    self.0.remove(&key);
                }
            }
        }
    }

    pub(crate) fn load(&self, conductor: &Conductor) -> State {
        let records = self.0.iter().map(|(key, text)| {
            let record: Record = serde_json::from_str(text).unwrap();
            (*key, record)
        });
        conductor.restore(records).unwrap()
    }
}
