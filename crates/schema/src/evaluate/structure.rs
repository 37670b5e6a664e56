//! Keywords that look into lists and objects.

use serde_json::{Map, Value};

use super::{Run, size};
use crate::compile::{Check, Dependency, Property, Rest, Rule};
use crate::equality::equal;
use crate::error::{Detail, ValidationError};
use crate::python::{repr, text_repr};

impl Run<'_> {
    pub(super) fn check_list(&mut self, check: &Check, items: &[Value], instance: &Value) {
        match &check.rule {
            Rule::Items(node) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, item)| self.below(index.to_string(), *node, item));
            }
            Rule::ItemsByPlace(nodes) => {
                let places = nodes.iter().zip(items).enumerate();
                places.for_each(|(index, (node, item))| self.below(index.to_string(), *node, item));
            }
            Rule::AdditionalItems { from, rest } => {
                self.check_additional_items(check, *from, rest, items, instance);
            }
            Rule::MinItems(limit) if size(items.len()) < *limit => {
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
            Rule::MaxItems(limit) if size(items.len()) > *limit => {
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
            Rule::UniqueItems if has_equals(items) => {
                self.fail_size(check, instance, "has non-unique elements");
            }
            _ => {}
        }
    }

    fn check_additional_items(
        &mut self,
        check: &Check,
        from: usize,
        rest: &Rest,
        items: &[Value],
        instance: &Value,
    ) {
        let additional = items.get(from..).unwrap_or_default();
        match rest {
            Rest::Meets(node) => {
                let places = additional.iter().enumerate();
                places
                    .for_each(|(index, item)| self.below((from + index).to_string(), *node, item));
            }
            Rest::Refused if !additional.is_empty() => {
                let shown: Vec<String> = additional.iter().map(repr).collect();
                self.fail(
                    check,
                    instance,
                    format!("Additional items are not allowed ({})", unexpected(&shown)),
                );
            }
            Rest::Refused => {}
        }
    }

    pub(super) fn check_object(
        &mut self,
        check: &Check,
        object: &Map<String, Value>,
        instance: &Value,
    ) {
        match &check.rule {
            Rule::Properties(properties) => {
                for property in properties {
                    self.check_property(property, object, instance);
                }
            }
            Rule::PatternProperties(patterns) => {
                for (pattern, node) in patterns {
                    let matching = object.iter().filter(|(key, _)| pattern.occurs_in(key));
                    matching.for_each(|(key, value)| self.below(key.clone(), *node, value));
                }
            }
            Rule::AdditionalProperties { .. } => {
                self.check_additional_properties(check, object, instance);
            }
            Rule::MinProperties(limit) if size(object.len()) < *limit => {
                self.fail_size(
                    check,
                    instance,
                    if *limit == 1 {
                        "should be non-empty"
                    } else {
                        "does not have enough properties"
                    },
                );
            }
            Rule::MaxProperties(limit) if size(object.len()) > *limit => {
                self.fail_size(
                    check,
                    instance,
                    if *limit == 0 {
                        "is expected to be empty"
                    } else {
                        "has too many properties"
                    },
                );
            }
            Rule::Dependencies(dependencies) => {
                let given = dependencies
                    .iter()
                    .filter(|(name, _)| object.contains_key(name));
                given.for_each(|(name, dependency)| {
                    self.check_dependency(check, name, dependency, instance);
                });
            }
            _ => {}
        }
    }

    fn check_property(
        &mut self,
        property: &Property,
        object: &Map<String, Value>,
        instance: &Value,
    ) {
        if let Some(value) = object.get(&property.name) {
            self.below(property.name.clone(), property.node, value);
        } else if property.is_required {
            let mut path = self.path.clone();
            path.push(property.name.clone());
            self.errors.push(ValidationError {
                validator: "required",
                path,
                message: format!("{} is a required property", text_repr(&property.name)),
                detail: Box::new(Detail {
                    instance: instance.clone(),
                    expected: Value::Bool(true),
                    names: vec![property.name.clone()],
                    context: Vec::new(),
                    has_stated_type: true,
                }),
            });
        }
    }

    fn check_additional_properties(
        &mut self,
        check: &Check,
        object: &Map<String, Value>,
        instance: &Value,
    ) {
        let Rule::AdditionalProperties {
            known,
            patterns,
            rest,
        } = &check.rule
        else {
            return;
        };
        let is_known = |key: &str| {
            known.iter().any(|name| name == key) || patterns.iter().any(|p| p.occurs_in(key))
        };
        let additional: Vec<&String> = object.keys().filter(|key| !is_known(key)).collect();
        match rest {
            Rest::Meets(node) => additional
                .into_iter()
                .for_each(|key| self.below(key.clone(), *node, &object[key])),
            Rest::Refused if !additional.is_empty() => {
                let shown: Vec<String> = additional.iter().map(|key| text_repr(key)).collect();
                let message = if patterns.is_empty() {
                    format!(
                        "Additional properties are not allowed ({})",
                        unexpected(&shown)
                    )
                } else {
                    let verb = if shown.len() == 1 { "does" } else { "do" };
                    let texts: Vec<String> = patterns
                        .iter()
                        .map(|pattern| text_repr(&pattern.text))
                        .collect();
                    format!(
                        "{} {verb} not match any of the regexes: {}",
                        shown.join(", "),
                        texts.join(", ")
                    )
                };
                self.fail(check, instance, message).detail.names =
                    additional.into_iter().cloned().collect();
            }
            Rest::Refused => {}
        }
    }

    fn check_dependency(
        &mut self,
        check: &Check,
        name: &str,
        dependency: &Dependency,
        instance: &Value,
    ) {
        match dependency {
            Dependency::Meets(node) => self.node(*node, instance),
            Dependency::Names(needed) => {
                for needed in needed
                    .iter()
                    .filter(|needed| instance.get(needed.as_str()).is_none())
                {
                    let message = format!(
                        "{} is a dependency of {}",
                        text_repr(needed),
                        text_repr(name)
                    );
                    self.fail(check, instance, message).detail.names = vec![needed.clone()];
                }
            }
        }
    }
}

fn unexpected(shown: &[String]) -> String {
    format!(
        "{} {} unexpected",
        shown.join(", "),
        if shown.len() == 1 { "was" } else { "were" }
    )
}

fn has_equals(items: &[Value]) -> bool {
    items
        .iter()
        .enumerate()
        .any(|(index, item)| items[..index].iter().any(|earlier| equal(earlier, item)))
}
