//! The graph of parameters: templates rendered in the order of their dependencies.

use std::borrow::Cow;
use std::sync::Arc;

use expr::{Mentioned, TemplateError, Variables};
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
        for at in self.order()? {
            let (name, node) = (self.nodes.keys()[at], &self.nodes[at]);
            let value = value_of(name, node, variables, &values);
            let value = value.map_err(|failure| ParameterError::Render {
                parameter: name.to_owned(),
                message: failure.told(self.is_secret(name)),
            })?;
            values.insert(name, value);
        }
        Ok(values)
    }

    fn is_secret(&self, name: &str) -> bool {
        let schema = self.defaults.schema(name);
        schema.and_then(|schema| schema.get("secret")) == Some(&Value::Bool(true))
    }

    fn check_names(&self, variables: &Variables) -> Result<(), ParameterError> {
        let is_known = |name: &String| {
            self.nodes.contains_key(name.as_str())
                || variables.values.iter().any(|(known, _)| known == name)
                || (name == DATASTORE && variables.datastore.is_some())
        };
        let mut names = self.nodes.iter().flat_map(|(parameter, node)| {
            let names = node.prepared().dependencies().iter();
            names.map(move |name| (*parameter, name))
        });
        match names.find(|(_, name)| !is_known(name)) {
            Some((parameter, name)) => Err(self.unknown_name(parameter, name, variables)),
            None => Ok(()),
        }
    }

    fn unknown_name(&self, parameter: &str, name: &str, variables: &Variables) -> ParameterError {
        let parameters = self.nodes.keys().copied();
        let others = variables.values.iter().map(|(name, _)| name.as_str());
        let contexts = [DATASTORE, "action_context", "config_context"];
        // That a parameter names itself is never what was meant.
        let known = contexts.into_iter().chain(others).chain(parameters);
        let known = known.filter(|known| *known != parameter);
        ParameterError::Dependency {
            name: name.to_owned(),
            parameter: parameter.to_owned(),
            suggestion: diagnostic::nearest(name, known).map(str::to_owned),
        }
    }

    /// The places of all parameters, each after those it names. Without recursion: a chain may be as long as the
    /// request that brings it.
    fn order(&self) -> Result<Vec<usize>, ParameterError> {
        let mut visits = vec![Visit::New; self.nodes.len()];
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut path = Vec::new();
        for start in 0..self.nodes.len() {
            if visits[start] == Visit::New {
                visits[start] = Visit::Open;
                path.push((start, 0));
            }
            while let Some((at, next)) = path.last_mut() {
                let Some(name) = self.nodes[*at].prepared().dependencies().get(*next) else {
                    visits[*at] = Visit::Done;
                    order.push(*at);
                    path.pop();
                    continue;
                };
                *next += 1;
                let Some(dependency) = self.nodes.get_index_of(name.as_str()) else {
                    continue;
                };
                match visits[dependency] {
                    Visit::New => {
                        visits[dependency] = Visit::Open;
                        path.push((dependency, 0));
                    }
                    Visit::Open => return Err(self.cycle(&path, dependency)),
                    Visit::Done => {}
                }
            }
        }
        Ok(order)
    }

    /// The end of a path that leads back to where it has been.
    fn cycle(&self, path: &[(usize, usize)], back_to: usize) -> ParameterError {
        let members = path.iter().skip_while(|(at, _)| *at != back_to);
        let mut names: Vec<String> = members
            .map(|(at, _)| self.nodes.keys()[*at].to_owned())
            .collect();
        names.sort();
        ParameterError::Cycle(names)
    }
}

/// How far the search for an order has come with a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visit {
    New,
    /// What it names is looked at.
    Open,
    Done,
}

/// The value of a node, whose dependencies have theirs already.
fn value_of<'p>(
    name: &str,
    node: &Node<'p>,
    variables: &Variables,
    values: &Values<'p>,
) -> Result<Cow<'p, Value>, Failure> {
    if let Some(shielding) = node.shielded_by(name, variables) {
        return Ok(Cow::Owned(Value::clone(shielding)));
    }
    let render = |compiled: &Compiled| {
        let template = compiled.template.as_ref().map_err(Clone::clone);
        let seen = with_parameters(variables, &compiled.names, values);
        template
            .and_then(|template| template.render(&seen))
            .map_err(|error| Failure::Template(Box::new(error)))
    };
    match node.prepared() {
        Prepared::Plain => Ok(Cow::Borrowed(node.value)),
        Prepared::Text(compiled) => render(compiled).map(|text| Cow::Owned(Value::String(text))),
        Prepared::Structure(compiled) => serde_json::from_str(&render(compiled)?)
            .map(Cow::Owned)
            .map_err(Failure::NoJson),
    }
}

/// Why a parameter has no value.
#[derive(Debug)]
enum Failure {
    Template(Box<TemplateError>),
    /// A list or an object is rendered as JSON, and must be JSON after that.
    NoJson(serde_json::Error),
}

impl Failure {
    /// What went wrong, and the line in which it did, if that may be shown.
    fn told(&self, is_secret: bool) -> String {
        match self {
            Self::NoJson(error) => format!(
                "rendered, the value is no longer JSON ({error}); a text with quotes or line ends cannot be put into a \
                 list or an object as it is, use `to_json_string`"
            ),
            Self::Template(error) if is_secret => error.message.clone(),
            Self::Template(error) => format!("`{}`: {}", line_at_fault(error), error.message),
        }
    }
}

/// The line of a template that a fault is in, cut around it where it is long.
fn line_at_fault(error: &TemplateError) -> &str {
    let shown = error.rendered.lines().nth(1);
    let line = shown.and_then(|line| line.split_once(" | "));
    match line {
        Some((number, line)) if number.trim().bytes().all(|byte| byte.is_ascii_digit()) => {
            line.trim()
        }
        _ => error.source_text.lines().next().unwrap_or_default(),
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
