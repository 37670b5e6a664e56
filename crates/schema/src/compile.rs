//! A schema as a program: one node for each subschema, references resolved, patterns compiled.

use std::collections::HashMap;

use fancy_regex::Regex;
use serde_json::{Map, Value};

/// All subschemas; the first is the whole.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) nodes: Vec<Vec<Check>>,
}

/// Which subschema.
pub(crate) type NodeIndex = usize;

/// One keyword of a subschema and what it states.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) keyword: &'static str,
    pub(crate) stated: Value,
    pub(crate) rule: Rule,
}

/// A keyword's meaning.
#[derive(Debug)]
pub(crate) enum Rule {
    Reference(NodeIndex),
    /// A reference that leads nowhere, or out of the schema.
    BrokenReference(String),
    Types(Vec<Type>),
    OneOfValues(Vec<Value>),
    Minimum {
        limit: f64,
        is_exclusive: bool,
    },
    Maximum {
        limit: f64,
        is_exclusive: bool,
    },
    MultipleOf(f64),
    MinLength(u64),
    MaxLength(u64),
    Pattern(Pattern),
    Items(NodeIndex),
    ItemsByPlace(Vec<NodeIndex>),
    AdditionalItems {
        from: usize,
        rest: Rest,
    },
    MinItems(u64),
    MaxItems(u64),
    UniqueItems,
    Properties(Vec<Property>),
    PatternProperties(Vec<(Pattern, NodeIndex)>),
    AdditionalProperties {
        known: Vec<String>,
        patterns: Vec<Pattern>,
        rest: Rest,
    },
    MinProperties(u64),
    MaxProperties(u64),
    Dependencies(Vec<(String, Dependency)>),
    AllOf(Vec<NodeIndex>),
    AnyOf(Vec<NodeIndex>),
    OneOf(Vec<NodeIndex>),
    Not(NodeIndex),
}

/// What becomes of what no other keyword names.
#[derive(Debug)]
pub(crate) enum Rest {
    Refused,
    Meets(NodeIndex),
}

/// What must be there, or hold, where a property is there.
#[derive(Debug)]
pub(crate) enum Dependency {
    Names(Vec<String>),
    Meets(NodeIndex),
}

/// A property, and whether it must be there.
#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) name: String,
    pub(crate) node: NodeIndex,
    pub(crate) is_required: bool,
}

/// A regular expression, which may be broken: that is noticed by whoever meets it.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) text: String,
    pub(crate) regex: Option<Regex>,
}

impl Pattern {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            regex: Regex::new(text).ok(),
        }
    }

    /// Whether the pattern occurs in the text; a broken one occurs nowhere.
    pub(crate) fn occurs_in(&self, text: &str) -> bool {
        self.regex
            .as_ref()
            .is_some_and(|regex| regex.is_match(text).unwrap_or(false))
    }
}

/// A type by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Array,
    Boolean,
    Integer,
    Null,
    Number,
    Object,
    Text,
    /// A name that nothing is of.
    Unknown,
}

impl Type {
    fn named(name: &Value) -> Self {
        match name.as_str() {
            Some("array") => Self::Array,
            Some("boolean") => Self::Boolean,
            Some("integer") => Self::Integer,
            Some("null") => Self::Null,
            Some("number") => Self::Number,
            Some("object") => Self::Object,
            Some("string") => Self::Text,
            _ => Self::Unknown,
        }
    }

    /// 5.0 is no integer, and `true` is no number.
    pub(crate) fn fits(self, value: &Value) -> bool {
        match value {
            Value::Null => self == Self::Null,
            Value::Bool(_) => self == Self::Boolean,
            Value::Number(number) => {
                self == Self::Number || (self == Self::Integer && !number.is_f64())
            }
            Value::String(_) => self == Self::Text,
            Value::Array(_) => self == Self::Array,
            Value::Object(_) => self == Self::Object,
        }
    }
}

