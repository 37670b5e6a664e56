//! `orquesta_conduct.jsonl`: recorded executions of workflows, replayed operation by operation.
//!
//! Compared is what users and the API can see, and the order and routes behind it (levels 1 and 2 of the format).

use std::collections::BTreeMap;
use std::sync::Arc;

use conductor::{
    ActionRequest, Conductor, Definition, Entry, ItemReport, Offer, Report, RerunRequest, State,
    Status, Surroundings, TaskKey, TransitionId,
};
use pyvalue::{Dict, Value};
use serde_json::{Map, Value as Json, json};

use super::workflow;
use crate::{Answer, Case, Failure};

/// Replays a trace; the failure tells the first difference.
pub(super) fn answer(case: &Case) -> Answer {
    replay(case)
        .map(|()| Json::Null)
        .map_err(|difference| Failure::new(&["difference"], difference))
}

fn replay(case: &Case) -> Result<(), String> {
    let definition = yaml::to_json(case.text("definition")).map_err(|error| error.to_string())?;
    let definition = Definition::from_json(&definition).map_err(|error| error.to_string())?;
    let surroundings = Surroundings {
        options: workflow::options(),
        ..Surroundings::default()
    };
    let conductor = Conductor::new(Arc::new(definition), surroundings);
    let (mut state, _) = conductor.start(&dict(case.get("inputs")), &dict(case.get("context")));
    compare_start(case.get("initial"), &state).map_err(|error| format!("initial: {error}"))?;
    let mut seen = Seen::of(&state);
    for (at, step) in case.array("steps").iter().enumerate() {
        let outcome = apply(&conductor, &mut state, step);
        if is_known_fault(step, &outcome) {
            return Ok(());
        }
        compare_step(&step["expect"], outcome, &mut state, &seen)
            .map_err(|error| format!("step {at} {}: {error}", operation(step)))?;
        seen = Seen::of(&state);
    }
    compare_end(case.get("final"), &mut state).map_err(|error| format!("final: {error}"))
}

/// Whether the original goes wrong here in a way that is not to be copied, and ours does not: the trace ends.
fn is_known_fault(step: &Json, outcome: &Outcome) -> bool {
    let expected = &step["expect"];
    if step["op"] == "rerun" {
        let refusal = outcome.as_ref().err();
        // With nothing to do it resumes for ever, ours refuses. It takes commands up again, which crashes it later.
        let is_endless = expected["status"] == "resuming"
            && refusal == Some(&conductor::Refusal::NothingToRerun.to_string());
        let takes_up_commands = expected["changed"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|change| change[1].as_str().is_some_and(conductor::is_command));
        return is_endless || (outcome.is_ok() && takes_up_commands);
    }
    // It tries a canceled task again and again without end, until that is an error of its own or of an expression.
    let raises = &expected["raises"];
    let is_endless = raises["type"] == "RecursionError"
        || raises["message"]
            .as_str()
            .is_some_and(|message| message.contains("RecursionError"));
    is_endless && outcome.is_ok()
}

fn operation(step: &Json) -> String {
    let mut step = step.clone();
    if let Some(members) = step.as_object_mut() {
        members.remove("expect");
    }
    step.to_string()
}

fn dict(json: &Json) -> Dict {
    Value::from_json(json)
        .as_dict()
        .cloned()
        .unwrap_or_default()
}

/// What steps report the changes of.
struct Seen {
    errors: Json,
    output: Json,
    contexts: usize,
    sequence: Vec<Entry>,
}

impl Seen {
    fn of(state: &State) -> Self {
        Self {
            errors: errors(state),
            output: output(state),
            contexts: state.contexts().len(),
            sequence: state.sequence().to_vec(),
        }
    }
}

/// Tasks that are offered, or what was refused.
type Outcome = Result<Vec<Offer>, String>;

fn apply(conductor: &Conductor, state: &mut State, step: &Json) -> Outcome {
    let refused = |refusal: conductor::Refusal| refusal.to_string();
    match step["op"].as_str().unwrap_or_default() {
        "request" => {
            let status = status(&step["status"])?;
            conductor.request(state, status).map_err(refused)?;
        }
        "next" => {
            let (offers, _) = conductor.next(state).map_err(refused)?;
            return Ok(offers);
        }
        "event" => {
            conductor.report(state, &report(step)?).map_err(refused)?;
        }
        "rerun" => {
            let tasks: Option<Vec<RerunRequest>> = step["tasks"].as_array().map(|tasks| {
                tasks
                    .iter()
                    .map(|task| RerunRequest {
                        task: key(task),
                        reset_items: task["reset_items"] == true,
                    })
                    .collect()
            });
            conductor.rerun(state, tasks.as_deref()).map_err(refused)?;
        }
        other => return Err(format!("unknown operation `{other}`")),
    }
    Ok(Vec::new())
}

fn status(json: &Json) -> Result<Status, String> {
    let name = json.as_str().unwrap_or_default();
    Status::parse(name).ok_or_else(|| format!("Status \"{name}\" is not valid."))
}

