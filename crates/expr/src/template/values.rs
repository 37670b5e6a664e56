//! Mappings of templates, as StackStorm's `render_values` treats them.

use diagnostic::{Diagnostic, Kind};
use serde_json::Value;

use super::{Template, TemplateError, Undefined};
use crate::Variables;

/// A mapping whose values are templates, compiled once.
#[derive(Debug, Clone)]
pub struct ValuesTemplate {
    members: Vec<(String, Member)>,
}

#[derive(Debug, Clone)]
enum Member {
    /// Nothing to render.
    Plain(Value),
    /// A text.
    Text(Value, Template),
    /// A list or object, as the template of its JSON text.
    Json(Value, Template),
}

impl ValuesTemplate {
    /// Compiles the values of a rule's action parameters.
    pub fn compile(mapping: &model::Object) -> Result<Self, TemplateError> {
        Self::compile_with(mapping, Undefined::Fails)
    }

    /// As [`ValuesTemplate::compile`], but undefined names print nothing.
    pub fn compile_lenient(mapping: &model::Object) -> Result<Self, TemplateError> {
        Self::compile_with(mapping, Undefined::IsEmpty)
    }

    fn compile_with(mapping: &model::Object, undefined: Undefined) -> Result<Self, TemplateError> {
        let member = |(name, value): (&String, &Value)| {
            member(value, undefined)
                .map(|member| (name.clone(), member))
                .map_err(|error| error.about(name))
        };
        Ok(Self {
            members: mapping.iter().map(member).collect::<Result<_, _>>()?,
        })
    }

    /// The values rendered. Without variables they stay as they are.
    pub fn render(&self, variables: &Variables) -> Result<model::Object, TemplateError> {
        let is_bare = variables.is_empty();
        let render = |(name, member): &(String, Member)| {
            let value = if is_bare {
                Ok(member.source().clone())
            } else {
                member.render(variables)
            };
            value
                .map(|value| (name.clone(), value))
                .map_err(|error| error.about(name))
        };
        self.members.iter().map(render).collect()
    }

    /// Datastore items that the templates mention.
    #[must_use]
    pub fn datastore(&self) -> crate::Mentioned {
        let mut all = crate::Mentioned::default();
        for (_, member) in &self.members {
            if let Member::Text(_, template) | Member::Json(_, template) = member {
                all.merge(template.datastore());
            }
        }
        all
    }
}

impl Member {
    fn source(&self) -> &Value {
        match self {
            Self::Plain(source) | Self::Text(source, _) | Self::Json(source, _) => source,
        }
    }

    fn render(&self, variables: &Variables) -> Result<Value, TemplateError> {
        match self {
            Self::Plain(source) => Ok(source.clone()),
            Self::Text(source, template) => {
                let text = template.render(variables)?;
                Ok(if text == template.source() {
                    source.clone()
                } else {
                    Value::String(text)
                })
            }
            Self::Json(source, template) => {
                let text = template.render(variables)?;
                if text == template.source() {
                    return Ok(source.clone());
                }
                serde_json::from_str(&text).map_err(|error| {
                    let message = format!(
                        "rendered, the value is no longer JSON (a quote or a line break in what was put in?): {error}"
                    );
                    TemplateError::new(&Diagnostic::new(Kind::Other, message), template.source())
                })
            }
        }
    }
}

fn member(value: &Value, undefined: Undefined) -> Result<Member, TemplateError> {
    let compile = |text: &str| Template::compile_with(text, undefined);
    match value {
        Value::Array(_) | Value::Object(_) => {
            let text = value.to_string();
            Ok(if changes(&text) {
                Member::Json(value.clone(), compile(&text)?)
            } else {
                Member::Plain(value.clone())
            })
        }
        Value::String(text) if changes(text) => Ok(Member::Text(value.clone(), compile(text)?)),
        _ => Ok(Member::Plain(value.clone())),
    }
}

/// Whether rendering can change a text: comments, a last newline and other lines' ends go even without an expression.
fn changes(text: &str) -> bool {
    Template::is_template(text)
        || text.contains("{#")
        || text.ends_with('\n')
        || text.contains('\r')
}

/// Values of a rule's action parameters or an alias's mapping, rendered as st2's `render_values` does: lists and
/// objects through their JSON text, scalars through their text, values without templates as they are.
///
/// Compiles on each call; what is rendered often is better kept as a [`ValuesTemplate`].
pub fn render_values(
    mapping: &model::Object,
    variables: &Variables,
) -> Result<model::Object, TemplateError> {
    ValuesTemplate::compile(mapping)?.render(variables)
}
