//! What one event led to, as a tree. Pure: the trace and its members come in, text or JSON goes out.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::execution::duration_of;
use super::output::{Style, at, cut, inline, shown, text_at};

/// How much of a payload, a reason or a result is shown in a line.
const LINE: usize = 120;

/// A trace and everything about its members that the API shows.
#[derive(Debug, Default)]
pub(crate) struct TraceParts {
    /// The trace itself.
    pub(crate) trace: Value,
    /// Trigger instances by id.
    pub(crate) trigger_instances: HashMap<String, Value>,
    /// Executions by id.
    pub(crate) executions: HashMap<String, Value>,
    /// Enforcements by the id of their trigger instance.
    pub(crate) enforcements: HashMap<String, Vec<Value>>,
    /// Rules that looked at a trigger instance and did not match: `{ref, reason}`, and `{more}` for those not
    /// explained; by the id of the trigger instance.
    pub(crate) passed: HashMap<String, Vec<Value>>,
    /// What triggers without a name of their own are (`core.st2.webhook {"url":"demo"}`), by reference.
    pub(crate) triggers: HashMap<String, String>,
}

/// A member of a trace with what it led to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    /// Something that happened.
    TriggerInstance {
        id: String,
        reference: String,
        value: Value,
        children: Vec<Node>,
    },
    /// A rule that matched (or could not be evaluated).
    Enforcement { value: Value, children: Vec<Node> },
    /// A rule that looked and did not match.
    Passed { value: Value },
    /// Something that ran.
    Execution {
        id: String,
        reference: String,
        value: Value,
        children: Vec<Node>,
    },
}

/// A link of a trace: a member and its cause.
struct Link<'a> {
    id: &'a str,
    reference: &'a str,
    /// Kind and id of the cause; empty if there is none.
    cause: (&'a str, &'a str),
}

fn links<'a>(trace: &'a Value, kind: &str) -> Vec<Link<'a>> {
    let members = trace
        .get(kind)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let link = |member: &'a Value| Link {
        id: text_at(member, "object_id"),
        reference: text_at(member, "ref"),
        cause: (
            text_at(member, "caused_by.type"),
            text_at(member, "caused_by.id"),
        ),
    };
    members.iter().map(link).collect()
}

/// Ids of the members of a kind: `trigger_instances` or `action_executions`.
pub(crate) fn member_ids(trace: &Value, kind: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    links(trace, kind)
        .iter()
        .map(|link| link.id.to_owned())
        .filter(|id| seen.insert(id.clone()))
        .collect()
}

/// The tree of a trace. Every member appears once: beneath its cause, or at the root where that is not in the trace.
pub(crate) fn grow(parts: &TraceParts) -> Vec<Node> {
    let mut grower = Grower {
        parts,
        instances: links(&parts.trace, "trigger_instances"),
        executions: links(&parts.trace, "action_executions"),
        placed: HashSet::new(),
    };
    grower.roots()
}

struct Grower<'a> {
    parts: &'a TraceParts,
    instances: Vec<Link<'a>>,
    executions: Vec<Link<'a>>,
    /// Members that have their place already.
    placed: HashSet<String>,
}

