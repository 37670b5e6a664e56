//! A run that was stored and restored goes on as one that was not.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::THREE;
use crate::run::stand::Stand;
use crate::{Changes, NotExpected, Refusal, Report, RestoreError, Run, Status, Step};

const CHAIN: &str = "
vars: {v: '{{ given }}', count: 0}
chain:
  - name: a
    ref: x.a
    params: {all: '{{ __results }}', v: '{{ v }}'}
    publish: {v: '{{ a.out }}', 'n{{ 1 }}': ['{{ v }}', 1]}
    on-success: b
    on-failure: c
  - {name: b, ref: x.b, params: {v: '{{ v }}', u: '{{ action_context.parent.user }}'}, on-success: a, on-failure: c}
  - {name: c, ref: x.c, params: {v: '{{ v }}', deep: {r: ['{{ a.out | default(1) }}']}}, on-success: b}
default: a
";

#[derive(Debug, Clone)]
enum Event {
    Requested,
    Refused(Refusal),
    Report(Status, u8),
    Pause,
    Resume,
    Cancel,
}

fn event() -> impl Strategy<Value = Event> {
    let statuses = prop_oneof![
        8 => Just(Status::Succeeded),
        4 => prop::sample::select(Status::ALL.to_vec()),
    ];
    prop_oneof![
        10 => Just(Event::Requested),
        1 => Just(Event::Refused(Refusal::Request("no".to_owned()))),
        10 => (statuses, any::<u8>()).prop_map(|(status, out)| Event::Report(status, out)),
        1 => Just(Event::Pause),
        2 => Just(Event::Resume),
        1 => prop::bool::weighted(0.2).prop_map(|is_end| if is_end { Event::Cancel } else { Event::Resume }),
    ]
}

fn apply(stand: &mut Stand, at: usize, event: &Event) -> Result<Changes, NotExpected> {
    let time = format!("t{at}");
    match event {
        Event::Requested => stand.run.requested(&format!("e{at}"), &time),
        Event::Refused(refusal) => stand.run.refused(&stand.chain, refusal, &time),
        Event::Report(status, out) => {
            let active = stand
                .run
                .active()
                .and_then(|task| task.execution_id.clone());
            // Now and then nothing that can be published.
            let result = if *out > 250 {
                json!({})
            } else {
                json!({"out": out})
            };
            let report = Report {
                execution_id: active.unwrap_or_default(),
                status: *status,
                result,
                at: time,
            };
            stand.run.report(&stand.chain, &stand.surroundings, report)
        }
        Event::Pause => stand.run.pause(),
        Event::Resume => stand.run.resume(),
        Event::Cancel => stand.run.cancel(),
    }
}

proptest! {
    #[test]
    fn restored_after_each_step_it_is_as_if_never_stored(events in prop::collection::vec(event(), 1..40)) {
        let given = json!({"given": "g"});
        let (mut kept, mut restored) = (Stand::new(CHAIN, &given), Stand::new(CHAIN, &given));
        let mut stored: BTreeMap<String, String> = restored.run.records().into_iter().collect();
        for (at, event) in events.iter().enumerate() {
            let before = kept.run.records();
            let outcome = apply(&mut kept, at, event);
            prop_assert_eq!(&apply(&mut restored, at, event), &outcome);
            if let Ok(changes) = outcome {
                prop_assert!(changes.len() <= 2, "a step changes one task at most");
                stored.extend(changes);
            } else {
                prop_assert_eq!(&kept.run.records(), &before);
            }
            let (step, changes) = kept.run.next(&kept.chain, &kept.surroundings);
            prop_assert_eq!(&restored.next(), &step);
            stored.extend(changes);

            restored.run = Run::restore(stored.clone()).unwrap();

            prop_assert_eq!(restored.run.records(), kept.run.records());
            prop_assert_eq!(restored.run.result(), kept.run.result());
            prop_assert_eq!(restored.next(), step.clone());
            let is_ended = matches!(step, Step::End { .. });
            prop_assert_eq!(is_ended, kept.run.status().is_final());
        }
    }
}

#[test]
fn a_step_writes_the_task_and_where_the_run_stands_and_nothing_else() {
    let mut stand = Stand::new(THREE, &json!({}));
    stand.requested();
    stand.report(Status::Succeeded, json!({}));
    stand.requested();

    let changes = stand.report(Status::Succeeded, json!({"x": 1}));

    let keys: Vec<&str> = changes.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["task/1", "current"]);
    let current: Value = serde_json::from_str(&changes[1].1).unwrap();
    assert_eq!(
        current,
        json!({"status": "running", "is_pause_wanted": false, "next": {"task": "c3"}, "outcome": "succeeded", "error": null})
    );
}

#[test]
fn records_that_make_no_run_are_refused() {
    let mut stand = Stand::new(THREE, &json!({}));
    stand.task(Status::Succeeded, json!({}));
    stand.task(Status::Succeeded, json!({}));
    let without = |gone: &str| {
        let records = stand.run.records().into_iter();
        Run::restore(records.filter(|(key, _)| key != gone)).unwrap_err()
    };
    for key in ["start", "current", "task/0"] {
        assert_eq!(without(key), RestoreError::Missing(key.to_owned()));
        assert_eq!(
            without(key).to_string(),
            format!("the record \"{key}\" of the chain's run is missing")
        );
    }
    let with = |key: &str, text: &str| {
        let more = [(key.to_owned(), text.to_owned())];
        Run::restore(stand.run.records().into_iter().chain(more)).unwrap_err()
    };
    assert_eq!(
        with("entry/1", "{}"),
        RestoreError::Unknown("entry/1".to_owned())
    );
    let unreadable = with("task/1", "{").to_string();
    assert!(
        unreadable.starts_with("the record \"task/1\" of the chain's run cannot be read: "),
        "{unreadable}"
    );
}
