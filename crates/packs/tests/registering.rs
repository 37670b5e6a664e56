//! Registering into an embedded store.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use model::{
    Action, ActionAlias, IdSource, Pack, PackConfig, Policy, Rule, RunnerType, Sensor, Trigger,
    TriggerType,
};
use packs::{FileKind, Kinds, RegisterOptions, Report, register, register_built_in};
use secrets::Vault;
use serde_json::{Value, json};
use store::{DefinitionFilter, Store, StoreOptions};

struct Fixture {
    scratch: tempfile::TempDir,
    store: Store,
    vault: Vault,
    ids: IdSource,
    now: DateTime<Utc>,
}

impl Fixture {
    async fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("store.db");
        let store = Store::connect(&StoreOptions::Sqlite { path })
            .await
            .unwrap();
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        store.migrate(now).await.unwrap();
        let ids = IdSource::new();
        register_built_in(&store, &ids, now).await.unwrap();
        Self {
            scratch,
            store,
            vault: Vault::ephemeral(),
            ids,
            now,
        }
    }

    fn packs(&self) -> PathBuf {
        self.scratch.path().join("packs")
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.scratch.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn write_pack(&self, folder: &str, pack_ref: &str) {
        let head = "description: d\nversion: 1.0.0\nauthor: A\nemail: a@example.com\n";
        self.write(
            &format!("{folder}/pack.yaml"),
            &format!("name: {pack_ref}\nref: {pack_ref}\n{head}"),
        );
    }

    async fn register(&self, folders: &[PathBuf]) -> Report {
        self.register_kinds(folders, &Kinds::all()).await
    }

    async fn register_kinds(&self, folders: &[PathBuf], kinds: &Kinds) -> Report {
        self.register_as(folders, kinds, false).await
    }

    async fn start(&self) -> Report {
        self.register_as(&[self.packs()], &Kinds::all(), true).await
    }

    async fn register_as(
        &self,
        folders: &[PathBuf],
        kinds: &Kinds,
        keep_unchanged: bool,
    ) -> Report {
        let configs = self.scratch.path().join("configs");
        let options = RegisterOptions {
            keep_unchanged,
            ..self.options(kinds, &configs)
        };
        register(&self.store, folders, &options).await.unwrap()
    }

    fn options<'a>(&'a self, kinds: &'a Kinds, configs: &'a Path) -> RegisterOptions<'a> {
        RegisterOptions {
            kinds,
            packs: None,
            configs: Some(configs),
            vault: &self.vault,
            ids: &self.ids,
            now: self.now,
            keep_unchanged: false,
            installed: None,
            without: &[],
            brought: None,
        }
    }

    async fn find<D: store::Definition>(&self, reference: &str) -> Option<D> {
        self.store.find::<D>(reference).await.unwrap()
    }
}

fn failures(report: &Report) -> Vec<String> {
    report
        .failures()
        .map(|result| format!("{}: {}", result.file, result.error.as_deref().unwrap()))
        .collect()
}

#[tokio::test]
async fn stores_what_a_pack_brings() {
    let fixture = Fixture::new().await;
    fixture.write_pack("packs/demo", "demo");
    fixture.write(
        "packs/demo/actions/a.yaml",
        "name: a\nrunner_type: noop\nparameters:\n  z: {}\n  b: {}\n",
    );
    fixture.write(
        "packs/demo/sensors/s.yaml",
        "class_name: S\nentry_point: s.py\npoll_interval: 30\ntrigger_types:\n  - name: seen\n",
    );
    fixture.write(
        "packs/demo/rules/r.yaml",
        "name: r\nenabled: yes\ntrigger: {type: demo.seen}\naction: {ref: demo.a}\n",
    );

    let report = fixture.register(&[fixture.packs()]).await;

    assert_eq!(failures(&report), [""; 0]);
    assert_eq!(report.packs, ["demo"]);
    assert_eq!(
        (
            report.counts[&FileKind::Action],
            report.counts[&FileKind::Rule]
        ),
        (1, 1)
    );
    let pack: Pack = fixture.find("demo").await.unwrap();
    assert_eq!(
        pack.files,
        [
            "actions/a.yaml",
            "pack.yaml",
            "rules/r.yaml",
            "sensors/s.yaml"
        ]
    );
    let action: Action = fixture.find("demo.a").await.unwrap();
    assert_eq!(
        (action.uid.as_str(), action.metadata_file.as_str()),
        ("action:demo:a", "actions/a.yaml")
    );
    assert_eq!(action.parameters.keys().collect::<Vec<_>>(), ["z", "b"]);
    let sensor: Sensor = fixture.find("demo.S").await.unwrap();
    assert_eq!(
        (sensor.entry_point.as_str(), sensor.trigger_types.as_slice()),
        ("sensors.s.S", &["demo.seen".to_owned()][..])
    );
    assert!(
        sensor.artifact_uri.starts_with("file:///")
            && sensor.artifact_uri.ends_with("/packs/demo/sensors/s.py")
    );
    let rule: Rule = fixture.find("demo.r").await.unwrap();
    assert_eq!(
        (rule.enabled, rule.trigger.trigger_ref.as_str()),
        (true, "demo.seen")
    );
    assert!(fixture.find::<Trigger>("demo.seen").await.is_some());
}

