//! StackStorm's dialect of JSON Schema.
//!
//! Draft 4 with the differences of st2's `st2common/util/schema`: `required` is a boolean inside of each property,
//! `secret`, `immutable` and `position` are known, `format` is not checked, what is neither required nor has a
//! default may be null, and defaults are filled in before the instance is checked. Messages have the words of
//! Python's `jsonschema`, since clients see them.
//!
//! A schema is compiled once and evaluated often. The evaluator is our own: the dialect differs in too many places
//! from what the crates for JSON Schema implement. References reach into the schema itself only; nothing is fetched.
//!
//! ```
//! use schema::Schema;
//! use serde_json::json;
//!
//! let parameters = json!({ "host": { "type": "string", "required": true }, "port": { "type": "integer", "default": 22 } });
//! let schema = Schema::compile_attributes(parameters.as_object().unwrap(), false).unwrap();
//!
//! assert_eq!(schema.validate(&json!({ "host": "a" })).unwrap(), json!({ "host": "a", "port": 22 }));
//! assert_eq!(schema.validate(&json!({})).unwrap_err().message, "'host' is a required property");
//! ```

mod compile;
mod defaults;
mod effective;
mod equality;
mod error;
mod evaluate;
mod metaschema;
mod python;
mod subschema;

use serde_json::{Map, Value};

pub use effective::effective_parameters;
pub use error::{Detail, SchemaError, ValidationError};
pub use metaschema::{Attributes, attribute_schema};
pub use python::repr;
pub use subschema::Subschema;

use compile::Program;
use defaults::Defaults;

/// A compiled schema.
#[derive(Debug)]
pub struct Schema {
    program: Program,
    defaults: Option<Defaults>,
}

impl Schema {
    /// The schema that an action's parameters must meet: the runner's parameters merged with the action's.
    ///
    /// Refuses an action that changes what it may not (see [`effective_parameters`]) and schemas that are malformed.
    /// Parameters that no schema names are refused, unless there are no schemas at all.
    pub fn compile_parameters(
        runner_parameters: &Map<String, Value>,
        action_parameters: &Map<String, Value>,
    ) -> Result<Self, SchemaError> {
        let merged = effective_parameters(runner_parameters, action_parameters)?;
        Self::compile_attributes(&merged, false)
    }

    /// The schema of an object with these attributes, as in a `config.schema.yaml`: an empty attribute schema takes
    /// anything. Without any attributes everything passes.
    pub fn compile_attributes(
        attributes: &Map<String, Value>,
        allow_additional: bool,
    ) -> Result<Self, SchemaError> {
        Self::compile(&effective::wrap(attributes, allow_additional))
    }

    /// Compiles a schema: a trigger type's `payload_schema` or `parameters_schema`, or any other in the dialect.
    pub fn compile(schema: &Value) -> Result<Self, SchemaError> {
        Self::compile_exact(&defaults::allow_null(schema)?)
    }

    /// As [`Schema::compile`], of an action's `output_schema`: null is taken only where the schema says so.
    pub fn compile_exact(schema: &Value) -> Result<Self, SchemaError> {
        metaschema::check(schema)?;
        let is_object = schema.get("type").and_then(Value::as_str) == Some("object");
        let defaults = is_object.then(|| Defaults::of(schema)).flatten();
        Ok(Self {
            program: Program::compile(schema),
            defaults,
        })
    }

    /// Fills in defaults, checks the outcome, and returns it.
    ///
    /// Of several errors the one is reported that Python's `best_match` picks: the shallowest; in an `anyOf` the
    /// deepest.
    pub fn validate(&self, instance: &Value) -> Result<Value, ValidationError> {
        let mut instance = instance.clone();
        if let (Some(defaults), Value::Object(_)) = (&self.defaults, &instance) {
            defaults.fill(&mut instance);
        }
        match self.program.best_error(&instance) {
            None => Ok(instance),
            Some(error) => Err(error),
        }
    }
}