impl Grower<'_> {
    fn roots(&mut self) -> Vec<Node> {
        let mut roots = Vec::new();
        for index in 0..self.instances.len() {
            if !self.is_execution(self.instances[index].cause.1) {
                roots.extend(self.instance(index));
            }
        }
        for index in 0..self.executions.len() {
            let (kind, cause) = self.executions[index].cause;
            if kind != "rule" && !self.is_execution(cause) {
                roots.extend(self.execution(index));
            }
        }
        // Whatever a cause should have led to, but did not.
        for index in 0..self.instances.len() {
            roots.extend(self.instance(index));
        }
        for index in 0..self.executions.len() {
            roots.extend(self.execution(index));
        }
        roots
    }

    fn is_execution(&self, id: &str) -> bool {
        !id.is_empty() && self.executions.iter().any(|link| link.id == id)
    }

    fn instance(&mut self, index: usize) -> Option<Node> {
        let Link { id, reference, .. } = self.instances[index];
        if !self.placed.insert(id.to_owned()) {
            return None;
        }
        let mut children = Vec::new();
        for enforcement in self.parts.enforcements.get(id).into_iter().flatten() {
            let execution = text_at(enforcement, "execution_id");
            let index = self
                .executions
                .iter()
                .position(|link| !execution.is_empty() && link.id == execution);
            let ran = index.and_then(|index| self.execution(index));
            children.push(Node::Enforcement {
                value: enforcement.clone(),
                children: ran.into_iter().collect(),
            });
        }
        for index in 0..self.executions.len() {
            if self.is_caused_by_rule_for(index, id) {
                children.extend(self.execution(index));
            }
        }
        let passed = self.parts.passed.get(id).into_iter().flatten();
        children.extend(passed.map(|rule| Node::Passed {
            value: rule.clone(),
        }));
        let value = self
            .parts
            .trigger_instances
            .get(id)
            .cloned()
            .unwrap_or(Value::Null);
        let reference = self
            .parts
            .triggers
            .get(reference)
            .map_or(reference, String::as_str);
        Some(Node::TriggerInstance {
            id: id.to_owned(),
            reference: reference.to_owned(),
            value,
            children,
        })
    }

    /// Whether a rule asked for the execution because of this trigger instance (`RULE:TRIGGER_INSTANCE`).
    fn is_caused_by_rule_for(&self, index: usize, instance: &str) -> bool {
        let (kind, cause) = self.executions[index].cause;
        kind == "rule" && cause.rsplit(':').next() == Some(instance)
    }

    fn execution(&mut self, index: usize) -> Option<Node> {
        let Link { id, reference, .. } = self.executions[index];
        if !self.placed.insert(id.to_owned()) {
            return None;
        }
        let mut children = Vec::new();
        for index in 0..self.executions.len() {
            if self.executions[index].cause.0 != "rule" && self.executions[index].cause.1 == id {
                children.extend(self.execution(index));
            }
        }
        for index in 0..self.instances.len() {
            if self.instances[index].cause.1 == id {
                children.extend(self.instance(index));
            }
        }
        let value = self
            .parts
            .executions
            .get(id)
            .cloned()
            .unwrap_or(Value::Null);
        Some(Node::Execution {
            id: id.to_owned(),
            reference: reference.to_owned(),
            value,
            children,
        })
    }
}

impl Node {
    fn children(&self) -> &[Node] {
        match self {
            Self::TriggerInstance { children, .. }
            | Self::Enforcement { children, .. }
            | Self::Execution { children, .. } => children,
            Self::Passed { .. } => &[],
        }
    }

    /// What is said of it: its own line, and lines beneath.
    fn lines(&self, style: Style) -> Vec<String> {
        match self {
            Self::TriggerInstance {
                id,
                reference,
                value,
                ..
            } => instance_lines(id, reference, value, style),
            Self::Enforcement { value, .. } => enforcement_lines(value, style),
            Self::Passed { value } => vec![passed_line(value, style)],
            Self::Execution {
                id,
                reference,
                value,
                ..
            } => execution_lines(id, reference, value, style),
        }
    }

    /// As JSON: the member as the API gives it, with `kind` and `children`.
    pub(crate) fn to_json(&self) -> Value {
        let (kind, value) = match self {
            Self::TriggerInstance {
                id,
                reference,
                value,
                ..
            } => ("trigger_instance", named(id, reference, value)),
            Self::Enforcement { value, .. } => ("rule_enforcement", value.clone()),
            Self::Passed { value } => ("rule_without_match", value.clone()),
            Self::Execution {
                id,
                reference,
                value,
                ..
            } => ("execution", named(id, reference, value)),
        };
        let children: Vec<Value> = self.children().iter().map(Self::to_json).collect();
        json!({ "kind": kind, "value": value, "children": children })
    }
}

/// The member, or what the trace says of one that has gone.
fn named(id: &str, reference: &str, value: &Value) -> Value {
    if value.is_null() {
        json!({ "id": id, "ref": reference })
    } else {
        value.clone()
    }
}

fn instance_lines(id: &str, reference: &str, value: &Value, style: Style) -> Vec<String> {
    let status = style.status(text_at(value, "status"));
    let time = style.faint(text_at(value, "occurrence_time"));
    let mut lines = vec![joined(&[
        "trigger instance",
        id,
        &style.strong(reference),
        &status,
        &time,
    ])];
    lines.push(
        style.faint(
            &at(value, "payload").map_or_else(|| "no longer stored".to_owned(), payload_line),
        ),
    );
    lines
}

/// The payload in a line; of what a webhook took, the body.
fn payload_line(payload: &Value) -> String {
    let (name, shown) = match (payload.get("headers"), payload.get("body")) {
        (Some(_), Some(body)) => ("body", body),
        _ => ("payload", payload),
    };
    format!("{name}: {}", cut(&inline(Some(shown)), LINE))
}

