//! Agreement with StackStorm's registrars on real packs, and on edits of them.

#![expect(
    clippy::unwrap_used,
    reason = "a broken vector file must fail the test"
)]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use chrono::DateTime;
use model::IdSource;
use packs::{Catalog, FileResult, read_pack};
use serde_json::{Value, json};

fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/packs");
    if folder.join("expected.jsonl").is_file() {
        return Some(folder);
    }
    eprintln!("SKIPPED: there are no packs at {}", folder.display());
    None
}

fn lines(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Disagreements that are known and explained: file -> reason.
fn known_differences() -> HashMap<String, String> {
    let known: Vec<Value> = serde_json::from_str(include_str!("../differences.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    known
        .iter()
        .map(|one| (text(&one["case"]), text(&one["reason"])))
        .collect()
}

fn read(folder: &Path) -> Vec<FileResult> {
    read_pack(
        folder,
        &mut Catalog::built_in(),
        &IdSource::new(),
        DateTime::UNIX_EPOCH,
    )
    .results
}

#[test]
fn agrees_on_the_files_of_real_packs() {
    let Some(corpus) = corpus() else { return };
    let known = known_differences();
    let mut ours: HashMap<(String, String), FileResult> = HashMap::new();
    for folder in packs::find_packs(&corpus) {
        let pack = folder.file_name().unwrap().to_string_lossy().into_owned();
        ours.extend(
            read(&folder)
                .into_iter()
                .map(|result| ((pack.clone(), result.file.clone()), result)),
        );
    }

    let expected = lines(&corpus.join("expected.jsonl"));
    let judged = expected.iter().filter(|line| line["kind"] != "workflow");
    let (mut agreeing, mut surprises) = (0, Vec::new());
    for line in judged {
        let (pack, file) = (
            line["pack"].as_str().unwrap(),
            line["file"].as_str().unwrap(),
        );
        let Some(result) = ours.remove(&(pack.to_owned(), file.to_owned())) else {
            surprises.push(format!("{pack}/{file}: not looked at"));
            continue;
        };
        let (their_ref, our_ref) = (line["ref"].as_str(), result.reference.as_deref());
        if result.ok == line["ok"].as_bool()
            && their_ref == our_ref
            && line["kind"] == result.kind.name()
        {
            agreeing += 1;
        } else if !known.contains_key(&format!("{pack}/{file}")) {
            surprises.push(format!(
                "{line}\n   ours: {}",
                serde_json::to_string(&result).unwrap()
            ));
        }
    }
    let unexpected = ours
        .values()
        .filter(|result| result.kind.name() != "workflow" && result.ok.is_some());
    surprises.extend(
        unexpected.map(|result| format!("{}/{}: looked at by us alone", result.pack, result.file)),
    );

    eprintln!("packs {agreeing} agree");
    assert!(
        surprises.is_empty(),
        "{} of {}:\n{}",
        surprises.len(),
        expected.len(),
        surprises.join("\n")
    );
}

/// Each is a mistake of the pack: `system` was the datastore before there was `st2kv`.
#[test]
fn finds_no_mistakes_in_expressions_of_real_packs_that_are_none() {
    let Some(corpus) = corpus() else { return };

    let results = packs::lint(&[corpus]);

    let told = results.iter().flat_map(|result| {
        let warnings = result.warnings.iter();
        warnings.map(move |one| (&result.pack, &result.file, &one.message))
    });
    let found: Vec<String> = told
        .filter(|(_, _, message)| message.contains("`: "))
        .map(|(pack, file, message)| format!("{pack}/{file}: {message}"))
        .collect();
    let system = "`parameters.hosts.default`: `system` has no value here; the datastore is `st2kv`: write `st2kv.system`";
    let files = ["getaccountaddress", "getwalletinfo", "sendtoaddress"];
    assert_eq!(
        found,
        files.map(|file| format!("bitcoin/actions/{file}.yaml: {system}"))
    );
}

#[test]
fn agrees_on_the_workflows_of_real_packs() {
    let Some(corpus) = corpus() else { return };
    let expected = lines(&corpus.join("expected.jsonl"));
    let results = packs::lint(&[corpus]);
    let (mut agreeing, mut surprises) = (0, Vec::new());
    let judged = expected
        .iter()
        .filter(|line| line["kind"] == "workflow" && !line["ok"].is_null());
    for line in judged {
        let (pack, file) = (
            line["pack"].as_str().unwrap(),
            line["file"].as_str().unwrap(),
        );
        let result = results
            .iter()
            .find(|result| result.pack == pack && result.file == file)
            .unwrap();
        let recorded = line["inspection"].as_array().into_iter().flatten();
        let mut recorded: Vec<String> = recorded
            .map(|finding| {
                format!(
                    "`{}`: {}",
                    finding["spec_path"].as_str().unwrap(),
                    finding["message"].as_str().unwrap()
                )
            })
            .collect();
        let further = result.more_errors.iter().map(|error| &error.message);
        let mut ours: Vec<String> = result.error.iter().chain(further).cloned().collect();
        recorded.sort();
        ours.sort();
        if result.ok == line["ok"].as_bool() && ours == recorded {
            agreeing += 1;
        } else {
            surprises.push(format!("{pack}/{file}: theirs {recorded:?}, ours {ours:?}"));
        }
    }

    eprintln!("workflows {agreeing} agree");
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[test]
fn agrees_on_edited_files() {
    let Some(corpus) = corpus() else { return };
    let known = known_differences();
    let mutants = lines(&corpus.join("mutants.jsonl"));

    let (mut by_kind, mut surprises) = (BTreeMap::new(), Vec::new());
    for mutant in &mutants {
        let result = judge(&corpus, mutant);
        let agrees = result.ok == mutant["ok"].as_bool();
        let counts: &mut (usize, usize) =
            by_kind.entry(mutant["kind"].as_str().unwrap()).or_default();
        counts.0 += usize::from(agrees);
        counts.1 += 1;
        if !agrees && !known.contains_key(mutant["id"].as_str().unwrap()) {
            let edit = &mutant["edit"];
            surprises.push(format!(
                "{} {}/{} {edit}: theirs {} {}, ours {:?}",
                mutant["id"],
                mutant["pack"],
                mutant["file"],
                mutant["ok"],
                mutant["error"],
                result.error
            ));
        }
    }

    eprintln!("mutants {by_kind:?}");
    assert!(
        surprises.is_empty(),
        "{} of {}:\n{}",
        surprises.len(),
        mutants.len(),
        surprises.join("\n")
    );
}

/// The pack's other files of the edited kinds are removed, except sensors and triggers where the file is a rule.
fn judge(corpus: &Path, mutant: &Value) -> FileResult {
    let text = |key: &str| mutant[key].as_str().unwrap();
    let (pack, file, kind) = (text("pack"), text("file"), text("kind"));
    let (home, scratch) = (corpus.join(pack), tempfile::tempdir().unwrap());
    let copy = scratch.path().join(pack);
    let kept: &[&str] = if kind == "rule" {
        &["pack.yaml", "triggers", "sensors"]
    } else {
        &["pack.yaml"]
    };
    for name in kept {
        copy_over(&home.join(name), &copy.join(name));
    }
    let mut document = match mutant.get("base").filter(|base| !base.is_null()) {
        Some(base) => base.clone(),
        None => yaml::to_json(&std::fs::read_to_string(home.join(file)).unwrap()).unwrap(),
    };
    for step in mutant["edit"].as_array().unwrap() {
        edit(&mut document, step);
    }
    let target = copy.join(file);
    std::fs::create_dir_all(target.parent().unwrap()).unwrap();
    std::fs::write(&target, document.to_string()).unwrap();
    read(&copy)
        .into_iter()
        .find(|result| result.file == file)
        .unwrap()
}

fn copy_over(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in std::fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy_over(&from.join(&name), &to.join(&name));
        }
    } else if from.is_file() {
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(from, to).unwrap();
    }
}

fn edit(document: &mut Value, step: &Value) {
    let path = step["path"].as_array().unwrap();
    let (last, parents) = path.split_last().unwrap();
    let mut at = document;
    for key in parents {
        at = match key.as_u64() {
            Some(index) if at.is_array() => &mut at[usize::try_from(index).unwrap()],
            _ => {
                if !at[key.as_str().unwrap()].is_object() && !at[key.as_str().unwrap()].is_array() {
                    at[key.as_str().unwrap()] = json!({});
                }
                &mut at[key.as_str().unwrap()]
            }
        };
    }
    match (step["op"].as_str().unwrap(), last.as_u64()) {
        ("set", Some(index)) if at.is_array() => {
            at[usize::try_from(index).unwrap()] = step["value"].clone();
        }
        ("set", _) => at[last.as_str().unwrap()] = step["value"].clone(),
        (_, Some(index)) if at.is_array() => {
            at.as_array_mut()
                .unwrap()
                .remove(usize::try_from(index).unwrap());
        }
        _ => {
            at.as_object_mut()
                .unwrap()
                .shift_remove(last.as_str().unwrap());
        }
    }
}
