//! Messages of a size that brokers like.

use model::TriggerInstance;
use serde_json::Value;

/// A message stays below this, roughly, unless one instance alone is bigger.
const MESSAGE_BYTES: usize = 900_000;
/// What an instance takes besides its payload.
const ENVELOPE_BYTES: usize = 400;

/// Splits instances into messages, keeping their order.
pub(crate) fn messages(instances: Vec<TriggerInstance>) -> Vec<bus::EventsStored> {
    let mut messages = Vec::new();
    let mut current = Vec::new();
    let mut bytes = 0;
    for instance in instances {
        let size = ENVELOPE_BYTES + estimate(&instance.payload);
        if bytes + size > MESSAGE_BYTES && !current.is_empty() {
            messages.push(bus::EventsStored {
                instances: std::mem::take(&mut current),
            });
            bytes = 0;
        }
        bytes += size;
        current.push(instance);
    }
    if !current.is_empty() {
        messages.push(bus::EventsStored { instances: current });
    }
    messages
}

/// Bytes of a value as JSON, more or less, without writing it.
fn estimate(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 12,
        Value::String(text) => text.len() + 3,
        Value::Array(items) => 2 + items.iter().map(|item| estimate(item) + 1).sum::<usize>(),
        Value::Object(members) => {
            2 + members
                .iter()
                .map(|(key, item)| key.len() + 4 + estimate(item))
                .sum::<usize>()
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{IdSource, TraceContext, TriggerInstanceStatus};
    use serde_json::json;

    use super::*;

    fn instance(payload: Value) -> TriggerInstance {
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let ids = IdSource::new();
        TriggerInstance {
            id: ids.next(now),
            trigger: "demo.hook".into(),
            trigger_type: "demo.hook".into(),
            payload,
            occurrence_time: now,
            status: TriggerInstanceStatus::Pending,
            status_reason: None,
            trace: TraceContext {
                id: ids.next(now),
                tag: "demo".into(),
            },
            caused_by: None,
        }
    }

    #[test]
    fn puts_small_instances_into_one_message() {
        let sent = messages((0..100).map(|n| instance(json!({ "n": n }))).collect());

        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].instances[99].payload, json!({ "n": 99 }));
    }

    #[test]
    fn splits_before_a_message_grows_past_a_megabyte() {
        let big = json!({ "text": "x".repeat(400_000) });

        let sent = messages(vec![
            instance(big.clone()),
            instance(big.clone()),
            instance(big),
        ]);

        let counts: Vec<usize> = sent.iter().map(|message| message.instances.len()).collect();
        assert_eq!(counts, [2, 1]);
        assert!(
            sent.iter()
                .all(|message| serde_json::to_string(message).unwrap().len() < 1_000_000)
        );
    }

    #[test]
    fn sends_an_instance_that_is_too_big_alone() {
        let sent = messages(vec![
            instance(json!(1)),
            instance(json!("x".repeat(2_000_000))),
            instance(json!(2)),
        ]);

        assert_eq!(sent.len(), 3);
    }

    #[test]
    fn sends_nothing_for_nothing() {
        assert!(messages(Vec::new()).is_empty());
    }
}
