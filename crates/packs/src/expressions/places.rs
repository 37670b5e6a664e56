//! Where expressions stand in each kind of definition, and what they may name there.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

use super::names::{Certainty, Names};
use super::{Dialect, Search};
use crate::Catalog;
use crate::workflow::Engine;

/// What parameters see beside each other.
const OF_PARAMETERS: [&str; 3] = ["st2kv", "action_context", "config_context"];
const OF_CRITERIA: &str = "a criterion's pattern can name `trigger` (the payload) and `st2kv`";
const OF_ITEMS: &str = "a pattern inside `search` can name `item` and `st2kv`";
const OF_DEFAULTS: &str = "a default can name parameters of the action or its runner, `config_context`, `action_context` and `st2kv`";
const OF_CONFIGS: &str = "a configuration can name `st2kv` alone";
/// Keys of a workflow's node that are never evaluated.
const PLAIN_KEYS: [&str; 5] = ["name", "ref", "description", "on-success", "on-failure"];

/// The parameters of the engine's runners.
static RUNNERS: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let runners = model::built_in_runners().into_iter();
    runners
        .map(|runner| {
            let parameters = runner.runner_parameters.into_iter();
            (runner.name, parameters.map(|(name, _)| name).collect())
        })
        .collect()
});

impl Search {
    /// Patterns of criteria, and parameters of the action.
    pub(super) fn rule(&mut self, document: &Value, catalog: &Catalog) {
        let type_ref = document.pointer("/trigger/type").and_then(Value::as_str);
        let type_ref = type_ref.unwrap_or_default();
        let payload = catalog.payload_members(type_ref);
        let of_criteria = Names::new(["trigger", "st2kv"], Certainty::Known, OF_CRITERIA)
            .payload(type_ref, payload);
        self.member(document, "criteria", |search, criteria| {
            search.criteria(criteria, &of_criteria);
        });
        // The action's own parameters can be named too, and the action need not be known.
        let given = document
            .pointer("/action/parameters")
            .and_then(Value::as_object);
        let given = given.into_iter().flatten().map(|(name, _)| name.as_str());
        let names = given.chain(OF_PARAMETERS).chain(["trigger"]);
        let of_action = Names::new(names, Certainty::Likely, "").payload(type_ref, payload);
        self.member(document, "action", |search, action| {
            search.member(action, "parameters", |search, parameters| {
                search.values(parameters, Dialect::Value(&of_action));
            });
        });
    }

    fn criteria(&mut self, criteria: &Value, names: &Names<'_>) {
        self.each(criteria, |search, key, criterion| {
            search.payload_path(key, names);
            search.member(criterion, "pattern", |search, pattern| {
                if pattern.is_object() {
                    let names = Names::new(["item", "st2kv"], Certainty::Known, OF_ITEMS);
                    search.criteria(pattern, &names);
                } else if pattern.is_string() {
                    search.value(pattern, Dialect::Value(names));
                }
            });
        });
    }

    /// Defaults of parameters, and what is said when an execution ends.
    pub(super) fn action(&mut self, document: &Value) {
        let runner = document.get("runner_type").and_then(Value::as_str);
        let of_runner = runner.and_then(|name| RUNNERS.get(name));
        let own = document.get("parameters").and_then(Value::as_object);
        let own = own.into_iter().flatten().map(|(name, _)| name.as_str());
        let runners = of_runner.into_iter().flatten().map(String::as_str);
        let certainty = if of_runner.is_some() {
            Certainty::Known
        } else {
            Certainty::Likely
        };
        let names = Names::new(
            own.chain(runners).chain(OF_PARAMETERS),
            certainty,
            OF_DEFAULTS,
        );
        self.member(document, "parameters", |search, parameters| {
            search.each(parameters, |search, _, parameter| {
                search.member(parameter, "default", |search, default| {
                    search.value(default, Dialect::Value(&names));
                });
            });
        });
        self.member(document, "notify", |search, notify| {
            search.each(notify, |search, _, when| {
                for key in ["message", "data"] {
                    search.member(when, key, |search, value| {
                        search.value(value, Dialect::Value(&Names::any()));
                    });
                }
            });
        });
    }

    /// What is said in chat, and parameters that chat cannot change.
    pub(super) fn alias(&mut self, document: &Value) {
        for (part, names) in [("ack", Names::any()), ("result", Names::any())] {
            let dialect = Dialect::Value(&names);
            self.member(document, part, |search, part| {
                search.member(part, "format", |search, format| {
                    search.value(format, dialect);
                });
                search.member(part, "extra", |search, extra| search.values(extra, dialect));
            });
        }
        self.member(document, "immutable_parameters", |search, parameters| {
            search.values(parameters, Dialect::Value(&Names::any()));
        });
    }

    /// Values that come from the datastore.
    pub(super) fn config(&mut self, document: &Value) {
        let names = Names::new(["st2kv"], Certainty::Known, OF_CONFIGS);
        self.values(document, Dialect::Text(&names));
    }

    /// All that the engine evaluates.
    pub(super) fn workflow(&mut self, document: &Value, engine: Engine) {
        match engine {
            Engine::Orquesta => {
                for part in ["input", "vars", "output", "tasks"] {
                    self.member(document, part, |search, part| {
                        search.value(part, Dialect::Workflow);
                    });
                }
            }
            Engine::ActionChain => self.chain(document),
            Engine::Mistral => {}
        }
    }

    fn chain(&mut self, document: &Value) {
        let names = Names::any();
        let dialect = Dialect::Value(&names);
        self.member(document, "vars", |search, vars| {
            search.values(vars, dialect);
        });
        self.member(document, "chain", |search, nodes| {
            search.each(nodes, |search, _, node| {
                search.each(node, |search, key, value| {
                    if !PLAIN_KEYS.contains(&key) {
                        search.values(value, dialect);
                    }
                });
            });
        });
    }
}