fn key(json: &Json) -> TaskKey {
    TaskKey {
        id: json["task_id"].as_str().unwrap_or_default().into(),
        route: index(&json["route"]),
    }
}

fn index(json: &Json) -> usize {
    json.as_u64()
        .and_then(|number| usize::try_from(number).ok())
        .unwrap_or(usize::MAX)
}

fn report(step: &Json) -> Result<Report, String> {
    Ok(Report {
        task: key(step),
        status: status(&step["status"])?,
        result: Value::from_json(&step["result"]),
        item: step.get("item_id").map(|item| ItemReport {
            item: index(item),
            results: Value::from_json(&step["accumulated_result"]),
        }),
    })
}

fn compare_start(expected: &Json, state: &State) -> Result<(), String> {
    same("status", &expected["status"], &json!(state.status()))?;
    compare_errors(&expected["errors"], state)?;
    same("output", &expected["output"], &output(state))?;
    match expected.get("context") {
        Some(context) => {
            let ours = state.contexts().first().cloned().unwrap_or_default();
            same("context", context, &plain(&Value::Dict(ours)))
        }
        None => Ok(()),
    }
}

fn compare_step(
    expected: &Json,
    outcome: Outcome,
    state: &mut State,
    seen: &Seen,
) -> Result<(), String> {
    let offers = match (expected.get("raises"), outcome) {
        (None, Err(refusal)) => return Err(format!("refused: {refusal}")),
        (Some(raises), Ok(_)) => return Err(format!("not refused: {raises}")),
        (Some(raises), Err(refusal)) => {
            compare_refusal(raises, &refusal)?;
            Vec::new()
        }
        (None, Ok(offers)) => offers,
    };
    same("status", &expected["status"], &json!(state.status()))?;
    if let Some(tasks) = expected.get("tasks") {
        let ours: Vec<Json> = offers.iter().map(offer).collect();
        same("tasks", tasks, &Json::from(ours))?;
    }
    match expected.get("errors") {
        Some(_) => compare_errors(&expected["errors"], state)?,
        None => same("errors", &seen.errors, &errors(state))?,
    }
    let before = expected.get("output").unwrap_or(&seen.output);
    same("output", before, &output(state))?;
    compare_changes(expected, state, seen)
}

/// The library's own words are exact; a failed expression is compared up to the expression.
fn compare_refusal(raises: &Json, refusal: &str) -> Result<(), String> {
    let message = raises["message"].as_str().unwrap_or_default();
    let is_own = raises["internal"] == true
        || message == refusal
        || known_start(message).is_some_and(|start| refusal.contains(start));
    if is_own {
        Ok(())
    } else {
        Err(format!("refused with `{refusal}` instead of `{message}`"))
    }
}

/// `...Unable to evaluate expression '<expr>'.`: what counts of a message.
fn known_start(message: &str) -> Option<&str> {
    let at = message.find("Unable to evaluate expression '")?;
    let end = message[at..].find("'. ")?;
    Some(&message[at..at + end])
}

fn compare_errors(expected: &Json, state: &State) -> Result<(), String> {
    let ours = errors(state);
    let (Some(expected), Some(ours)) = (expected.as_array(), ours.as_array()) else {
        return same("errors", expected, &ours);
    };
    if expected.len() != ours.len() {
        return same("errors", &json!(expected), &json!(ours));
    }
    for (expected, ours) in expected.iter().zip(ours) {
        let message = expected["message"].as_str().unwrap_or_default();
        let our_message = ours["message"].as_str().unwrap_or_default();
        let is_close = message == our_message
            || match known_start(message) {
                Some(start) => our_message.contains(start),
                // Which variables are unresolved is said in other words.
                None => message.contains("unresolved variables") && our_message.contains("Jinja"),
            };
        let without = |error: &Json| {
            let mut error = error.as_object().cloned().unwrap_or_default();
            error.remove("message");
            error
        };
        if !is_close || without(expected) != without(ours) {
            return Err(format!("error is {ours}, expected {expected}"));
        }
    }
    Ok(())
}

fn compare_changes(expected: &Json, state: &State, seen: &Seen) -> Result<(), String> {
    let mut changed = Vec::new();
    let mut transitions = Map::new();
    for (at, entry) in state.sequence().iter().enumerate() {
        let before = seen.sequence.get(at);
        if before.is_none_or(|before| before.status != entry.status) {
            changed.push(json!([at, entry.task.id, entry.task.route, entry.status]));
        }
        if before.is_none_or(|before| before.next != entry.next) && !entry.next.is_empty() {
            let old = before.map(|before| &before.next);
            let new: Map<String, Json> = entry
                .next
                .iter()
                .filter(|(id, taken)| old.and_then(|old| old.get(id)) != Some(taken))
                .map(|(id, taken)| (id.to_string(), json!(taken)))
                .collect();
            transitions.insert(at.to_string(), Json::Object(new));
        }
    }
    let or_empty = |name: &str, empty: Json| expected.get(name).cloned().unwrap_or(empty);
    same("changed", &or_empty("changed", json!([])), &json!(changed))?;
    same(
        "transitions",
        &or_empty("transitions", json!({})),
        &Json::Object(transitions),
    )?;
    let contexts: Vec<Json> = state.contexts()[seen.contexts.min(state.contexts().len())..]
        .iter()
        .map(|context| plain(&Value::Dict(context.clone())))
        .collect();
    same(
        "new contexts",
        &or_empty("new_contexts", json!([])),
        &json!(contexts),
    )
}

