//! Runs a compiled schema over an instance and tells all errors, or the one that explains most.

mod structure;

use serde_json::Value;

use crate::compile::{Check, NodeIndex, Program, Rule};
use crate::equality::equal;
use crate::error::{Detail, ValidationError};
use crate::python::{repr, text_repr};

/// How deep evaluation goes before a schema counts as endless.
const MAX_DEPTH: usize = 300;

impl Program {
    /// The error to report, if any: the last of the shallowest; below an `anyOf` or `oneOf` the deepest.
    pub(crate) fn best_error(&self, instance: &Value) -> Option<ValidationError> {
        let mut run = Run {
            program: self,
            path: Vec::new(),
            node: 0,
            depth: 0,
            errors: Vec::new(),
        };
        run.node(0, instance);
        // `max_by` takes the last of equals; the first is wanted.
        let mut best = run
            .errors
            .into_iter()
            .rev()
            .max_by_key(|error| error.relevance(0))?;
        while let Some(deeper) = telling_cause(&mut best) {
            best = deeper;
        }
        best.detail.context.clear();
        Some(best)
    }
}

/// The cause below an alternative that failed which explains it best; none where all explain equally.
fn telling_cause(error: &mut ValidationError) -> Option<ValidationError> {
    let depth = error.path.len();
    let mut causes = std::mem::take(&mut error.detail.context);
    causes.sort_by_key(|cause| cause.relevance(depth));
    let is_tied = matches!(&causes[..], [first, second, ..] if first.relevance(depth) == second.relevance(depth));
    if is_tied {
        None
    } else {
        causes.into_iter().next()
    }
}

struct Run<'a> {
    program: &'a Program,
    path: Vec<String>,
    /// The subschema under evaluation.
    node: NodeIndex,
    depth: usize,
    errors: Vec<ValidationError>,
}

