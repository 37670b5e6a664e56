//! Replays the recorded vectors of the real engine.

use std::path::PathBuf;

use serde_json::Value;

use super::*;

/// The share of `jinja.jsonl` that must agree, in percent.
const JINJA_FLOOR: usize = 95;
/// As above, of `jsonpath.jsonl`.
const PATH_FLOOR: usize = 98;

fn vectors(name: &str) -> Option<Vec<Value>> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance")
        .join(name);
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("SKIPPED: {} is absent", file.display());
        return None;
    };
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

fn kind_name(kind: TemplateErrorKind) -> &'static str {
    match kind {
        TemplateErrorKind::Parse => "parse",
        TemplateErrorKind::UnknownFunction => "unknown_function",
        TemplateErrorKind::Undefined => "undefined",
        TemplateErrorKind::Type => "type",
        TemplateErrorKind::Other => "other",
    }
}

fn run(vector: &Value) -> Result<Value, TemplateError> {
    let mode = vector["mode"].as_str().unwrap();
    let mut variables = variables(&vector["context"]);
    if mode == "kv" {
        let user = vector["user"].as_str().map(|user| {
            vector["kv"]["user"][user]
                .as_object()
                .cloned()
                .unwrap_or_default()
        });
        let system = vector["kv"]["system"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        variables.datastore = Some(Arc::new(Memory { system, user }));
    }
    let allow_undefined = mode == "lenient" || vector["allow_undefined"] == true;
    if mode == "render_values" {
        let mapping = vector["mapping"].as_object().unwrap();
        let template = if allow_undefined {
            ValuesTemplate::compile_lenient(mapping)?
        } else {
            ValuesTemplate::compile(mapping)?
        };
        return template.render(&variables).map(Value::Object);
    }
    let source = vector["template"].as_str().unwrap();
    let template = if allow_undefined {
        Template::compile_lenient(source)?
    } else {
        Template::compile(source)?
    };
    template.render(&variables).map(Value::String)
}

fn agrees(vector: &Value) -> Result<(), String> {
    match (run(vector), vector.get("error")) {
        (Ok(got), None) if got == vector["result"] => Ok(()),
        (Ok(got), None) => Err(format!("{got} instead of {}", vector["result"])),
        (Ok(got), Some(error)) => Err(format!("{got} instead of the error {error}")),
        (Err(error), Some(expected)) if expected["kind"] == kind_name(error.kind) => Ok(()),
        (Err(error), Some(expected)) => {
            Err(format!("{:?} {error} instead of {expected}", error.kind))
        }
        (Err(error), None) => Err(format!("error `{error}` instead of {}", vector["result"])),
    }
}

fn report(name: &str, total: usize, failures: &[String], floor: usize) {
    let passed = total - failures.len();
    for failure in failures {
        eprintln!("{failure}");
    }
    eprintln!("{name} {passed}/{total}");
    assert!(
        passed * 100 >= total * floor,
        "{name}: {passed} of {total} agree, {floor} % are wanted"
    );
}

#[test]
fn jinja_agrees_with_the_recordings() {
    let Some(vectors) = vectors("jinja/jinja.jsonl") else {
        return;
    };

    let failures: Vec<String> = vectors
        .iter()
        .filter_map(|vector| {
            let shown = if vector["template"].is_string() {
                &vector["template"]
            } else {
                &vector["mapping"]
            };
            agrees(vector).err().map(|why| format!("{shown}: {why}"))
        })
        .collect();

    report("jinja", vectors.len(), &failures, JINJA_FLOOR);
}

#[test]
fn paths_agree_with_the_recordings() {
    let Some(vectors) = vectors("criteria/jsonpath.jsonl") else {
        return;
    };

    let failures: Vec<String> = vectors
        .iter()
        .filter_map(|vector| path_agrees(vector).err())
        .collect();

    report("jsonpath", vectors.len(), &failures, PATH_FLOOR);
}

fn path_agrees(vector: &Value) -> Result<(), String> {
    let text = vector["path"].as_str().unwrap();
    let kind = vector["error"]["kind"].as_str();
    let got = match crate::path::Path::parse(text) {
        Err(error) if kind == Some("parse") => {
            assert!(!error.reason.is_empty());
            return Ok(());
        }
        Err(error) => return Err(error.to_string()),
        Ok(path) => path,
    };
    match got.find(&vector["document"]) {
        Err(_) if kind.is_some_and(|kind| kind != "parse") => Ok(()),
        Ok(found)
            if kind.is_none()
                && vector["result"] == found.iter().copied().cloned().collect::<Value>() =>
        {
            Ok(())
        }
        other => Err(format!(
            "{text}: {other:?} instead of {} {}",
            vector["result"], vector["error"]
        )),
    }
}
