//! Places in a workflow and in its schema.

use std::fmt::Write as _;

/// A place: keys and indices in the workflow, and the path in the schema that leads there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) steps: Vec<Step>,
    pub(super) schema: String,
    /// The key in the mapping that is meant rather than the mapping.
    pub(super) key: Option<String>,
    /// The last key is meant rather than its value.
    pub(super) is_key: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl Place {
    /// The value of a property.
    pub(super) fn property(&self, name: &str) -> Self {
        self.key(name).keyword("properties").keyword(name)
    }

    /// The value of a key, without a step in the schema.
    pub(super) fn key(&self, name: &str) -> Self {
        let mut place = self.clone();
        place.steps.push(Step::Key(name.to_owned()));
        place
    }

    /// The item of a list, without a step in the schema.
    pub(super) fn index(&self, at: usize) -> Self {
        let mut place = self.clone();
        place.steps.push(Step::Index(at));
        place
    }

    /// One step further in the schema.
    pub(super) fn keyword(mut self, keyword: &str) -> Self {
        if !self.schema.is_empty() {
            self.schema.push('.');
        }
        self.schema.push_str(keyword);
        self
    }

    /// The same place, but that key of it is meant.
    pub(super) fn at_key(mut self, name: &str) -> Self {
        self.key = Some(name.to_owned());
        self
    }

    /// The same place, but the key that leads there is meant.
    pub(super) fn at_own_key(mut self) -> Self {
        self.is_key = true;
        self
    }

    /// A task.
    pub(super) fn task(name: &str) -> Self {
        Self::tasks()
            .key(name)
            .keyword("patternProperties")
            .keyword(r"^\w+$")
    }

    /// All tasks.
    pub(super) fn tasks() -> Self {
        Self::default().property("tasks")
    }

    /// The path in the workflow, dotted; none at the top.
    pub(super) fn spec_path(&self) -> Option<String> {
        let mut path = String::new();
        for step in &self.steps {
            match step {
                Step::Key(name) if path.is_empty() => path.push_str(name),
                Step::Key(name) => {
                    path.push('.');
                    path.push_str(name);
                }
                Step::Index(at) => {
                    let _infallible = write!(path, "[{at}]");
                }
            }
        }
        (!path.is_empty()).then_some(path)
    }
}
