//! StackStorm's own functions, written once for both languages.
//!
//! A function is an entry of a table: its names, its parameters with their defaults, and a body that sees a [`Call`].
//! Jinja takes the parameters' names as they stand in the table (`result_index`), YAQL in camelCase (`resultIndex`).

mod call;
mod data;
#[cfg(test)]
mod documented;
mod path;
mod pattern;
mod secret;
mod sequence;
mod time;
mod version;
pub(crate) mod workflow;
mod yaml_read;
mod yaml_write;

use std::sync::Arc;

use diagnostic::Diagnostic;
use pyvalue::Value;

pub(crate) use call::{Call, Fault, Outcome};
pub(crate) use yaml_read::Naive;

/// Stands for null in texts until a parameter's cast turns it back.
pub const NONE_MAGIC_VALUE: &str = "%*****__%NONE%__*****%";

/// A function as both languages register it.
#[derive(Clone, Copy)]
pub(crate) struct Function {
    names: &'static [&'static str],
    parameters: &'static [Parameter],
    places: Places,
    body: fn(&Call<'_>) -> Outcome,
}

/// Where a function is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Places {
    /// Everywhere.
    All,
    /// Rules, parameters and aliases: a filter there.
    Templates,
    /// Workflows, in both languages.
    Workflows,
    /// As above, and what it asks of the state of the workflow makes no filter of it.
    State,
}

/// A parameter of a function.
#[derive(Clone, Copy)]
struct Parameter {
    name: &'static str,
    kind: Kind,
}

/// What stands where an argument is not given; YAQL takes the type of the parameter from it.
#[derive(Clone, Copy)]
enum Kind {
    Required,
    Null,
    Bool(bool),
    Int(i64),
    Texts(&'static [&'static str]),
    /// All further positional arguments, as a tuple.
    Rest,
    /// All further named arguments, as a dictionary.
    Keywords,
}

impl Parameter {
    const fn new(name: &'static str) -> Self {
        Self {
            name,
            kind: Kind::Required,
        }
    }

    const fn or(name: &'static str, kind: Kind) -> Self {
        Self { name, kind }
    }
}

impl Function {
    const fn new(
        names: &'static [&'static str],
        parameters: &'static [Parameter],
        body: fn(&Call<'_>) -> Outcome,
    ) -> Self {
        Self {
            names,
            parameters,
            places: Places::All,
            body,
        }
    }

    const fn at(mut self, places: Places) -> Self {
        self.places = places;
        self
    }

    fn for_jinja(&self) -> impl Iterator<Item = jinja::Function> + '_ {
        let (body, parameters) = (self.body, self.parameters);
        let function = jinja::Function::new(self.names[0], move |call: &jinja::Call<'_>| {
            let arguments = (0..parameters.len()).map(|at| call.arg(at).clone());
            body(&Call::from_jinja(arguments.collect(), call.run()))
                .map_err(|fault| Diagnostic::from(fault).into())
        });
        let function =
            parameters
                .iter()
                .fold(function, |function, parameter| match parameter.kind {
                    Kind::Required => function.required(parameter.name),
                    Kind::Rest => function.rest(parameter.name),
                    Kind::Keywords => function.keywords(parameter.name),
                    kind => function.optional(parameter.name, kind.value()),
                });
        self.names.iter().map(move |name| function.called(*name))
    }

    fn for_yaql(&self) -> impl Iterator<Item = yaql::Function> + '_ {
        let (body, parameters) = (self.body, self.parameters);
        let run: yaql::Shared = Arc::new(move |call: &yaql::Call<'_>| {
            let mut arguments = Vec::with_capacity(parameters.len());
            for (at, parameter) in parameters.iter().enumerate() {
                arguments.push(match parameter.kind {
                    Kind::Rest => Value::tuple(call.rest().cloned().collect()),
                    Kind::Keywords => {
                        let named = call.named_rest().iter();
                        let named = named
                            .map(|(name, value)| (Value::Str(Arc::clone(name)), value.clone()));
                        Value::Dict(named.collect())
                    }
                    _ => call.arg(at).clone(),
                });
            }
            body(&Call::from_yaql(arguments, call))
        });
        // Engines are made once in a process, and their functions live as long as it does.
        let parameters: &'static [yaql::Param] = parameters
            .iter()
            .map(Parameter::for_yaql)
            .collect::<Vec<_>>()
            .leak();
        self.names
            .iter()
            .map(move |name| yaql::Function::capturing(name, parameters, Arc::clone(&run)))
    }
}

