//! The graph of parameters: templates rendered in the order of their dependencies.

use std::borrow::Cow;
use std::sync::Arc;

use expr::{Mentioned, Variables};
use indexmap::IndexMap;
use model::Object;
use serde_json::Value;

use super::cast::cast_parameter;
use super::prepared::{Compiled, Defaults, Parameter, Prepared, Templates};
use super::{FinalParameters, ParameterError};

/// The datastore's name in templates.
const DATASTORE: &str = "st2kv";

/// Parameters on their way from what was given to what is stored, or to what a runner works with.
#[derive(Debug)]
pub(crate) struct Rendering<'p> {
    defaults: &'p Defaults,
    given: &'p Object,
    nodes: IndexMap<&'p str, Node<'p>>,
}

#[derive(Debug)]
struct Node<'p> {
    value: &'p Value,
    prepared: Source<'p>,
}

/// A compiled value: made for this rendering, or shared with the action's plan.
#[derive(Debug)]
enum Source<'p> {
    Given(Arc<Prepared>),
    Default(&'p Parameter),
}

impl Node<'_> {
    fn prepared(&self) -> &Prepared {
        match &self.prepared {
            Source::Given(prepared) => prepared,
            Source::Default(parameter) => &parameter.prepared,
        }
    }

    /// A variable of the same name stands before a default, as upstream.
    fn shielded_by<'v>(&self, name: &str, variables: &'v Variables) -> Option<&'v Arc<Value>> {
        let Source::Default(parameter) = &self.prepared else {
            return None;
        };
        let (_, value) = variables
            .values
            .iter()
            .rev()
            .find(|(known, _)| known == name)?;
        Some(value.json()).filter(|value| !parameter.is_immutable && !value.is_null())
    }
}

/// What templates want to know beside the parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// There are templates at all.
    pub(crate) templates: bool,
    /// They read the request's context.
    pub(crate) context: bool,
    /// They read the pack's configuration.
    pub(crate) config: bool,
    /// They read these datastore items.
    pub(crate) datastore: Mentioned,
}

/// Rendered parameters by name; those without a template are still where they were.
type Values<'p> = IndexMap<&'p str, Cow<'p, Value>>;

impl<'p> Rendering<'p> {
    /// Given values are templates.
    pub(crate) fn of_templates(
        defaults: &'p Defaults,
        given: &'p Object,
        templates: &Templates,
    ) -> Self {
        Self::new(defaults, given, |value| templates.prepare(value))
    }

    /// Given values are rendered already.
    pub(crate) fn of_values(defaults: &'p Defaults, given: &'p Object) -> Self {
        Self::new(defaults, given, |_| Arc::new(Prepared::Plain))
    }

