//! No document, however odd, makes a check panic.

use std::path::Path;

use chrono::DateTime;
use model::IdSource;
use packs::Catalog;
use packs::definition::{self, Origin};
use proptest::prelude::*;
use serde_json::{Value, json};

fn key() -> impl Strategy<Value = String> {
    let keys = [
        "name",
        "ref",
        "pack",
        "version",
        "email",
        "author",
        "description",
        "runner_type",
        "parameters",
        "position",
        "immutable",
        "type",
        "trigger",
        "criteria",
        "action",
        "pattern",
        "class_name",
        "entry_point",
        "trigger_types",
        "poll_interval",
        "formats",
        "action_ref",
        "policy_type",
        "resource_ref",
        "timeout",
        "hour",
        "day",
        "tags",
        "notify",
    ];
    prop_oneof![
        proptest::sample::select(keys.to_vec()).prop_map(str::to_owned),
        "[a-c.é-]{0,3}"
    ]
}

fn document() -> impl Strategy<Value = Value> {
    let words = [
        "noop",
        "local-shell-cmd",
        "core.st2.CronTimer",
        "core.st2.webhook",
        "demo.x",
        "equals",
        "action.retry",
        "*/5",
        "2nd tue",
        "mon-fri",
        "1.0.0",
        "a@b.cd",
        "string",
        "object",
        "",
        "{{ x }}",
    ];
    let leaf = prop_oneof![
        proptest::sample::select(words.to_vec()).prop_map(|word| json!(word)),
        Just(Value::Null),
        any::<bool>().prop_map(|flag| json!(flag)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::vec((key(), inner), 0..8)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_definition_panics(mut document in document()) {
        // Most documents would fail for lack of these, and go no further.
        if let Some(members) = document.as_object_mut() {
            members.entry("name").or_insert(json!("a"));
            members.entry("runner_type").or_insert(json!("local-shell-cmd"));
        }
        let (catalog, ids) = (Catalog::built_in(), IdSource::new());
        let origin = Origin { pack: "demo", metadata_file: "x.yaml", ids: &ids, now: DateTime::UNIX_EPOCH };
        let complaints = [
            definition::pack(&document, &origin).err(),
            definition::config_schema(&document, &origin).err(),
            definition::action(&document, &origin, &catalog).err(),
            definition::rule(&document, &origin, &catalog).err(),
            definition::alias(&document, &origin).err(),
            definition::policy(&document, &origin).err(),
            definition::trigger_type(&document, &origin).err(),
            definition::sensor(&document, &origin, Path::new("/packs/demo")).err(),
            definition::check_config(&document, document.as_object()).err(),
        ];
        let root = yaml::parse(&document.to_string()).unwrap().root;
        for complaint in complaints.into_iter().flatten() {
            prop_assert!(!complaint.message.is_empty());
            prop_assert!(complaint.position(&root).is_some_and(|at| at.line >= 1));
        }
    }
}