impl Program {
    /// Compiles a schema; keywords that are unknown or of a wrong type state nothing.
    pub(crate) fn compile(schema: &Value) -> Self {
        let mut compiler = Compiler {
            root: schema,
            nodes: Vec::new(),
            by_pointer: HashMap::new(),
        };
        compiler.node_at("", schema);
        Self {
            nodes: compiler.nodes,
        }
    }
}

struct Compiler<'a> {
    root: &'a Value,
    nodes: Vec<Vec<Check>>,
    /// Subschemas that references lead to, so that a schema may contain itself.
    by_pointer: HashMap<String, NodeIndex>,
}

impl<'a> Compiler<'a> {
    fn node_at(&mut self, pointer: &str, schema: &'a Value) -> NodeIndex {
        let index = self.reserve();
        self.by_pointer.insert(pointer.to_owned(), index);
        self.nodes[index] = self.checks(schema);
        index
    }

    fn node(&mut self, schema: &'a Value) -> NodeIndex {
        let index = self.reserve();
        self.nodes[index] = self.checks(schema);
        index
    }

    fn reserve(&mut self) -> NodeIndex {
        self.nodes.push(Vec::new());
        self.nodes.len() - 1
    }

    fn checks(&mut self, schema: &'a Value) -> Vec<Check> {
        let Value::Object(schema) = schema else {
            return Vec::new();
        };
        if let Some(Value::String(reference)) = schema.get("$ref") {
            // What stands beside a reference counts nothing.
            let rule = self.reference(reference);
            return vec![Check {
                keyword: "$ref",
                stated: schema["$ref"].clone(),
                rule,
            }];
        }
        let check = |(keyword, stated): (&String, &'a Value)| {
            let (keyword, rule) = self.rule(keyword, stated, schema)?;
            Some(Check {
                keyword,
                stated: stated.clone(),
                rule,
            })
        };
        schema.iter().filter_map(check).collect()
    }

    fn reference(&mut self, reference: &str) -> Rule {
        let broken = || Rule::BrokenReference(reference.to_owned());
        let Some(pointer) = reference.strip_prefix('#') else {
            return broken();
        };
        if let Some(&index) = self.by_pointer.get(pointer) {
            return Rule::Reference(index);
        }
        match self.root.pointer(pointer) {
            Some(schema) => Rule::Reference(self.node_at(pointer, schema)),
            None => broken(),
        }
    }

    fn rule(
        &mut self,
        keyword: &str,
        stated: &'a Value,
        schema: &'a Map<String, Value>,
    ) -> Option<(&'static str, Rule)> {
        self.rule_of_structure(keyword, stated, schema)
            .or_else(|| rule_of_value(keyword, stated, schema))
    }

    fn rule_of_structure(
        &mut self,
        keyword: &str,
        stated: &'a Value,
        schema: &'a Map<String, Value>,
    ) -> Option<(&'static str, Rule)> {
        Some(match keyword {
            "items" => match stated {
                Value::Array(schemas) => ("items", Rule::ItemsByPlace(self.nodes_of(schemas))),
                _ => ("items", Rule::Items(self.node(stated))),
            },
            "additionalItems" => {
                let from = schema.get("items")?.as_array()?.len();
                (
                    "additionalItems",
                    Rule::AdditionalItems {
                        from,
                        rest: self.rest(stated)?,
                    },
                )
            }
            "properties" => (
                "properties",
                Rule::Properties(self.properties(stated.as_object()?)),
            ),
            "patternProperties" => {
                let patterns = stated.as_object()?.iter();
                let patterns = patterns
                    .map(|(text, schema)| (Pattern::new(text), self.node(schema)))
                    .collect();
                ("patternProperties", Rule::PatternProperties(patterns))
            }
            "additionalProperties" => {
                let rest = self.rest(stated)?;
                let known = names_in(schema, "properties");
                let patterns = names_in(schema, "patternProperties")
                    .iter()
                    .map(|text| Pattern::new(text))
                    .collect();
                (
                    "additionalProperties",
                    Rule::AdditionalProperties {
                        known,
                        patterns,
                        rest,
                    },
                )
            }
            "dependencies" => {
                let dependencies = stated.as_object()?.iter();
                let dependencies = dependencies
                    .map(|(name, stated)| (name.clone(), self.dependency(stated)))
                    .collect();
                ("dependencies", Rule::Dependencies(dependencies))
            }
            "allOf" => ("allOf", Rule::AllOf(self.nodes_of(stated.as_array()?))),
            "anyOf" => ("anyOf", Rule::AnyOf(self.nodes_of(stated.as_array()?))),
            "oneOf" => ("oneOf", Rule::OneOf(self.nodes_of(stated.as_array()?))),
            "not" => ("not", Rule::Not(self.node(stated))),
            _ => return None,
        })
    }