#[tokio::test]
async fn registering_again_changes_nothing_and_takes_away_what_is_gone() {
    let fixture = Fixture::new().await;
    fixture.write_pack("packs/demo", "demo");
    fixture.write("packs/demo/actions/a.yaml", "name: a\nrunner_type: noop\n");
    fixture.write("packs/demo/actions/b.yaml", "name: b\nrunner_type: noop\n");
    fixture.register(&[fixture.packs()]).await;
    let first: Action = fixture.find("demo.a").await.unwrap();
    std::fs::remove_file(fixture.packs().join("demo/actions/b.yaml")).unwrap();

    fixture.register(&[fixture.packs()]).await;

    assert_eq!(fixture.find::<Action>("demo.a").await, Some(first));
    assert_eq!(fixture.find::<Action>("demo.b").await, None);
}

#[tokio::test]
async fn a_file_that_breaks_keeps_what_it_registered_before() {
    let fixture = Fixture::new().await;
    fixture.write_pack("packs/demo", "demo");
    fixture.write("packs/demo/actions/a.yaml", "name: a\nrunner_type: noop\n");
    fixture.write(
        "packs/demo/rules/r.yaml",
        "name: r\ntrigger: {type: core.st2.webhook, parameters: {url: x}}\naction: {ref: demo.a}\n",
    );
    fixture.register(&[fixture.packs()]).await;
    let rule: Rule = fixture.find("demo.r").await.unwrap();
    fixture.write("packs/demo/actions/a.yaml", "name: a\nrunner_type: nop\n");
    fixture.write(
        "packs/demo/rules/r.yaml",
        "name: r\ntrigger: {type: nowhere.x}\naction: {ref: demo.a}\n",
    );

    let report = fixture.register(&[fixture.packs()]).await;

    assert_eq!(report.failures().count(), 2);
    assert_eq!(
        fixture.find::<Action>("demo.a").await.unwrap().runner_type,
        "noop"
    );
    assert_eq!(
        fixture.find::<Rule>("demo.r").await.unwrap().trigger,
        rule.trigger
    );
}

#[tokio::test]
async fn a_pack_that_the_engine_brings_counts_where_no_other_folder_has_it() {
    let fixture = Fixture::new().await;
    for pack in ["brought/core", "brought/linux", "packs/mine"] {
        let name = pack.rsplit('/').next().unwrap().replace("mine", "core");
        fixture.write_pack(pack, &name);
        fixture.write(
            &format!("{pack}/actions/a.yaml"),
            &format!("name: a\nrunner_type: noop\ndescription: of {pack}\n"),
        );
    }
    let (kinds, configs) = (Kinds::all(), fixture.scratch.path().join("configs"));
    let brought = fixture.scratch.path().join("brought");
    let options = RegisterOptions {
        keep_unchanged: true,
        brought: Some(&brought),
        ..fixture.options(&kinds, &configs)
    };
    let description = async |action: &str| {
        let action = fixture.find::<model::Action>(action).await.unwrap();
        action.description.unwrap()
    };

    for folders in [vec![fixture.packs()], vec![], vec![fixture.packs()]] {
        let report = register(&fixture.store, &folders, &options).await.unwrap();
        assert_eq!(failures(&report), [""; 0]);
        assert_eq!(description("linux.a").await, "of brought/linux");
        let of_core = if folders.is_empty() {
            "of brought/core"
        } else {
            "of packs/mine"
        };
        assert_eq!(description("core.a").await, of_core);
    }
}

