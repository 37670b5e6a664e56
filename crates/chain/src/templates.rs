//! Mappings of templates whose members stand and fall alone, so that a failure can name its member.

use expr::{Mentioned, TemplateError, ValuesTemplate, Variables};
use serde_json::{Map, Value};

/// A mapping whose values are templates, compiled once. What does not compile fails when it is rendered, as in
/// StackStorm: the task may never be reached.
#[derive(Debug, Clone, Default)]
pub(crate) struct Templates {
    members: Vec<Member>,
}

#[derive(Debug, Clone)]
struct Member {
    name: String,
    template: Result<ValuesTemplate, TemplateError>,
}

/// Which member could not be rendered, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RenderFailure {
    pub(crate) name: String,
    /// The template; for lists and objects their JSON text.
    pub(crate) template: String,
    pub(crate) reason: String,
}

impl Templates {
    pub(crate) fn compile(mapping: &Map<String, Value>) -> Self {
        let member = |(name, value): (&String, &Value)| {
            let alone = Map::from_iter([(name.clone(), value.clone())]);
            Member {
                name: name.clone(),
                template: ValuesTemplate::compile(&alone),
            }
        };
        Self {
            members: mapping.iter().map(member).collect(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The values rendered, in order; the first that fails ends it.
    pub(crate) fn render(
        &self,
        variables: &Variables,
    ) -> Result<Map<String, Value>, RenderFailure> {
        let mut rendered = Map::with_capacity(self.members.len());
        for member in &self.members {
            let alone = match &member.template {
                Ok(template) => template.render(variables),
                Err(error) => Err(error.clone()),
            };
            rendered.extend(alone.map_err(|error| member.failure(error))?);
        }
        Ok(rendered)
    }

    pub(crate) fn datastore(&self) -> Mentioned {
        let mut all = Mentioned::default();
        for template in self.members.iter().flat_map(|one| &one.template) {
            all.merge(template.datastore());
        }
        all
    }
}

impl Member {
    fn failure(&self, error: TemplateError) -> RenderFailure {
        let about = format!("`{}`: ", self.name);
        RenderFailure {
            name: self.name.clone(),
            template: error.source_text,
            reason: match error.message.strip_prefix(&about) {
                Some(reason) => reason.to_owned(),
                None => error.message,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn templates(mapping: &Value) -> Templates {
        Templates::compile(mapping.as_object().unwrap())
    }

    fn variables() -> Variables {
        Variables {
            values: vec![("a".to_owned(), json!({"b": [1, 2]}).into())],
            datastore: None,
        }
    }

    #[test]
    fn what_has_no_template_keeps_its_type_and_the_rest_becomes_text_inside_its_structure() {
        let mapping = json!({"n": 1, "t": true, "text": "{{ a.b[0] }}", "deep": {"x": ["{{ a.b }}", 7, null]}});

        let rendered = templates(&mapping).render(&variables()).unwrap();

        let expected = json!({"n": 1, "t": true, "text": "1", "deep": {"x": ["[1, 2]", 7, null]}});
        assert_eq!(Value::Object(rendered), expected);
    }

    #[test]
    fn a_failure_names_the_member_the_template_and_the_reason() {
        for (value, reason) in [("{{ nope }}", "nope"), ("{{ 1 +", "not closed")] {
            let mapping = json!({"fine": "{{ a }}", "wrong": value});

            let failure = templates(&mapping).render(&variables()).unwrap_err();

            assert_eq!(
                (failure.name.as_str(), failure.template.as_str()),
                ("wrong", value)
            );
            assert!(failure.reason.contains(reason), "{}", failure.reason);
            assert!(!failure.reason.contains("`wrong`"), "{}", failure.reason);
        }
    }
}
