//! What definitions may refer to: runners and trigger types.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use model::{IdSource, Object, RunnerType, TriggerType};
use serde_json::Value;
use store::{DefinitionFilter, Store, StoreError};

use crate::{parallel, reading};

/// The runners and trigger types that are known while packs are checked.
#[derive(Debug, Clone)]
pub struct Catalog {
    runners: HashMap<String, Object>,
    trigger_types: HashMap<String, Object>,
    /// The members of payloads, where their schemas describe some.
    payloads: HashMap<String, Vec<String>>,
}

impl Catalog {
    /// What the engine itself brings.
    #[must_use]
    pub fn built_in() -> Self {
        let runners = model::built_in_runners()
            .into_iter()
            .map(|runner| (runner.name, runner.runner_parameters));
        let mut catalog = Self {
            runners: runners.collect(),
            trigger_types: HashMap::new(),
            payloads: HashMap::new(),
        };
        for one in model::internal_trigger_types() {
            let type_ref = format!("{}.{}", one.pack, one.name);
            catalog.add(type_ref, one.parameters_schema, &one.payload_schema);
        }
        catalog
    }

    /// What the engine brings and what is registered already.
    pub async fn of_store(store: &Store) -> Result<Self, StoreError> {
        let mut catalog = Self::built_in();
        let everything = DefinitionFilter::default();
        for runner in store.all::<RunnerType>(&everything).await? {
            catalog
                .runners
                .insert(runner.name, runner.runner_parameters);
        }
        for one in store.all::<TriggerType>(&everything).await? {
            catalog.add_trigger_type(&one);
        }
        Ok(catalog)
    }

    /// Makes a trigger type known.
    pub fn add_trigger_type(&mut self, one: &TriggerType) {
        self.add(
            one.type_ref.to_string(),
            one.parameters_schema.clone(),
            &one.payload_schema,
        );
    }

    fn add(&mut self, type_ref: String, parameters: Object, payload: &Object) {
        let members = payload.get("properties").and_then(Value::as_object);
        let members: Vec<String> = members
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        if members.is_empty() {
            self.payloads.remove(&type_ref);
        } else {
            self.payloads.insert(type_ref.clone(), members);
        }
        self.trigger_types.insert(type_ref, parameters);
    }

    /// Makes trigger types known.
    pub fn add_trigger_types(&mut self, types: &[TriggerType]) {
        for one in types {
            self.add_trigger_type(one);
        }
    }

    /// Makes the trigger types of the packs in these folders known; of two with one name the last counts.
    pub(crate) fn learn(&mut self, folders: &[&Path], ids: &IdSource, now: DateTime<Utc>) {
        let types = parallel::each(folders, |folder| reading::trigger_types(folder, ids, now));
        for types in types {
            self.add_trigger_types(&types);
        }
    }

    /// This catalog, where it knows these trigger types just so; else one that does.
    pub(crate) fn with(&self, types: &[TriggerType]) -> Cow<'_, Self> {
        let is_known = |one: &TriggerType| {
            self.trigger_parameters(&one.type_ref.to_string()) == Some(&one.parameters_schema)
        };
        if types.iter().all(is_known) {
            return Cow::Borrowed(self);
        }
        let mut catalog = self.clone();
        catalog.add_trigger_types(types);
        Cow::Owned(catalog)
    }

    /// The parameters of a runner.
    #[must_use]
    pub fn runner_parameters(&self, runner: &str) -> Option<&Object> {
        self.runners.get(runner)
    }

    /// The names of all runners, sorted.
    #[must_use]
    pub fn runner_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.runners.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// The schema that a rule's trigger parameters must meet, for a trigger type that is known.
    #[must_use]
    pub fn trigger_parameters(&self, type_ref: &str) -> Option<&Object> {
        self.trigger_types.get(type_ref)
    }

    /// The members of a trigger type's payload, where its schema describes some. Others may come all the same.
    pub(crate) fn payload_members(&self, type_ref: &str) -> Option<&[String]> {
        self.payloads.get(type_ref).map(Vec::as_slice)
    }

    /// The references of all trigger types, sorted.
    #[must_use]
    pub fn trigger_type_refs(&self) -> Vec<&str> {
        let mut refs: Vec<&str> = self.trigger_types.keys().map(String::as_str).collect();
        refs.sort_unstable();
        refs
    }
}