#[tokio::test]
async fn the_second_pack_with_a_ref_is_refused_and_both_folders_are_named() {
    let fixture = Fixture::new().await;
    fixture.write_pack("packs/one", "demo");
    fixture.write_pack("packs/two", "demo");
    fixture.write("packs/one/actions/a.yaml", "name: a\nrunner_type: noop\n");
    fixture.write("packs/two/actions/b.yaml", "name: b\nrunner_type: noop\n");

    let report = fixture.register(&[fixture.packs()]).await;

    let folder = |name: &str| fixture.packs().join(name).display().to_string();
    let words = format!(
        "the pack \"demo\" is in {} and in {}; only the first is registered",
        folder("one"),
        folder("two")
    );
    assert_eq!(failures(&report), [format!("pack.yaml: {words}")]);
    assert!(
        fixture.find::<Action>("demo.a").await.is_some()
            && fixture.find::<Action>("demo.b").await.is_none()
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_workflow_is_warned_of() {
    let fixture = Fixture::new().await;
    fixture.write_pack("packs/demo", "demo");
    fixture.write(
        "packs/demo/actions/w.yaml",
        "name: w\nrunner_type: orquesta\nentry_point: workflows/w.yaml\n",
    );
    fixture.write(
        "packs/demo/actions/workflows/w.yaml",
        "version: 1.0\ntasks:\n  t: {}\n  u:\n    action: core.noop\n    next:\n      - do: v\n",
    );

    let report = fixture.register(&[fixture.packs()]).await;

    assert_eq!(failures(&report), [""; 0]);
    let warnings: Vec<&str> = report
        .warnings()
        .map(|(_, warning)| {
            warning
                .excerpt
                .lines()
                .next()
                .unwrap()
                .rsplit("w.yaml:")
                .next()
                .unwrap()
        })
        .collect();
    assert_eq!(
        warnings,
        [
            r#"7:13: warning: `tasks.u.next[0].do`: The task "v" is not defined."#,
            "3:6: warning: `tasks.t`: {} should be non-empty",
        ]
    );
    assert!(fixture.find::<Action>("demo.w").await.is_some());
}

#[tokio::test]
async fn configurations_are_checked_and_their_secrets_sealed() {
    let fixture = Fixture::new().await;
    let schema = "key: {type: string, secret: true}\nregion: {type: string, default: eu}\n";
    for pack in ["good", "bad"] {
        fixture.write_pack(&format!("packs/{pack}"), pack);
        fixture.write(&format!("packs/{pack}/config.schema.yaml"), schema);
    }
    fixture.write("configs/good.yaml", "key: s3cret\n");
    fixture.write("configs/bad.yaml", "key: [1]\n");

    let report = fixture.register(&[fixture.packs()]).await;

    let config: PackConfig = fixture.find("good").await.unwrap();
    assert!(
        config.values.get("region").is_none(),
        "defaults are not stored"
    );
    assert_eq!(
        fixture.vault.open_value(&config.values["key"]).unwrap(),
        json!("s3cret")
    );
    assert!(fixture.find::<PackConfig>("bad").await.is_none());
    assert!(
        failures(&report)[0].ends_with(
            "configs/bad.yaml: \"key\" does not meet `type: string` of its schema; what is given is not shown, since it \
             is or holds a secret"
        ),
        "{report:?}"
    );
}

/// Warnings go to logs and screens.
#[tokio::test]
async fn what_is_odd_about_a_configuration_is_told_without_its_lines() {
    let fixture = Fixture::new().await;
    fixture.write_pack("packs/demo", "demo");
    fixture.write(
        "packs/demo/config.schema.yaml",
        "key: {type: string, secret: true}\n",
    );
    fixture.write("configs/demo.yaml", "key: first\nkey: s3cret {{ foo }}\n");

    let report = fixture.register(&[fixture.packs()]).await;

    let told: Vec<&str> = report
        .warnings()
        .map(|(_, warning)| warning.excerpt.as_str())
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("demo.yaml:2:1: warning: the key `key` stands in line 1 already"));
    assert!(
        !told.iter().any(|excerpt| excerpt.contains("s3cret")),
        "{told:?}"
    );
}

#[tokio::test]
async fn only_the_kinds_asked_for_are_registered() {
    let fixture = Fixture::new().await;
    fixture.write_pack("packs/demo", "demo");
    fixture.write("packs/demo/actions/a.yaml", "name: a\nrunner_type: noop\n");
    fixture.write(
        "packs/demo/rules/r.yaml",
        "name: r\ntrigger: {type: core.st2.webhook, parameters: {url: x}}\naction: {ref: demo.a}\n",
    );

    let report = fixture
        .register_kinds(&[fixture.packs()], &Kinds::named(&["rules"]).unwrap())
        .await;

    assert_eq!(report.counts.get(&FileKind::Action), None);
    assert!(
        fixture.find::<Rule>("demo.r").await.is_some()
            && fixture.find::<Action>("demo.a").await.is_none()
    );
}

#[tokio::test]
async fn packs_may_refer_to_trigger_types_of_packs_that_come_later() {
    let fixture = Fixture::new().await;
    fixture.write_pack("packs/aaa", "aaa");
    fixture.write(
        "packs/aaa/rules/r.yaml",
        "name: r\ntrigger: {type: zzz.seen}\naction: {ref: core.noop}\n",
    );
    fixture.write_pack("packs/zzz", "zzz");
    fixture.write("packs/zzz/triggers/seen.yaml", "name: seen\n");

    let report = fixture.register(&[fixture.packs()]).await;

    assert_eq!(failures(&report), [""; 0]);
}

#[tokio::test]
async fn the_engines_own_definitions_are_there_and_stay_the_same() {
    let fixture = Fixture::new().await;
    let all = DefinitionFilter::default();
    let runners = fixture.store.all::<RunnerType>(&all).await.unwrap();
    let types = fixture.store.all::<TriggerType>(&all).await.unwrap();
    let triggers = fixture.store.all::<Trigger>(&all).await.unwrap();

    register_built_in(&fixture.store, &fixture.ids, fixture.now)
        .await
        .unwrap();

    assert_eq!(
        fixture.store.all::<RunnerType>(&all).await.unwrap(),
        runners
    );
    assert_eq!(fixture.store.all::<TriggerType>(&all).await.unwrap(), types);
    assert_eq!(fixture.store.all::<Trigger>(&all).await.unwrap(), triggers);
    let (built_in, internal) = (model::built_in_runners(), model::internal_trigger_types());
    let simple = internal
        .iter()
        .filter(|one| one.parameters_schema.is_empty())
        .count();
    assert_eq!(
        (runners.len(), types.len(), triggers.len()),
        (built_in.len(), internal.len(), simple)
    );
}

#[tokio::test]
async fn many_may_register_at_the_same_time() {
    let fixture = Fixture::new().await;
    for name in ["one", "two", "three"] {
        fixture.write_pack(&format!("packs/{name}"), name);
        fixture.write(
            &format!("packs/{name}/actions/a.yaml"),
            "name: a\nrunner_type: noop\n",
        );
        fixture.write(&format!("packs/{name}/triggers/t.yaml"), "name: t\n");
        fixture.write(
            &format!("packs/{name}/rules/r.yaml"),
            &format!("name: r\ntrigger: {{type: {name}.t}}\naction: {{ref: {name}.a}}\n"),
        );
    }
    let folders = [fixture.packs()];

    let (a, b, c) = tokio::join!(
        fixture.register(&folders),
        fixture.register(&folders),
        fixture.register(&folders)
    );

    assert_eq!(
        [&a, &b, &c].map(|report| report.failures().count()),
        [0, 0, 0]
    );
    let rules = fixture
        .store
        .all::<Rule>(&DefinitionFilter::default())
        .await
        .unwrap();
    assert_eq!(rules.len(), 3);
    let own = |trigger: &&Trigger| trigger.pack != "core";
    let triggers = fixture
        .store
        .all::<Trigger>(&DefinitionFilter::default())
        .await
        .unwrap();
    assert_eq!(triggers.iter().filter(own).count(), 3);
}

/// All objects in a recorded answer that came from a file of the pack `gold`.
fn recorded(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| recorded(item, found)),
        Value::Object(members) => {
            let is_from_file = value["metadata_file"]
                .as_str()
                .is_some_and(|file| !file.is_empty() && !file.contains('<'));
            if is_from_file
                && value["uid"]
                    .as_str()
                    .is_some_and(|uid| uid.contains(":gold:"))
            {
                found.push(value.clone());
            } else {
                members.values().for_each(|member| recorded(member, found));
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn definitions_look_as_a_real_stackstorm_shows_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/rest");
    let Ok(rows) = std::fs::read_to_string(folder.join("rest.jsonl")) else {
        eprintln!("SKIPPED: there are no recordings in {}", folder.display());
        return;
    };
    let fixture = Fixture::new().await;
    let report = fixture.register(&[folder.join("packs")]).await;
    assert_eq!(failures(&report), [""; 0]);
    let mut found = Vec::new();
    for row in rows.lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        recorded(&row["response"]["body"], &mut found);
    }

    let (mut compared, mut differences) = (0, Vec::new());
    for theirs in found {
        let reference = theirs["ref"].as_str().unwrap_or_default();
        let ours = match theirs["uid"].as_str().unwrap().split(':').next().unwrap() {
            "action" => json!(fixture.find::<Action>(reference).await),
            "rule" => json!(fixture.find::<Rule>(reference).await),
            "sensor_type" => json!(fixture.find::<Sensor>(reference).await),
            "trigger_type" => json!(fixture.find::<TriggerType>(reference).await),
            "policy" => json!(fixture.find::<Policy>(reference).await),
            "action_alias" => json!(fixture.find::<ActionAlias>(reference).await),
            _ => continue,
        };
        compared += 1;
        for (key, theirs) in theirs.as_object().unwrap() {
            let is_placeholder = theirs.to_string().contains('<') || key == "id";
            if !is_placeholder && !shows(theirs, &ours[key]) {
                differences.push(format!(
                    "{reference} {key}: theirs {theirs}, ours {}",
                    ours[key]
                ));
            }
        }
    }

    assert!(compared > 20, "{compared}");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Whether a view shows what is stored: it may add members (runner parameters, an action's description) and masks.
fn shows(view: &Value, stored: &Value) -> bool {
    match (view, stored) {
        (Value::Object(view), Value::Object(stored)) => stored
            .iter()
            .all(|(key, value)| view.get(key).is_some_and(|shown| shows(shown, value))),
        _ => view == stored || view == "********",
    }
}

#[tokio::test]
async fn registers_a_hundred_real_packs_into_one_store() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/packs");
    if !corpus.join("expected.jsonl").is_file() {
        eprintln!("SKIPPED: there are no packs at {}", corpus.display());
        return;
    }
    let fixture = Fixture::new().await;

    let report = fixture.register(&[corpus]).await;

    let metadata = report
        .failures()
        .filter(|result| result.kind != FileKind::Workflow)
        .count();
    assert_eq!((report.packs.len(), metadata), (108, 5));
    // Of two files of a pack that state one name the later counts.
    let actions = report
        .results
        .iter()
        .filter(|result| result.kind == FileKind::Action);
    let replaced = actions
        .flat_map(|result| &result.warnings)
        .filter(|warning| warning.message.contains("is defined in"));
    let stored = fixture
        .store
        .all::<Action>(&DefinitionFilter::default())
        .await
        .unwrap();
    assert_eq!(
        stored.len() + replaced.count(),
        report.counts[&FileKind::Action]
    );
}

#[tokio::test]
async fn passes_over_packs_whose_files_did_not_change_at_a_start() {
    let fixture = Fixture::new().await;
    fixture.write_pack("packs/demo", "demo");
    fixture.write("packs/demo/actions/a.yaml", "name: a\nrunner_type: noop\n");
    fixture.write("configs/demo.yaml", "url: x\n");

    let first = fixture.start().await;
    let second = fixture.start().await;
    fixture.write("configs/demo.yaml", "url: other\n");
    let third = fixture.start().await;

    assert_eq!(
        (first.packs, first.unchanged),
        (vec!["demo".into()], vec![])
    );
    assert_eq!(
        (second.packs, second.unchanged),
        (vec![], vec!["demo".into()])
    );
    assert_eq!(
        (third.packs, third.unchanged),
        (vec!["demo".into()], vec![])
    );
    let config = fixture.find::<PackConfig>("demo").await.unwrap();
    assert_eq!(Value::Object(config.values), json!({"url": "other"}));
}

#[tokio::test]
async fn complains_about_a_broken_file_at_every_start() {
    let fixture = Fixture::new().await;
    fixture.write_pack("packs/demo", "demo");
    fixture.write("packs/demo/actions/a.yaml", "name: a\n");

    let first = fixture.start().await;
    let second = fixture.start().await;

    assert_eq!(failures(&first).len(), 1);
    assert_eq!(failures(&second), failures(&first));
}

#[tokio::test]
async fn keeps_what_was_changed_by_api_at_a_start() {
    let fixture = Fixture::new().await;
    fixture.write_pack("packs/demo", "demo");
    fixture.write("packs/demo/actions/a.yaml", "name: a\nrunner_type: noop\n");
    fixture.start().await;
    let mut action = fixture.find::<Action>("demo.a").await.unwrap();
    action.enabled = false;
    fixture.store.save(action).await.unwrap();
    let mut runner = fixture.find::<RunnerType>("noop").await.unwrap();
    runner.enabled = false;
    fixture.store.save(runner).await.unwrap();

    // Another file of the pack is new, so that the pack is read again.
    fixture.write("packs/demo/actions/b.yaml", "name: b\nrunner_type: noop\n");
    register_built_in(&fixture.store, &fixture.ids, fixture.now)
        .await
        .unwrap();
    fixture.start().await;
    assert!(fixture.find::<Action>("demo.b").await.is_some());
    assert!(!fixture.find::<Action>("demo.a").await.unwrap().enabled);
    assert!(!fixture.find::<RunnerType>("noop").await.unwrap().enabled);

    fixture.register(&[fixture.packs()]).await;
    assert!(fixture.find::<Action>("demo.a").await.unwrap().enabled);
}

#[tokio::test]
async fn an_operators_overrides_count_until_they_go() {
    let fixture = Fixture::new().await;
    fixture.write_pack("packs/demo", "demo");
    for name in ["a", "b"] {
        let rule = format!(
            "name: {name}\nenabled: true\ntrigger: {{type: core.st2.webhook, parameters: {{url: {name}}}}}\naction: {{ref: core.noop}}\n"
        );
        fixture.write(&format!("packs/demo/rules/{name}.yaml"), &rule);
    }
    let enabled = async |name: &str| {
        let rule = fixture.find::<model::Rule>(&format!("demo.{name}")).await;
        rule.map(|rule| rule.enabled)
    };

    fixture.write(
        "overrides/_global.yaml",
        "rules: {defaults: {enabled: false}}\n",
    );
    fixture.start().await;
    assert_eq!(
        (enabled("a").await, enabled("b").await),
        (Some(false), Some(false))
    );

    // A file that comes is seen at the next start, though no file of the pack has changed.
    fixture.write(
        "overrides/demo.yaml",
        "rules: {exceptions: {b: {enabled: true}}}\n",
    );
    let report = fixture.start().await;
    assert_eq!(report.packs, ["demo"]);
    assert_eq!(
        (enabled("a").await, enabled("b").await),
        (Some(false), Some(true))
    );
    assert_eq!(fixture.start().await.unchanged, ["demo"]);

    // One that is broken changes nothing, and says so.
    fixture.write(
        "overrides/demo.yaml",
        "rules: {exceptions: {b: {enabld: false}}}\n",
    );
    let report = fixture.start().await;
    let said = failures(&report).join("\n");
    assert!(
        said.contains("overrides/demo.yaml:1:26 cannot be used: `enabld` cannot be overridden"),
        "{said}"
    );
    assert_eq!(enabled("b").await, Some(true));
}