fn enforcement_lines(value: &Value, style: Style) -> Vec<String> {
    let rule = style.strong(text_at(value, "rule.ref"));
    let enforcement = style.faint(&format!("(enforcement {})", text_at(value, "id")));
    let status = style.status(text_at(value, "status"));
    let mut lines = vec![joined(&["rule", &rule, "matched:", &status, &enforcement])];
    let reason = text_at(value, "failure_reason");
    if !reason.is_empty() {
        lines.push(format!("reason: {}", shown(reason)));
    }
    lines
}

fn passed_line(value: &Value, style: Style) -> String {
    if let Some(more) = value.get("more").and_then(Value::as_u64) {
        return style.faint(&format!("{more} more rules listen to this trigger"));
    }
    let reason = format!("did not match: {}", shown(text_at(value, "reason")));
    format!("rule {} {}", text_at(value, "ref"), style.faint(&reason))
}

fn execution_lines(id: &str, reference: &str, value: &Value, style: Style) -> Vec<String> {
    let status = style.status(text_at(value, "status"));
    let took = duration_of(value)
        .map(|took| format!("in {took}"))
        .unwrap_or_default();
    let mut lines = vec![joined(&[
        "execution",
        id,
        &style.strong(reference),
        &status,
        &took,
    ])];
    if value.is_null() {
        lines.push(style.faint("no longer stored"));
        return lines;
    }
    lines.extend(circumstances(value).map(|text| style.faint(&text)));
    lines.extend(result_line(value.get("result")).map(|text| format!("result: {text}")));
    lines
}