impl<'a> Run<'a> {
    fn node(&mut self, node: NodeIndex, instance: &Value) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        self.depth += 1;
        let outer = std::mem::replace(&mut self.node, node);
        let program = self.program;
        for check in &program.nodes[node] {
            self.check(check, instance);
        }
        self.node = outer;
        self.depth -= 1;
    }

    /// Evaluates apart and hands back the errors.
    fn errors_of(&mut self, node: NodeIndex, instance: &Value) -> Vec<ValidationError> {
        let before = std::mem::take(&mut self.errors);
        self.node(node, instance);
        std::mem::replace(&mut self.errors, before)
    }

    fn below(&mut self, step: String, node: NodeIndex, instance: &Value) {
        self.path.push(step);
        self.node(node, instance);
        self.path.pop();
    }

    fn fail(&mut self, check: &Check, instance: &Value, message: String) -> &mut ValidationError {
        self.errors.push(ValidationError {
            validator: check.keyword,
            path: self.path.clone(),
            message,
            detail: Box::new(Detail {
                instance: instance.clone(),
                expected: check.stated.clone(),
                names: Vec::new(),
                context: Vec::new(),
                has_stated_type: self.has_stated_type(instance),
            }),
        });
        self.errors.last_mut().expect("one was just pushed")
    }

    fn has_stated_type(&self, instance: &Value) -> bool {
        let stated = self.program.nodes[self.node]
            .iter()
            .find_map(|check| match &check.rule {
                Rule::Types(types) => Some(types),
                _ => None,
            });
        stated.is_some_and(|types| types.iter().any(|one| one.fits(instance)))
    }

    fn check(&mut self, check: &'a Check, instance: &Value) {
        match instance {
            Value::Number(_) => self.check_number(check, instance),
            Value::String(text) => self.check_text(check, text, instance),
            Value::Array(items) => self.check_list(check, items, instance),
            Value::Object(object) => self.check_object(check, object, instance),
            Value::Null | Value::Bool(_) => {}
        }
        self.check_any(check, instance);
    }

    /// Keywords that look at values of every type.
    fn check_any(&mut self, check: &'a Check, instance: &Value) {
        match &check.rule {
            Rule::Reference(node) => self.node(*node, instance),
            Rule::BrokenReference(reference) => {
                self.fail(
                    check,
                    instance,
                    format!(
                        "the schema's reference {} cannot be resolved",
                        text_repr(reference)
                    ),
                );
            }
            Rule::Types(types) if !types.iter().any(|one| one.fits(instance)) => {
                let names = match &check.stated {
                    Value::Array(names) => names.iter().map(repr).collect::<Vec<_>>().join(", "),
                    name => repr(name),
                };
                self.fail(
                    check,
                    instance,
                    format!("{} is not of type {names}", repr(instance)),
                );
            }
            Rule::OneOfValues(values) if !values.iter().any(|value| equal(value, instance)) => {
                self.fail(
                    check,
                    instance,
                    format!("{} is not one of {}", repr(instance), repr(&check.stated)),
                );
            }
            Rule::AllOf(nodes) => nodes.iter().for_each(|node| self.node(*node, instance)),
            Rule::AnyOf(nodes) => {
                self.check_alternatives(check, nodes, instance);
            }
            Rule::OneOf(nodes) => self.check_one_of(check, nodes, instance),
            Rule::Not(node) if self.errors_of(*node, instance).is_empty() => {
                let message = format!(
                    "{} should not be valid under {}",
                    repr(instance),
                    repr(&check.stated)
                );
                self.fail(check, instance, message);
            }
            _ => {}
        }
    }

    fn check_alternatives(&mut self, check: &Check, nodes: &[NodeIndex], instance: &Value) -> bool {
        let mut context = Vec::new();
        for node in nodes {
            let errors = self.errors_of(*node, instance);
            if errors.is_empty() {
                return true;
            }
            context.extend(errors);
        }
        let message = format!(
            "{} is not valid under any of the given schemas",
            repr(instance)
        );
        self.fail(check, instance, message).detail.context = context;
        false
    }

    fn check_one_of(&mut self, check: &Check, nodes: &[NodeIndex], instance: &Value) {
        if !self.check_alternatives(check, nodes, instance) {
            return;
        }
        let fitting: Vec<usize> = (0..nodes.len())
            .filter(|index| self.errors_of(nodes[*index], instance).is_empty())
            .collect();
        if fitting.len() > 1 {
            let schemas: Vec<String> = fitting
                .iter()
                .map(|index| repr(&check.stated[*index]))
                .collect();
            self.fail(
                check,
                instance,
                format!(
                    "{} is valid under each of {}",
                    repr(instance),
                    schemas.join(", ")
                ),
            );
        }
    }

    fn check_number(&mut self, check: &Check, instance: &Value) {
        let number = instance.as_f64().unwrap_or(f64::NAN);
        let (fails, words) = match &check.rule {
            Rule::Minimum {
                limit,
                is_exclusive: true,
            } => (number <= *limit, "less than or equal to the minimum of"),
            Rule::Minimum {
                limit,
                is_exclusive: false,
            } => (number < *limit, "less than the minimum of"),
            Rule::Maximum {
                limit,
                is_exclusive: true,
            } => (number >= *limit, "greater than or equal to the maximum of"),
            Rule::Maximum {
                limit,
                is_exclusive: false,
            } => (number > *limit, "greater than the maximum of"),
            Rule::MultipleOf(divisor) => ((number / divisor).fract() != 0.0, "not a multiple of"),
            _ => return,
        };
        if fails {
            self.fail(
                check,
                instance,
                format!("{} is {words} {}", repr(instance), repr(&check.stated)),
            );
        }
    }

    fn check_text(&mut self, check: &Check, text: &str, instance: &Value) {
        match &check.rule {
            Rule::MinLength(limit) if length(text) < *limit => {
                self.fail_size(
                    check,
                    instance,
                    if *limit == 1 {
                        "should be non-empty"
                    } else {
                        "is too short"
                    },
                );
            }
            Rule::MaxLength(limit) if length(text) > *limit => {
                self.fail_size(
                    check,
                    instance,
                    if *limit == 0 {
                        "is expected to be empty"
                    } else {
                        "is too long"
                    },
                );
            }
            Rule::Pattern(pattern) if pattern.regex.is_none() => {
                let message = format!(
                    "the pattern {} is not a regular expression",
                    text_repr(&pattern.text)
                );
                self.fail(check, instance, message);
            }
            Rule::Pattern(pattern) if !pattern.occurs_in(text) => {
                self.fail(
                    check,
                    instance,
                    format!(
                        "{} does not match {}",
                        repr(instance),
                        text_repr(&pattern.text)
                    ),
                );
            }
            _ => {}
        }
    }

    fn fail_size(&mut self, check: &Check, instance: &Value, words: &str) {
        self.fail(check, instance, format!("{} {words}", repr(instance)));
    }
}

fn length(text: &str) -> u64 {
    size(text.chars().count())
}

fn size(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
