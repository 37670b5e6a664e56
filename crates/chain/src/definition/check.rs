//! Everything that is wrong with a chain, and what is odd about it.
//!
//! StackStorm's schema judges only the first task of a chain (its `items` is a list of one schema), so keys it does not
//! know, and empty values, are errors there and are passed over in the tasks behind. What could never run is an error
//! in every task.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::{LINKS, default_task, is_expression, text_at};

/// Something wrong or odd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) is_warning: bool,
    pub(crate) message: String,
    /// Keys and indices that lead there.
    pub(crate) path: Vec<String>,
    /// The last key is meant rather than its value.
    pub(crate) is_key: bool,
}

impl Problem {
    pub(crate) fn is_error(&self) -> bool {
        !self.is_warning
    }

    fn value(path: &[&str], message: impl Into<String>) -> Self {
        Self {
            is_warning: false,
            message: message.into(),
            path: path.iter().map(|step| (*step).to_owned()).collect(),
            is_key: false,
        }
    }

    fn key(path: &[&str], message: impl Into<String>) -> Self {
        Self {
            is_key: true,
            ..Self::value(path, message)
        }
    }

    fn warning(self) -> Self {
        Self {
            is_warning: true,
            ..self
        }
    }
}

const CHAIN_KEYS: [&str; 3] = ["chain", "default", "vars"];
const TASK_KEYS: [&str; 8] = [
    "name",
    "ref",
    "params",
    "parameters",
    "on-success",
    "on-failure",
    "publish",
    "notify",
];
const NOTIFY_KEYS: [&str; 3] = ["on-complete", "on-success", "on-failure"];
const MESSAGE_KEYS: [&str; 4] = ["message", "data", "routes", "channels"];

/// What is wrong with a chain, in the order in which it is written; then what its tasks lead to.
pub(crate) fn problems(document: &Value) -> Vec<Problem> {
    let Some(chain) = document.as_object() else {
        let message = format!(
            "a chain is a mapping with \"chain\", not {}",
            kind(document)
        );
        return vec![Problem::value(&[], message)];
    };
    let mut found = Vec::new();
    unknown_keys(chain, &CHAIN_KEYS, &[], "", &mut found);
    demand(chain.get("vars"), Kind::Mapping, &["vars"], "", &mut found);
    demand(
        chain.get("default"),
        Kind::Text,
        &["default"],
        "",
        &mut found,
    );
    let nodes = match chain.get("chain") {
        Some(Value::Array(nodes)) if nodes.is_empty() => {
            let message = "Failed to find default node: \"chain\" lists no tasks";
            found.push(Problem::value(&["chain"], message));
            return found;
        }
        Some(Value::Array(nodes)) => nodes,
        Some(other) => {
            let message = format!("\"chain\" must be a list of tasks, not {}", kind(other));
            found.push(Problem::value(&["chain"], message));
            return found;
        }
        None => {
            found.push(Problem::key(
                &[],
                "\"chain\" is missing; it lists the tasks",
            ));
            return found;
        }
    };
    for (at, node) in nodes.iter().enumerate() {
        task(node, at, &mut found);
    }
    links(document, nodes, &mut found);
    if found.iter().all(|problem| problem.is_warning) {
        unreachable(document, nodes, &mut found);
    }
    found
}

fn task(node: &Value, at: usize, found: &mut Vec<Problem>) {
    let index = at.to_string();
    let path = ["chain", &index];
    let Some(members) = node.as_object() else {
        let message = format!(
            "task {at} must be a mapping with \"name\" and \"ref\", not {}",
            kind(node)
        );
        found.push(Problem::value(&path, message));
        return;
    };
    let of_task = match node["name"].as_str() {
        Some(name) => format!(" in task \"{name}\""),
        None => format!(" in task {at}"),
    };
    for key in ["name", "ref"] {
        match members.get(key) {
            Some(Value::String(_)) => {}
            Some(other) => found.push(Problem::value(
                &["chain", &index, key],
                format!("\"{key}\"{of_task} must be text, not {}", kind(other)),
            )),
            None => {
                found.push(Problem::value(
                    &path,
                    format!("\"{key}\" is missing{of_task}"),
                ));
            }
        }
    }
    let known_before = found.len();
    unknown_keys(members, &TASK_KEYS, &path, &of_task, found);
    if at > 0 {
        for problem in &mut found[known_before..] {
            problem.is_warning = true;
            problem.message.push_str("; it is ignored");
        }
    }
    let kinds = [
        ("params", Kind::Mapping),
        ("parameters", Kind::Mapping),
        ("on-success", Kind::Text),
        ("on-failure", Kind::Text),
        ("publish", Kind::Mapping),
    ];
    // Behind the first task, nothing is as good as no key.
    let given = |key: &str| members.get(key).filter(|value| at == 0 || !value.is_null());
    for (key, kind) in kinds {
        demand(given(key), kind, &["chain", &index, key], &of_task, found);
    }
    if let Some(settings) = given("notify") {
        notify(settings, &["chain", &index, "notify"], &of_task, found);
    }
    let is_given = |key: &str| {
        members
            .get(key)
            .and_then(Value::as_object)
            .is_some_and(|all| !all.is_empty())
    };
    if is_given("params") && is_given("parameters") {
        let message = format!(
            "Either \"params\" or \"parameters\" attribute needs to be provided, but not both{of_task}"
        );
        found.push(Problem::key(&["chain", &index, "params"], message));
    }
}

