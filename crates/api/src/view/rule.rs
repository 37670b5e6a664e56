//! Rules: secrets among the parameters of their actions are masked, and views say what trigger and action are for.

use std::collections::{BTreeSet, HashMap};

use model::{Action, Object, Rule, RunnerType, TriggerType};
use secrets::MASK;
use serde_json::{Value, json};
use store::DefinitionFilter;

use crate::{Api, ApiError};

/// What the views of some rules need of other definitions.
#[derive(Debug)]
pub(crate) struct RuleViews {
    actions: HashMap<String, Action>,
    runners: HashMap<String, Object>,
    types: HashMap<String, TriggerType>,
    show: bool,
}

impl RuleViews {
    /// Looks up the actions of `rules`; their secrets are shown only where `show` says so.
    pub(crate) async fn load(api: &Api, rules: &[Rule], show: bool) -> Result<Self, ApiError> {
        let actions: BTreeSet<String> = rules
            .iter()
            .map(|rule| rule.action.action_ref.clone())
            .collect();
        let actions: Vec<Action> = api.store.all(&with_references(actions)).await?;
        let runners: Vec<RunnerType> = api.store.all(&DefinitionFilter::default()).await?;
        Ok(Self {
            actions: actions
                .into_iter()
                .map(|action| (action.action_ref.to_string(), action))
                .collect(),
            runners: runners
                .into_iter()
                .map(|runner| (runner.name, runner.runner_parameters))
                .collect(),
            types: HashMap::new(),
            show,
        })
    }

    /// As `load`, with the trigger types, for `described`.
    pub(crate) async fn load_described(
        api: &Api,
        rules: &[Rule],
        show: bool,
    ) -> Result<Self, ApiError> {
        let types: BTreeSet<String> = rules
            .iter()
            .map(|rule| rule.trigger.type_ref.clone())
            .collect();
        let types: Vec<TriggerType> = api.store.all(&with_references(types)).await?;
        let types = types
            .into_iter()
            .map(|kind| (kind.type_ref.to_string(), kind))
            .collect();
        Ok(Self {
            types,
            ..Self::load(api, rules, show).await?
        })
    }

    /// A rule as StackStorm shows it.
    pub(crate) fn view(&self, rule: &Rule) -> Result<Value, ApiError> {
        let mut rule = rule.clone();
        if !self.show {
            self.mask(&mut rule);
        }
        Ok(serde_json::to_value(rule)?)
    }

    /// The same with the descriptions of its trigger type and its action.
    pub(crate) fn described(&self, rule: &Rule) -> Result<Value, ApiError> {
        let mut view = self.view(rule)?;
        let kind = self.types.get(&rule.trigger.type_ref);
        let action = self.actions.get(&rule.action.action_ref);
        view["trigger"]["description"] = json!(
            kind.and_then(|kind| kind.description.as_deref())
                .unwrap_or_default()
        );
        view["action"]["description"] = json!(
            action
                .and_then(|action| action.description.as_deref())
                .unwrap_or_default()
        );
        Ok(view)
    }

    /// Masks the parameters that the action or its runner calls secret.
    fn mask(&self, rule: &mut Rule) {
        let Some(action) = self.actions.get(&rule.action.action_ref) else {
            return;
        };
        let of_runner = self.runners.get(&action.runner_type);
        for (name, value) in &mut rule.action.parameters {
            let is_secret = |schemas: &Object| {
                schemas
                    .get(name)
                    .is_some_and(|schema| schema["secret"] == true)
            };
            if is_secret(&action.parameters) || of_runner.is_some_and(is_secret) {
                *value = json!(MASK);
            }
        }
    }
}

fn with_references(references: BTreeSet<String>) -> DefinitionFilter {
    DefinitionFilter {
        references: Some(references.into_iter().collect()),
        ..DefinitionFilter::default()
    }
}