impl Parameter {
    fn for_yaql(&self) -> yaql::Param {
        use yaql::{Absence, Param, Type};
        let name: &'static str = camel_case(self.name).leak();
        match self.kind {
            Kind::Required => Param::any(name),
            Kind::Null => Param::any(name).or_null(),
            Kind::Bool(truth) => Param::new(name, Type::Bool).nullable().or_bool(truth),
            Kind::Int(number) => Param::new(name, Type::Int).nullable().or_int(number),
            Kind::Texts(texts) => Param::new(name, Type::Sequence)
                .nullable()
                .or(Absence::Texts(texts)),
            Kind::Rest => Param::rest(name, Type::Any),
            Kind::Keywords => Param::named_rest(name),
        }
    }
}

impl Kind {
    fn value(self) -> Value {
        match self {
            Self::Required | Self::Null | Self::Rest | Self::Keywords => Value::None,
            Self::Bool(truth) => Value::Bool(truth),
            Self::Int(number) => Value::Int(number),
            Self::Texts(texts) => Value::tuple(texts.iter().copied().map(Value::from).collect()),
        }
    }
}

/// `result_index` as YAQL writes it: `resultIndex`.
fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut is_upper = false;
    for character in name.chars() {
        match character {
            '_' => is_upper = true,
            other if is_upper => {
                out.push(other.to_ascii_uppercase());
                is_upper = false;
            }
            other => out.push(other),
        }
    }
    out
}

fn all() -> impl Iterator<Item = &'static Function> {
    [
        data::FUNCTIONS,
        path::FUNCTIONS,
        pattern::FUNCTIONS,
        secret::FUNCTIONS,
        sequence::FUNCTIONS,
        time::FUNCTIONS,
        version::FUNCTIONS,
        workflow::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
}

/// The filters that rules, parameters and aliases know.
pub(crate) fn of_templates() -> impl Iterator<Item = jinja::Function> {
    all()
        .filter(|function| matches!(function.places, Places::All | Places::Templates))
        .flat_map(Function::for_jinja)
}

/// The functions that workflows know in Jinja.
pub(crate) fn of_workflows() -> impl Iterator<Item = jinja::Function> {
    all()
        .filter(|function| function.places != Places::Templates)
        .flat_map(Function::for_jinja)
}

/// The filters that workflows know in Jinja: all functions. Those of the state are there to say that they are none.
pub(crate) fn filters_of_workflows() -> impl Iterator<Item = jinja::Function> {
    let of_data = all()
        .filter(|function| matches!(function.places, Places::All | Places::Workflows))
        .flat_map(Function::for_jinja);
    let of_state = all()
        .filter(|function| function.places == Places::State)
        .flat_map(|function| function.names)
        .map(|name| {
            jinja::Function::new(*name, move |_: &jinja::Call<'_>| {
                Err(jinja::Error::type_error(format!(
                    "`{name}` is a function, not a filter: write `{name}(...)`"
                )))
            })
            .rest("args")
            .keywords("kwargs")
        });
    of_data.chain(of_state)
}

/// What workflows know in YAQL.
pub(crate) fn of_yaql() -> impl Iterator<Item = yaql::Function> {
    all()
        .filter(|function| function.places != Places::Templates)
        .flat_map(Function::for_yaql)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaql_has_its_own_spelling_of_parameters() {
        assert_eq!(camel_case("result_index"), "resultIndex");
        assert_eq!(camel_case("ignorecase"), "ignorecase");
    }

    #[test]
    fn secrets_are_opened_in_templates_only() {
        let has =
            |mut names: Box<dyn Iterator<Item = String>>| names.any(|name| name == "decrypt_kv");

        assert!(has(Box::new(of_templates().map(|f| f.name().to_owned()))));
        assert!(!has(Box::new(of_workflows().map(|f| f.name().to_owned()))));
        assert!(!has(Box::new(of_yaql().map(|f| f.name().to_owned()))));
    }
}