    fn properties(&mut self, properties: &'a Map<String, Value>) -> Vec<Property> {
        let property = |(name, schema): (&String, &'a Value)| {
            let is_required = schema.get("required") == Some(&Value::Bool(true));
            Property {
                name: name.clone(),
                node: self.node(schema),
                is_required,
            }
        };
        properties.iter().map(property).collect()
    }

    fn nodes_of(&mut self, schemas: &'a [Value]) -> Vec<NodeIndex> {
        schemas.iter().map(|schema| self.node(schema)).collect()
    }

    fn rest(&mut self, stated: &'a Value) -> Option<Rest> {
        match stated {
            Value::Bool(false) => Some(Rest::Refused),
            Value::Object(_) => Some(Rest::Meets(self.node(stated))),
            _ => None,
        }
    }

    fn dependency(&mut self, stated: &'a Value) -> Dependency {
        match stated {
            Value::Array(names) => Dependency::Names(
                names
                    .iter()
                    .filter_map(|name| Some(name.as_str()?.to_owned()))
                    .collect(),
            ),
            Value::String(name) => Dependency::Names(vec![name.clone()]),
            _ => Dependency::Meets(self.node(stated)),
        }
    }
}

fn names_in(schema: &Map<String, Value>, keyword: &str) -> Vec<String> {
    schema
        .get(keyword)
        .and_then(Value::as_object)
        .map(|named| named.keys().cloned().collect())
        .unwrap_or_default()
}

fn rule_of_value(
    keyword: &str,
    stated: &Value,
    schema: &Map<String, Value>,
) -> Option<(&'static str, Rule)> {
    let is_set = |keyword: &str| schema.get(keyword) == Some(&Value::Bool(true));
    Some(match keyword {
        "type" => {
            let types = match stated {
                Value::Array(names) => names.iter().map(Type::named).collect(),
                name => vec![Type::named(name)],
            };
            ("type", Rule::Types(types))
        }
        "enum" => ("enum", Rule::OneOfValues(stated.as_array()?.clone())),
        "minimum" => {
            let is_exclusive = is_set("exclusiveMinimum");
            (
                "minimum",
                Rule::Minimum {
                    limit: stated.as_f64()?,
                    is_exclusive,
                },
            )
        }
        "maximum" => {
            let is_exclusive = is_set("exclusiveMaximum");
            (
                "maximum",
                Rule::Maximum {
                    limit: stated.as_f64()?,
                    is_exclusive,
                },
            )
        }
        "multipleOf" => (
            "multipleOf",
            Rule::MultipleOf(stated.as_f64().filter(|divisor| *divisor > 0.0)?),
        ),
        "minLength" => ("minLength", Rule::MinLength(stated.as_u64()?)),
        "maxLength" => ("maxLength", Rule::MaxLength(stated.as_u64()?)),
        "pattern" => ("pattern", Rule::Pattern(Pattern::new(stated.as_str()?))),
        "minItems" => ("minItems", Rule::MinItems(stated.as_u64()?)),
        "maxItems" => ("maxItems", Rule::MaxItems(stated.as_u64()?)),
        "uniqueItems" if is_set("uniqueItems") => ("uniqueItems", Rule::UniqueItems),
        "minProperties" => ("minProperties", Rule::MinProperties(stated.as_u64()?)),
        "maxProperties" => ("maxProperties", Rule::MaxProperties(stated.as_u64()?)),
        _ => return None,
    })
}