    fn new(
        defaults: &'p Defaults,
        given: &'p Object,
        prepare: impl Fn(&Value) -> Arc<Prepared>,
    ) -> Self {
        let mut nodes: IndexMap<&str, Node<'_>> = given
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str(),
                    Node {
                        value,
                        prepared: Source::Given(prepare(value)),
                    },
                )
            })
            .collect();
        for parameter in defaults.iter() {
            let is_missing = nodes
                .get(parameter.name.as_str())
                .is_none_or(|node| node.value.is_null());
            if is_missing || parameter.is_immutable {
                let node = Node {
                    value: &parameter.default,
                    prepared: Source::Default(parameter),
                };
                nodes.insert(&parameter.name, node);
            }
        }
        Self {
            defaults,
            given,
            nodes,
        }
    }

    /// What `live` and `complete` want to find in their variables.
    pub(crate) fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        for node in self.nodes.values() {
            let Some(compiled) = node.prepared().compiled() else {
                continue;
            };
            needs.templates = true;
            needs.context |= compiled.names.iter().any(|name| name == "action_context");
            needs.config |= compiled.names.iter().any(|name| name == "config_context");
            if !compiled.datastore.is_empty() {
                needs.datastore.merge(compiled.datastore.clone());
            }
        }
        needs
    }

    /// What an execution stores.
    pub(crate) fn live(&self, variables: &Variables) -> Result<Object, ParameterError> {
        let values = self.resolve(variables)?;
        let mut live = Object::new();
        for name in self.given.keys() {
            if let Some(value) = values.get(name.as_str()) {
                live.insert(
                    name.clone(),
                    cast_parameter(name, value, self.defaults.schema(name))?,
                );
            }
        }
        for parameter in self.defaults.iter() {
            let name = &parameter.name;
            if parameter.is_immutable
                || !parameter.has_template_default()
                || self.given.contains_key(name)
            {
                continue;
            }
            if let Some(value) = values
                .get(name.as_str())
                .filter(|value| ***value != parameter.default)
            {
                live.insert(
                    name.clone(),
                    cast_parameter(name, value, Some(&parameter.schema))?,
                );
            }
        }
        Ok(live)
    }

    /// What a runner works with.
    pub(crate) fn complete(
        &self,
        variables: &Variables,
    ) -> Result<FinalParameters, ParameterError> {
        let values = self.resolve(variables)?;
        let mut complete = FinalParameters {
            runner: Object::new(),
            action: Object::new(),
        };
        for parameter in self.defaults.runner.iter().chain(&self.defaults.action) {
            let name = &parameter.name;
            let is_runners = self.defaults.runner.iter().any(|known| &known.name == name);
            let side = if is_runners {
                &mut complete.runner
            } else {
                &mut complete.action
            };
            if let Some(value) = values
                .get(name.as_str())
                .filter(|_| !side.contains_key(name))
            {
                side.insert(
                    name.clone(),
                    cast_parameter(name, value, self.defaults.schema(name))?,
                );
            }
        }
        Ok(complete)
    }

    fn resolve(&'p self, variables: &Variables) -> Result<Values<'p>, ParameterError> {
        self.check_names(variables)?;
        let mut values = Values::with_capacity(self.nodes.len());
        let mut path = Vec::new();
        for name in self.nodes.keys() {
            self.render(name, variables, &mut values, &mut path)?;
        }
        Ok(values)
    }

    fn check_names(&self, variables: &Variables) -> Result<(), ParameterError> {
        let is_known = |name: &String| {
            self.nodes.contains_key(name.as_str())
                || variables.values.iter().any(|(known, _)| known == name)
                || (name == DATASTORE && variables.datastore.is_some())
        };
        let mut names = self
            .nodes
            .values()
            .flat_map(|node| node.prepared().dependencies());
        match names.find(|name| !is_known(name)) {
            Some(name) => Err(ParameterError::Dependency { name: name.clone() }),
            None => Ok(()),
        }
    }

    /// Renders a parameter after those it names.
    fn render(
        &'p self,
        name: &'p str,
        variables: &Variables,
        values: &mut Values<'p>,
        path: &mut Vec<&'p str>,
    ) -> Result<(), ParameterError> {
        let Some((name, node)) = self
            .nodes
            .get_key_value(name)
            .filter(|_| !values.contains_key(name))
        else {
            return Ok(());
        };
        if let Some(at) = path.iter().position(|known| known == name) {
            let mut cycle: Vec<String> = path[at..].iter().map(ToString::to_string).collect();
            cycle.sort();
            return Err(ParameterError::Cycle(cycle));
        }
        path.push(name);
        for dependency in node.prepared().dependencies() {
            self.render(dependency, variables, values, path)?;
        }
        path.pop();
        values.insert(name, value_of(name, node, variables, values)?);
        Ok(())
    }
}

/// The value of a node, whose dependencies have theirs already.
fn value_of<'p>(
    name: &str,
    node: &Node<'p>,
    variables: &Variables,
    values: &Values<'p>,
) -> Result<Cow<'p, Value>, ParameterError> {
    if let Some(shielding) = node.shielded_by(name, variables) {
        return Ok(Cow::Owned(Value::clone(shielding)));
    }
    let failed = |message: String| ParameterError::Render {
        parameter: name.to_owned(),
        message,
    };
    let render = |compiled: &Compiled| {
        let template = compiled
            .template
            .as_ref()
            .map_err(|error| failed(error.message.clone()))?;
        let seen = with_parameters(variables, &compiled.names, values);
        template
            .render(&seen)
            .map_err(|error| failed(error.message))
    };
    match node.prepared() {
        Prepared::Plain => Ok(Cow::Borrowed(node.value)),
        Prepared::Text(compiled) => render(compiled).map(|text| Cow::Owned(Value::String(text))),
        Prepared::Structure(compiled) => serde_json::from_str(&render(compiled)?)
            .map(Cow::Owned)
            .map_err(|error| failed(format!("rendered, the value is no longer JSON: {error}"))),
    }
}

/// The variables and the parameters that a template names.
fn with_parameters(variables: &Variables, names: &[String], values: &Values<'_>) -> Variables {
    let mut seen = variables.clone();
    for name in names {
        if let Some(value) = values.get(name.as_str()) {
            seen.values
                .push((name.clone(), value.clone().into_owned().into()));
        }
    }
    seen
}