fn notify(settings: &Value, path: &[&str; 3], of_task: &str, found: &mut Vec<Problem>) {
    demand(Some(settings), Kind::Mapping, path, of_task, found);
    let Some(members) = settings.as_object() else {
        return;
    };
    unknown_keys(members, &NOTIFY_KEYS, path, of_task, found);
    for when in NOTIFY_KEYS {
        let path = [path[0], path[1], path[2], when];
        let Some(told) = members.get(when) else {
            continue;
        };
        demand(Some(told), Kind::Mapping, &path, of_task, found);
        let Some(told) = told.as_object() else {
            continue;
        };
        unknown_keys(told, &MESSAGE_KEYS, &path, of_task, found);
        let kinds = [
            ("message", Kind::Text),
            ("data", Kind::Mapping),
            ("routes", Kind::List),
            ("channels", Kind::List),
        ];
        for (key, kind) in kinds {
            let path = [path[0], path[1], path[2], path[3], key];
            demand(told.get(key), kind, &path, of_task, found);
        }
    }
}

/// Links that lead nowhere, names that stand twice, names that nobody will ever read as such.
fn links(document: &Value, nodes: &[Value], found: &mut Vec<Problem>) {
    let names: Vec<&str> = nodes
        .iter()
        .filter_map(|node| node["name"].as_str())
        .collect();
    let known: HashSet<&str> = names.iter().copied().collect();
    let mut seen = HashSet::new();
    for (at, node) in nodes.iter().enumerate() {
        let index = at.to_string();
        let name = node["name"].as_str().unwrap_or_default();
        if !name.is_empty() && !seen.insert(name) {
            let message =
                format!("there is another task \"{name}\" before this one, which never runs");
            found.push(Problem::value(&["chain", &index, "name"], message).warning());
        }
        for key in LINKS {
            let whence = format!("referenced in \"{key}\" in task \"{name}\"");
            link(
                &node[key],
                &["chain", &index, key],
                &whence,
                &known,
                &names,
                found,
            );
        }
    }
    let whence = "referenced in \"default\"";
    link(
        &document["default"],
        &["default"],
        whence,
        &known,
        &names,
        found,
    );
}

fn link(
    target: &Value,
    path: &[&str],
    whence: &str,
    known: &HashSet<&str>,
    names: &[&str],
    found: &mut Vec<Problem>,
) {
    let Some(target) = target.as_str().filter(|name| !name.is_empty()) else {
        return;
    };
    if known.contains(target) {
        return;
    }
    if is_expression(target) {
        let message = format!(
            "the name {whence} is an expression, and those are not evaluated here: the chain will fail"
        );
        found.push(Problem::value(path, message).warning());
        return;
    }
    let hint = did_you_mean(target, names.iter().copied());
    let message = format!("Unable to find node with name \"{target}\" {whence}.{hint}");
    found.push(Problem::value(path, message));
}

/// Tasks that no way leads to.
fn unreachable(document: &Value, nodes: &[Value], found: &mut Vec<Problem>) {
    let mut by_name: HashMap<&str, &Value> = HashMap::new();
    for node in nodes {
        let name = text_at(node, "name").unwrap_or_default();
        by_name.entry(name).or_insert(node);
    }
    let mut reached: HashSet<&str> = HashSet::new();
    let mut ahead: Vec<&str> = default_task(document).into_iter().collect();
    while let Some(name) = ahead.pop() {
        if !reached.insert(name) {
            continue;
        }
        let node = by_name.get(name);
        let targets = node
            .into_iter()
            .flat_map(|node| LINKS.map(|key| text_at(node, key)));
        ahead.extend(targets.flatten());
    }
    for (at, node) in nodes.iter().enumerate() {
        let name = node["name"].as_str().unwrap_or_default();
        if !reached.contains(name) {
            let message = format!("nothing leads to task \"{name}\": it never runs");
            found.push(Problem::value(&["chain", &at.to_string(), "name"], message).warning());
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Mapping,
    List,
}

/// A value, where there is one, must be of a kind.
fn demand(
    value: Option<&Value>,
    expected: Kind,
    path: &[&str],
    of_task: &str,
    found: &mut Vec<Problem>,
) {
    let Some(value) = value else {
        return;
    };
    let (is_right, word) = match expected {
        Kind::Text => (value.is_string(), "text"),
        Kind::Mapping => (value.is_object(), "a mapping"),
        Kind::List => (value.is_array(), "a list"),
    };
    if !is_right {
        let key = path.last().copied().unwrap_or_default();
        let message = format!("\"{key}\"{of_task} must be {word}, not {}", kind(value));
        found.push(Problem::value(path, message));
    }
}

fn unknown_keys(
    members: &Map<String, Value>,
    known: &[&str],
    path: &[&str],
    of_task: &str,
    found: &mut Vec<Problem>,
) {
    for key in members.keys().filter(|key| !known.contains(&key.as_str())) {
        let hint = did_you_mean(key, known.iter().copied());
        let mut at = path.to_vec();
        at.push(key);
        found.push(Problem::key(
            &at,
            format!("unknown key \"{key}\"{of_task}{hint}"),
        ));
    }
}

fn did_you_mean<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    diagnostic::nearest(wrong, names)
        .map(|name| format!(" (did you mean \"{name}\"?)"))
        .unwrap_or_default()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}