/// By whom, how and where it ran.
fn circumstances(execution: &Value) -> Option<String> {
    let host = text_at(execution, "liveaction.runner_info.hostname");
    let parts: Vec<String> = [
        ("user", text_at(execution, "context.user")),
        ("runner", text_at(execution, "runner.name")),
        ("host", host),
    ]
    .into_iter()
    .filter(|(_, text)| !text.is_empty())
    .map(|(name, text)| format!("{name} {text}"))
    .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The part of a result that says most: an error, what a Python action gave back (`None` where that is nothing), what
/// was printed, or the whole of it.
fn result_line(result: Option<&Value>) -> Option<String> {
    let result = result.filter(|result| !result.is_null() && **result != json!({}))?;
    for name in ["error", "message", "result", "stdout", "stderr"] {
        let text = inline(result.get(name).filter(|value| **value != json!("None")));
        if !text.is_empty() {
            let name = Some(name).filter(|name| *name != "result");
            return Some(joined(&[name.unwrap_or_default(), &cut(&text, LINE)]));
        }
    }
    Some(cut(&inline(Some(result)), LINE))
}

fn joined(words: &[&str]) -> String {
    words
        .iter()
        .filter(|word| !word.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The whole tree as text.
pub(crate) fn draw(trace: &Value, roots: &[Node], style: Style) -> String {
    let tag = text_at(trace, "trace_tag");
    let began = text_at(trace, "start_timestamp");
    let mut lines = vec![joined(&[
        "trace",
        text_at(trace, "id"),
        &style.strong(&shown(tag)),
        &style.faint(began),
    ])];
    draw_children(roots, "", style, &mut lines);
    lines.join("\n")
}

fn draw_children(nodes: &[Node], indent: &str, style: Style, lines: &mut Vec<String>) {
    for (index, node) in nodes.iter().enumerate() {
        let is_last = index + 1 == nodes.len();
        let (branch, beneath) = if is_last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        let bar = if node.children().is_empty() {
            "   "
        } else {
            "│  "
        };
        for (number, line) in node.lines(style).into_iter().enumerate() {
            lines.push(if number == 0 {
                format!("{indent}{branch}{line}")
            } else {
                format!("{indent}{beneath}{bar}{line}")
            });
        }
        draw_children(node.children(), &format!("{indent}{beneath}"), style, lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> TraceParts {
        let trace = json!({
            "id": "t1",
            "trace_tag": "webhook-hook",
            "start_timestamp": "2026-11-21T20:00:00.000000Z",
            "trigger_instances": [
                { "object_id": "ti1", "ref": "core.1234", "caused_by": {} },
                { "object_id": "ti2", "ref": "core.st2.generic.actiontrigger",
                  "caused_by": { "type": "action_execution", "id": "e1" } },
            ],
            "rules": [
                { "object_id": "r1", "ref": "gold.on_hook", "caused_by": { "type": "trigger_instance", "id": "ti1" } },
            ],
            "action_executions": [
                { "object_id": "e1", "ref": "gold.echo", "caused_by": { "type": "rule", "id": "r1:ti1" } },
            ],
        });
        let instance = json!({
            "id": "ti1", "trigger": "core.1234", "status": "processed",
            "occurrence_time": "2026-11-21T20:00:00.000000Z", "payload": { "headers": {}, "body": { "kind": "go" } },
        });
        let execution = json!({
            "id": "e1", "action": { "ref": "gold.echo" }, "runner": { "name": "local-shell-cmd" },
            "status": "succeeded", "start_timestamp": "2026-11-21T20:00:00.000000Z",
            "end_timestamp": "2026-11-21T20:00:00.012000Z", "context": { "user": "stanley" },
            "liveaction": { "runner_info": { "hostname": "one" } }, "result": { "stdout": "hello", "stderr": "" },
        });
        let enforcements = vec![
            json!({ "id": "en1", "rule": { "ref": "gold.on_hook" }, "execution_id": "e1", "status": "succeeded" }),
            json!({ "id": "en2", "rule": { "ref": "gold.bad" }, "status": "failed", "failure_reason": "`x` is undefined" }),
        ];
        TraceParts {
            trace,
            trigger_instances: HashMap::from([("ti1".to_owned(), instance)]),
            executions: HashMap::from([("e1".to_owned(), execution)]),
            enforcements: HashMap::from([("ti1".to_owned(), enforcements)]),
            passed: HashMap::from([(
                "ti1".to_owned(),
                vec![
                    json!({ "ref": "gold.other", "reason": "`trigger.body.kind` equals `stop`, and it was `go`" }),
                ],
            )]),
            triggers: HashMap::from([(
                "core.1234".to_owned(),
                "core.st2.webhook {\"url\":\"hook\"}".to_owned(),
            )]),
        }
    }

    #[test]
    fn draws_what_came_in_which_rules_looked_and_what_ran() {
        let parts = parts();

        let text = draw(&parts.trace, &grow(&parts), Style::Plain);

        assert_eq!(
            text,
            "\
trace t1 webhook-hook 2026-11-21T20:00:00.000000Z
└─ trigger instance ti1 core.st2.webhook {\"url\":\"hook\"} processed 2026-11-21T20:00:00.000000Z
   │  body: {\"kind\":\"go\"}
   ├─ rule gold.on_hook matched: succeeded (enforcement en1)
   │  └─ execution e1 gold.echo succeeded in 0.012 s
   │     │  user stanley, runner local-shell-cmd, host one
   │     │  result: stdout hello
   │     └─ trigger instance ti2 core.st2.generic.actiontrigger
   │           no longer stored
   ├─ rule gold.bad matched: failed (enforcement en2)
   │     reason: `x` is undefined
   └─ rule gold.other did not match: `trigger.body.kind` equals `stop`, and it was `go`"
        );
    }

    #[test]
    fn gives_the_same_tree_as_json() {
        let parts = parts();

        let roots: Vec<Value> = grow(&parts).iter().map(Node::to_json).collect();

        let root = &roots[0];
        assert_eq!(root["kind"], "trigger_instance");
        assert_eq!(root["children"][0]["kind"], "rule_enforcement");
        assert_eq!(root["children"][0]["children"][0]["value"]["id"], "e1");
        assert_eq!(root["children"][2]["kind"], "rule_without_match");
    }

    #[test]
    fn puts_every_member_somewhere_even_where_causes_are_lost_or_circular() {
        let trace = json!({
            "id": "t",
            "trigger_instances": [
                { "object_id": "a", "ref": "x.a", "caused_by": { "type": "action_execution", "id": "e" } },
            ],
            "action_executions": [
                { "object_id": "e", "ref": "x.e", "caused_by": { "type": "rule", "id": "r:a" } },
                { "object_id": "f", "ref": "x.f", "caused_by": { "type": "rule", "id": "r:gone" } },
                { "object_id": "g", "ref": "x.g", "caused_by": {} },
                { "object_id": "h", "ref": "x.h", "caused_by": { "type": "action_execution", "id": "g" } },
            ],
        });
        let parts = TraceParts {
            trace,
            ..TraceParts::default()
        };

        let text = draw(&parts.trace, &grow(&parts), Style::Plain);

        let names: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("x."))
            .map(|line| &line[line.len() - 3..])
            .collect();
        assert_eq!(names, ["x.g", "x.h", "x.a", "x.e", "x.f"]);
    }
}
