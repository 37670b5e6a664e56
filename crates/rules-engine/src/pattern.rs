//! Patterns: values as they are written, or templates.
//!
//! As in st2 only a text is rendered, and only at the top. A text with an expression in it is first rendered with
//! `| to_complex` before its last `}}` and read as JSON, so that `{{ trigger.count }}` keeps its type; where that is
//! not JSON the plain rendering is the pattern.

use std::borrow::Cow;

use expr::{Mentioned, Template, TemplateError, Variables};
use serde_json::Value;

use crate::criteria::{CriteriaError, Operator, Prepared};
use crate::subject::Subject;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(crate) enum Pattern {
    /// Known before any event.
    Static(Box<Prepared>),
    /// Rendered for each event.
    Template(Box<Templates>),
}

/// The two readings of a template.
#[derive(Debug, Clone)]
pub(crate) struct Templates {
    /// Gives JSON.
    typed: Option<Result<Template, TemplateError>>,
    /// Gives text.
    plain: Result<Template, TemplateError>,
    reads_datastore: bool,
}

impl Pattern {
    /// Compiles a pattern as it stands in a rule.
    pub(crate) fn new(operator: Operator, written: &Value) -> Self {
        match written.as_str() {
            Some(text) if is_template(text) => Self::Template(Box::new(Templates::new(text))),
            // Jinja, which st2 renders every text with, drops one line end at the end.
            Some(text) => Self::Static(Box::new(Prepared::new(
                operator,
                text.strip_suffix('\n').unwrap_or(text).into(),
            ))),
            None => Self::rendered(operator, written.clone()),
        }
    }

    /// A pattern that is not to be rendered (again).
    pub(crate) fn rendered(operator: Operator, pattern: Value) -> Self {
        Self::Static(Box::new(Prepared::new(operator, pattern)))
    }

    /// The pattern for this event.
    pub(crate) fn prepare(
        &self,
        operator: Operator,
        subject: &Subject<'_>,
    ) -> Result<Cow<'_, Prepared>, CriteriaError> {
        match self {
            Self::Static(prepared) => Ok(Cow::Borrowed(prepared)),
            Self::Template(templates) => Ok(Cow::Owned(Prepared::new(
                operator,
                templates.render(subject)?,
            ))),
        }
    }

    /// The value of a pattern that is no template.
    pub(crate) fn as_static(&self) -> Option<&Value> {
        match self {
            Self::Static(prepared) => Some(&prepared.pattern),
            Self::Template(_) => None,
        }
    }

    pub(crate) fn mentioned(&self) -> Mentioned {
        match self {
            Self::Static(_) => Mentioned::default(),
            Self::Template(templates) => templates
                .plain
                .as_ref()
                .map(Template::datastore)
                .unwrap_or_default(),
        }
    }
}

impl Templates {
    fn new(text: &str) -> Self {
        let plain = Template::compile(text);
        Self {
            typed: typed_source(text).map(|source| Template::compile(&source)),
            reads_datastore: plain
                .as_ref()
                .is_ok_and(|template| !template.datastore().is_empty()),
            plain,
        }
    }

    fn render(&self, subject: &Subject<'_>) -> Result<Value, CriteriaError> {
        let variables = subject.variables();
        let mut typed_error = None;
        if let Some(typed) = &self.typed {
            match render(typed, variables) {
                Ok(text) => match serde_json::from_str(&text) {
                    Ok(value) => return Ok(value),
                    Err(_not_json) => {}
                },
                // Bare items of the datastore have no JSON form, so that in st2 such patterns fail. Here they are texts.
                Err(_) if self.reads_datastore => {}
                Err(error) => typed_error = Some(error),
            }
        }
        // What is wrong is said of the pattern as it is written, if that fails as well.
        match (render(&self.plain, variables), typed_error) {
            (Ok(text), None) => Ok(Value::String(text)),
            (Err(error), _) => Err(CriteriaError::Template(Box::new(error))),
            (Ok(_), Some(error)) => Err(CriteriaError::Template(Box::new(self.of_typed(&error)))),
        }
    }

    /// An error that only `| to_complex` brings about.
    fn of_typed(&self, error: &TemplateError) -> TemplateError {
        let advice =
            "the last expression is read as JSON through `| to_complex`: put parentheses around it";
        let written = self.plain.as_ref().map(Template::source);
        TemplateError {
            message: format!("{}; {advice}", error.message),
            rendered: format!("{}\n  = {advice}", error.rendered),
            source_text: written.unwrap_or(&error.source_text).to_owned(),
            ..error.clone()
        }
    }
}

fn render(
    template: &Result<Template, TemplateError>,
    variables: &Variables,
) -> Result<String, TemplateError> {
    template.as_ref().map_err(Clone::clone)?.render(variables)
}

fn is_template(text: &str) -> bool {
    Template::is_template(text) || text.contains("{#")
}

/// The source with `| to_complex` in its last expression.
fn typed_source(text: &str) -> Option<String> {
    let end = text.rfind("}}")?;
    text[..end]
        .contains("{{")
        .then(|| format!("{} | to_complex {}", &text[..end], &text[end..]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn render(written: &str, payload: &Value) -> Result<Value, String> {
        let subject = Subject::new(payload, "2026-01-01T00:00:00Z".parse().unwrap(), None);
        let pattern = Pattern::new(Operator::Equals, &json!(written));
        pattern
            .prepare(Operator::Equals, &subject)
            .map(|prepared| prepared.pattern.clone())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_expression_keeps_its_type() {
        assert_eq!(render("{{ trigger.n }}", &json!({ "n": 5 })), Ok(json!(5)));
        assert_eq!(
            render("{{ trigger.n }}", &json!({ "n": "5" })),
            Ok(json!("5"))
        );
        assert_eq!(
            render("v{{ trigger.n }}", &json!({ "n": 5 })),
            Ok(json!("v5"))
        );
        assert_eq!(
            render("{% if true %}a{% endif %}", &json!({})),
            Ok(json!("a"))
        );
    }

    #[test]
    fn a_template_that_fails_says_why() {
        assert!(
            render("{{ trigger.nope }}", &json!({}))
                .unwrap_err()
                .starts_with("the pattern `{{ trigger.nope }}` cannot be rendered: ")
        );
        assert!(
            render("{{ bad", &json!({}))
                .unwrap_err()
                .starts_with("the pattern `{{ bad` cannot be rendered: ")
        );
    }

    #[test]
    fn a_plain_text_loses_one_line_end_as_in_jinja() {
        assert_eq!(render("abc\n", &json!({})), Ok(json!("abc")));
        assert_eq!(render("abc\n\n", &json!({})), Ok(json!("abc\n")));
    }
}