fn compare_end(expected: &Json, state: &mut State) -> Result<(), String> {
    same(
        "status",
        &expected["workflow_status"],
        &json!(state.status()),
    )?;
    same("output", &expected["output"], &output(state))?;
    compare_errors(&expected["errors"], state)?;
    let sequence: Vec<Json> = state
        .sequence()
        .iter()
        .map(|run| entry(state, run))
        .collect();
    let recorded: Vec<Json> = expected["sequence"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| {
            let mut entry = entry.as_object().cloned().unwrap_or_default();
            // Which contexts a task saw is internal; what it saw was compared when it was offered.
            entry.remove("ctxs");
            entry.remove("items");
            if let Some(retry) = entry.get_mut("retry") {
                *retry = json!({ "tally": retry["tally"] });
            }
            Json::Object(entry)
        })
        .collect();
    for (at, (expected, ours)) in recorded.iter().zip(&sequence).enumerate() {
        same(&format!("sequence {at}"), expected, ours)?;
    }
    same("sequence", &json!(recorded.len()), &json!(sequence.len()))?;
    let routes: Vec<Vec<String>> = (0..state.route_count())
        .map(|route| state.route(route).iter().map(ToString::to_string).collect())
        .collect();
    same("routes", &expected["routes"], &json!(routes))?;
    match expected.get("terminal_context") {
        Some(context) => {
            let ours = plain(&Value::Dict(state.terminal_context()));
            same("terminal context", context, &ours)
        }
        None => Ok(()),
    }
}

fn entry(state: &State, entry: &Entry) -> Json {
    let steps = |ids: &BTreeMap<TransitionId, usize>| -> Map<String, Json> {
        ids.iter()
            .map(|(id, at)| (id.to_string(), json!(at)))
            .collect()
    };
    let mut shown_entry = json!({
        "id": entry.task.id,
        "route": entry.task.route,
        "status": entry.status,
        "prev": steps(&state.previous(entry.previous)),
        "next": entry.next.iter().map(|(id, taken)| (id.to_string(), json!(taken))).collect::<Map<_, _>>(),
    });
    if entry.is_terminal {
        shown_entry["term"] = json!(true);
    }
    if let Some(retry) = &entry.retry {
        shown_entry["retry"] = json!({ "tally": retry.tally });
    }
    shown_entry
}

fn offer(offer: &Offer) -> Json {
    let actions: Vec<Json> = offer.actions.iter().map(action).collect();
    let mut shown_offer = json!({
        "id": offer.task.id,
        "route": offer.task.route,
        "ctx": plain(&Value::Dict(offer.context.clone())),
        "actions": actions,
    });
    if let Some(delay) = offer.delay {
        shown_offer["delay"] = json!(delay);
    }
    if let Some(count) = offer.items_count {
        shown_offer["items_count"] = json!(count);
        shown_offer["concurrency"] = json!(offer.concurrency);
    }
    shown_offer
}

fn action(request: &ActionRequest) -> Json {
    let mut shown_action = json!({
        "action": plain(&request.action),
        "input": plain(&request.input),
    });
    if let Some(item) = request.item {
        shown_action["item_id"] = json!(item);
    }
    shown_action
}

fn errors(state: &State) -> Json {
    state
        .errors()
        .map(|error| {
            let mut shown_error = json!({ "type": "error", "message": error.message });
            if let Some(task) = &error.task_id {
                shown_error["task_id"] = json!(task);
            }
            if let Some(route) = error.route {
                shown_error["route"] = json!(route);
            }
            if let Some(transition) = &error.transition {
                shown_error["task_transition_id"] = json!(transition.to_string());
            }
            if let Some(result) = &error.result {
                shown_error["result"] = plain(result);
            }
            shown_error
        })
        .collect()
}

fn output(state: &State) -> Json {
    state
        .output()
        .map_or(Json::Null, |output| plain(&Value::Dict(output.clone())))
}

/// A value as the recordings write it.
fn plain(value: &Value) -> Json {
    crate::wire::of(value).unwrap_or_else(|failure| json!(failure.message))
}

fn same(what: &str, expected: &Json, ours: &Json) -> Result<(), String> {
    if expected == ours {
        Ok(())
    } else {
        Err(format!("{what} is {ours}, expected {expected}"))
    }
}
