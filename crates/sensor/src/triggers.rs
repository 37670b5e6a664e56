//! Which triggers of its types a sensor has been told of, and what is to be told next.

use std::collections::BTreeMap;
use std::sync::Arc;

use intake::TriggerTable;
use model::{Sensor, Trigger};

/// What a sensor has been told.
#[derive(Debug, Default)]
pub(crate) struct Told(BTreeMap<String, Arc<Trigger>>);

/// What is to be told; the words of the worker's protocol.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) what: &'static str,
    pub(crate) trigger: Arc<Trigger>,
}

impl Told {
    /// Takes note of the triggers as they are now, and says what has changed: what is gone comes first.
    pub(crate) fn follow(&mut self, sensor: &Sensor, table: &TriggerTable) -> Vec<Change> {
        let now: BTreeMap<String, Arc<Trigger>> = table
            .triggers
            .values()
            .filter(|trigger| sensor.trigger_types.contains(&trigger.type_ref))
            .map(|trigger| (trigger.id.to_string(), Arc::clone(trigger)))
            .collect();
        let change = |what, trigger: &Arc<Trigger>| Change {
            what,
            trigger: Arc::clone(trigger),
        };
        let gone = self.0.iter().filter(|(id, _)| !now.contains_key(*id));
        let mut changes: Vec<Change> = gone.map(|(_, trigger)| change("remove", trigger)).collect();
        for (id, trigger) in &now {
            match self.0.get(id) {
                None => changes.push(change("add", trigger)),
                Some(before) if before != trigger => changes.push(change("update", trigger)),
                Some(_) => {}
            }
        }
        self.0 = now;
        changes
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn trigger(id: u8, kind: &str, parameter: &str) -> Trigger {
        let written = json!({
            "uid": "", "ref": format!("p.t{id}"), "name": format!("t{id}"), "pack": "p", "type": kind,
            "parameters": {"x": parameter}, "id": format!("{id:024x}"),
        });
        serde_json::from_value(written).unwrap()
    }

    fn sensor() -> Sensor {
        let written = json!({
            "uid": "", "ref": "p.Watch", "name": "Watch", "pack": "p", "artifact_uri": "", "entry_point": "",
            "trigger_types": ["p.mine"], "enabled": true, "id": format!("{:024x}", 1),
        });
        serde_json::from_value(written).unwrap()
    }

    #[test]
    fn tells_what_came_changed_and_went_of_the_sensors_types() {
        let mut told = Told::default();
        let mut follow = |triggers: Vec<Trigger>| {
            let table = TriggerTable::new(triggers, Vec::new(), &[]);
            let changes = told.follow(&sensor(), &table);
            let shown = changes
                .iter()
                .map(|change| format!("{} {}", change.what, change.trigger.trigger_ref));
            shown.collect::<Vec<_>>()
        };
        let (one, two) = (trigger(1, "p.mine", "a"), trigger(2, "p.mine", "b"));

        assert_eq!(
            follow(vec![one.clone(), trigger(3, "p.other", "a")]),
            ["add p.t1"]
        );
        assert!(follow(vec![one]).is_empty());
        assert_eq!(
            follow(vec![trigger(1, "p.mine", "z"), two.clone()]),
            ["update p.t1", "add p.t2"]
        );
        assert_eq!(follow(vec![two]), ["remove p.t1"]);
    }
}
