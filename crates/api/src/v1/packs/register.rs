//! `POST /v1/packs/register`

use std::collections::BTreeSet;

use auth::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use bus::{DefinitionsChanged, News};
use model::{AuditAction, Object};
use packs::{FileKind, FileResult, Kinds, RegisterOptions, Report};
use serde_json::{Value, json};

use super::installed;
use crate::extract::{Body, Fields};
use crate::warnings::Warnings;
use crate::{Api, ApiError};

/// Reads packs from their folders again, and puts in force what was stored of those named. A broken file never stops its
/// neighbours; unless `fail_on_failure` is false it makes the answer a 400 that shows it.
#[utoipa::path(
    post,
    path = "/v1/packs/register",
    tag = "packs",
    request_body(content = Object, description = "As wanted `packs`, `types`, `fail_on_failure`"),
    responses(
        (status = OK, description = "How many of each kind were registered", body = Object),
        (status = 400, description = "There is no such pack or kind, or a file is broken"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(body): Body,
) -> Result<(Warnings, Json<Object>), ApiError> {
    let fields = Fields(&body);
    let (packs, types) = (texts(fields, "packs")?, texts(fields, "types")?);
    let kinds = if types.is_empty() {
        Kinds::all()
    } else {
        Kinds::named(&types).map_err(unknown_kind)?
    };
    let report = register(&api, &packs, &kinds).await?;
    api.know_triggers().await;
    api.bus.tell(News::DefinitionsChanged(DefinitionsChanged {
        kind: "pack".to_owned(),
    }));
    for pack in &report.packs {
        api.record(&caller, AuditAction::Execute, "pack", pack)
            .await;
    }
    refuse_missing(&packs, &report)?;
    if fields.boolean("fail_on_failure")?.unwrap_or(true) {
        refuse_failures(&report)?;
    }
    Ok((Warnings::of_report(&report), Json(counts(&report, &types))))
}

fn texts(fields: Fields<'_>, name: &str) -> Result<Vec<String>, ApiError> {
    let items = fields.list(name)?.unwrap_or_default();
    let text = |item: &Value| {
        let fault = || {
            ApiError::BadRequest(format!(
                "{} is not of type 'string'",
                expr::python::repr(item)
            ))
        };
        item.as_str().map(str::to_owned).ok_or_else(fault)
    };
    items.iter().map(text).collect()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what `map_err` hands over"
)]
fn unknown_kind(error: packs::UnknownKind) -> ApiError {
    ApiError::BadRequest(error.to_string())
}

async fn register(api: &Api, packs: &[String], kinds: &Kinds) -> Result<Report, ApiError> {
    let (installed, mut report) = installed::register(api, packs, kinds).await?;
    if !packs.is_empty() && packs.iter().all(|pack| installed.contains(pack)) {
        return Ok(report);
    }
    let options = RegisterOptions {
        kinds,
        packs: (!packs.is_empty()).then_some(packs),
        configs: api.options.config_folder.as_deref(),
        vault: &api.vault,
        ids: &api.ids,
        now: api.clock.now(),
        keep_unchanged: false,
        installed: None,
        without: &installed,
        brought: api.options.system_packs.as_deref(),
    };
    let folders = &api.options.pack_folders;
    let of_folders = packs::register(&api.store, folders, &options).await?;
    installed::join(&mut report, of_folders);
    Ok(report)
}

fn refuse_missing(wanted: &[String], report: &Report) -> Result<(), ApiError> {
    match wanted.iter().find(|pack| !report.packs.contains(pack)) {
        None => Ok(()),
        Some(pack) => Err(ApiError::BadRequest(format!(
            "Pack \"{pack}\" not found on disk: none of the folders that packs are read from has it"
        ))),
    }
}

fn refuse_failures(report: &Report) -> Result<(), ApiError> {
    let failures: Vec<String> = report.failures().map(shown).collect();
    let count = match failures.len() {
        0 => return Ok(()),
        1 => "1 file is".to_owned(),
        many => format!("{many} files are"),
    };
    Err(ApiError::BadRequest(format!(
        "{count} not registered; everything else is:\n{}",
        failures.join("\n")
    )))
}

/// A file that was refused: its place below its pack, what is wrong, and the line where that is known.
fn shown(failure: &FileResult) -> String {
    let error = failure.error.as_deref().unwrap_or_default();
    let number = |number: Option<usize>| number.map(|number| format!(":{number}"));
    let (line, column) = (number(failure.line), number(failure.column));
    let place = [line, column].into_iter().flatten().collect::<String>();
    let excerpt = failure.excerpt.as_deref().unwrap_or_default();
    let (_, line) = excerpt.split_once(error).unwrap_or_default();
    let line = line.replace('\n', "\n  ");
    // A configuration lies outside of its pack.
    let pack = match failure.kind {
        FileKind::Config => String::new(),
        _ => format!("{}/", failure.pack),
    };
    format!("- {pack}{}{place}: {error}{line}", failure.file)
}

/// How many of each kind, under StackStorm's names. What the engine itself brings is counted with what needs it.
fn counts(report: &Report, types: &[String]) -> Object {
    let is_wanted = |names: &[&str]| {
        types.is_empty()
            || types
                .iter()
                .any(|kind| kind == "all" || names.contains(&kind.as_str()))
    };
    let of = |kind: FileKind| report.counts.get(&kind).copied().unwrap_or(0);
    let entries: [(&str, &[&str], usize); 10] = [
        (
            "runners",
            &["runner", "runners", "action", "actions"],
            runners(),
        ),
        (
            "rule_types",
            &["rule_type", "rule_types", "rule", "rules"],
            2,
        ),
        (
            "policy_types",
            &["policy_type", "policy_types", "policy", "policies"],
            packs::policy_types().len(),
        ),
        ("triggers", &["trigger", "triggers"], of(FileKind::Trigger)),
        ("sensors", &["sensor", "sensors"], of(FileKind::Sensor)),
        ("actions", &["action", "actions"], of(FileKind::Action)),
        ("rules", &["rule", "rules"], of(FileKind::Rule)),
        ("aliases", &["alias", "aliases"], of(FileKind::Alias)),
        ("policies", &["policy", "policies"], of(FileKind::Policy)),
        ("configs", &["config", "configs"], of(FileKind::Config)),
    ];
    let wanted = entries.into_iter().filter(|(_, names, _)| is_wanted(names));
    wanted
        .map(|(name, _, count)| (name.to_owned(), json!(count)))
        .collect()
}

/// The runners; one that only has a second name is not counted twice.
fn runners() -> usize {
    let runners = model::built_in_runners().into_iter();
    runners
        .map(|runner| (runner.runner_package, runner.runner_module))
        .collect::<BTreeSet<_>>()
        .len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_was_asked_for() {
        let report = Report {
            counts: [(FileKind::Action, 27), (FileKind::Rule, 2)].into(),
            ..Report::default()
        };

        let counted = |types: &[&str]| {
            let types: Vec<String> = types.iter().map(|name| (*name).to_owned()).collect();
            Value::Object(counts(&report, &types))
        };

        assert_eq!(counted(&["actions"]), json!({"runners": 14, "actions": 27}));
        assert_eq!(
            counted(&["rules", "aliases"]),
            json!({"rule_types": 2, "rules": 2, "aliases": 0})
        );
        assert_eq!(counted(&[]).as_object().unwrap().len(), 10);
    }
}
