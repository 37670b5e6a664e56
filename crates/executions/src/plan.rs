//! Actions and their runners, compiled: what a request needs, without asking the store each time.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use model::{Action, ActionSnapshot, Execution, RunnerType};
use schema::{Schema, SchemaError};
use store::{Kind, Revision, StoreError};
use tokio::time::Instant;

use crate::output::OutputCheck;
use crate::parameters::secrets::Secrets;
use crate::parameters::{Defaults, ParameterError};
use crate::policies::Policies;
use crate::settings::Settings;
use crate::{Executions, RequestError};

/// Requests that come in masses look for changed definitions at most so often.
const RECENT: Duration = Duration::from_millis(200);
/// While somebody looks, what was known so long ago is good enough for others.
const MEANWHILE: Duration = Duration::from_millis(400);
/// Plans of past contents that are kept; beyond, all are forgotten and made again as they are asked for.
const MOST_PLANS: usize = 10_000;

/// An action and its runner as they were at some time, compiled.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) snapshot: Arc<ActionSnapshot>,
    pub(crate) defaults: Defaults,
    pub(crate) schema: Result<Schema, ParameterError>,
    /// Of the parameters.
    pub(crate) secrets: Secrets,
    /// Of the result.
    pub(crate) output_secrets: Secrets,
    /// What results must be like.
    pub(crate) output: Option<OutputCheck>,
}

impl Plan {
    fn compile(snapshot: Arc<ActionSnapshot>) -> Self {
        let (action, runner) = (&snapshot.action, &snapshot.runner);
        let (ours, runners) = (&action.parameters, &runner.runner_parameters);
        let action_ref = action.action_ref.as_str();
        Self {
            defaults: Defaults::compile(runners, ours),
            schema: Schema::compile_parameters(runners, ours)
                .map_err(|error| bad_schema(action_ref, &error)),
            secrets: Secrets::of_parameters(&[runners, ours]),
            output_secrets: output_secrets(&snapshot),
            output: OutputCheck::of(&snapshot),
            snapshot,
        }
    }
}

fn bad_schema(action_ref: &str, error: &SchemaError) -> ParameterError {
    ParameterError::BadSchema(match error {
        SchemaError::Override {
            parameter,
            attribute,
        } => format!(
            "The attribute \"{attribute}\" for the runner parameter \"{parameter}\" in action \"{action_ref}\" cannot be overridden."
        ),
        other => other.to_string(),
    })
}

/// The secrets of a result: what the runner's schema marks, and the action's under the runner's `output_key`.
pub(crate) fn output_secrets(snapshot: &ActionSnapshot) -> Secrets {
    let (action, runner) = (&snapshot.action, &snapshot.runner);
    let of_output = Secrets::of_output(&action.output_schema);
    let mut all = Secrets::of_parameters(&[&runner.output_schema]);
    match &runner.output_key {
        Some(key) => all.add(key, of_output),
        None => all.add_all(of_output),
    }
    all
}

/// What is held of the store's definitions.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    by_key: RwLock<HashMap<String, Arc<Plan>>>,
    live: RwLock<Live>,
    /// Held by the one that looks for changes.
    looking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
pub(crate) struct Live {
    checked: Option<(Instant, Revisions)>,
    /// How often something was forgotten. Who reads the store keeps what it has read only if this has not changed since:
    /// it may have been read before the change that was noticed.
    pub(crate) forgotten: u64,
    actions: HashMap<String, Arc<LiveAction>>,
    settings: HashMap<String, Arc<Settings>>,
    /// By action.
    pub(crate) policies: HashMap<String, Arc<Policies>>,
}

/// An action as it is now.
#[derive(Debug)]
pub(crate) struct LiveAction {
    pub(crate) plan: Arc<Plan>,
    is_enabled: bool,
    is_runner_enabled: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Revisions {
    actions: (Revision, Revision),
    settings: (Revision, Revision),
    policies: Revision,
}

/// How new definitions must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// As the store has them now.
    Now,
    /// As it had them a moment ago.
    Recent,
}

impl Plans {
    fn known(&self, key: &str) -> Option<Arc<Plan>> {
        self.by_key
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned()
    }

    fn of_snapshot(&self, snapshot: Arc<ActionSnapshot>) -> Arc<Plan> {
        if let Some(plan) = self.known(&snapshot.key) {
            return plan;
        }
        let plan = Arc::new(Plan::compile(snapshot));
        let mut plans = self.by_key.write().unwrap_or_else(PoisonError::into_inner);
        if plans.len() >= MOST_PLANS {
            plans.clear();
        }
        plans.insert(plan.snapshot.key.clone(), Arc::clone(&plan));
        plan
    }

    pub(crate) fn live<R>(&self, read: impl FnOnce(&Live) -> R) -> R {
        read(&self.live.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps what was read of the store, unless something was forgotten since.
    pub(crate) fn keep(&self, forgotten: u64, keep: impl FnOnce(&mut Live)) {
        self.change(|live| {
            if live.forgotten == forgotten {
                keep(live);
            }
        });
    }

    fn change<R>(&self, change: impl FnOnce(&mut Live) -> R) -> R {
        change(&mut self.live.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Live {
    /// Forgets what has changed since the last look.
    fn take_in(&mut self, at: Instant, revisions: Revisions) {
        let before = self.checked.map(|(_, before)| before);
        self.forgotten += u64::from(before != Some(revisions));
        if before.map(|before| before.actions) != Some(revisions.actions) {
            self.actions.clear();
        }
        if before.map(|before| before.settings) != Some(revisions.settings) {
            self.settings.clear();
        }
        if before.map(|before| before.policies) != Some(revisions.policies) {
            self.policies.clear();
        }
        self.checked = Some((at, revisions));
    }
}

impl Executions {
    /// The plan that an execution was requested with; none where its snapshot is not stored.
    pub(crate) async fn find_plan(
        &self,
        execution: &Execution,
    ) -> Result<Option<Arc<Plan>>, StoreError> {
        if let Some(plan) = self.plans.known(&execution.snapshot) {
            return Ok(Some(plan));
        }
        let snapshot = self.store.snapshot(&execution.snapshot).await?;
        Ok(snapshot.map(|snapshot| self.plans.of_snapshot(snapshot)))
    }

    /// As [`Executions::find_plan`], for those who cannot do without.
    pub(crate) async fn plan_of(&self, execution: &Execution) -> Result<Arc<Plan>, ParameterError> {
        let plan = self
            .find_plan(execution)
            .await
            .map_err(|error| ParameterError::Datastore(error.to_string()))?;
        plan.ok_or_else(|| {
            let action = &execution.action_ref;
            ParameterError::BadSchema(format!(
                "the action `{action}` as it was requested is not stored"
            ))
        })
    }

    /// The plan of an action that may run.
    pub(crate) async fn runnable(
        &self,
        action_ref: &str,
        freshness: Freshness,
    ) -> Result<Arc<Plan>, RequestError> {
        let live = self.registered(action_ref, freshness).await?;
        if !live.is_enabled {
            return Err(RequestError::DisabledAction(action_ref.to_owned()));
        }
        if !live.is_runner_enabled {
            return Err(RequestError::DisabledRunner(
                live.plan.snapshot.runner.name.clone(),
            ));
        }
        Ok(Arc::clone(&live.plan))
    }

    /// An action that is there, may it run or not.
    pub(crate) async fn registered(
        &self,
        action_ref: &str,
        freshness: Freshness,
    ) -> Result<Arc<LiveAction>, RequestError> {
        self.look_for_changes(freshness).await?;
        let known = self
            .plans
            .live(|live| live.actions.get(action_ref).cloned());
        match known {
            Some(live) => Ok(live),
            None => self.load(action_ref).await,
        }
    }

    async fn load(&self, action_ref: &str) -> Result<Arc<LiveAction>, RequestError> {
        let unknown = || RequestError::UnknownAction(action_ref.to_owned());
        let forgotten = self.plans.live(|live| live.forgotten);
        let action: Action = self.store.find(action_ref).await?.ok_or_else(unknown)?;
        let runner: Option<RunnerType> = self.store.find(&action.runner_type).await?;
        let runner =
            runner.ok_or_else(|| RequestError::DisabledRunner(action.runner_type.clone()))?;
        let snapshot = self.store.snapshot_of(&action, &runner).await?;
        let live = Arc::new(LiveAction {
            is_enabled: action.enabled,
            is_runner_enabled: runner.enabled,
            plan: self.plans.of_snapshot(Arc::new(snapshot)),
        });
        self.plans.keep(forgotten, |all| {
            all.actions.insert(action_ref.to_owned(), Arc::clone(&live));
        });
        Ok(live)
    }

    /// A pack's configuration, as it was a moment ago.
    pub(crate) async fn settings(&self, pack: &str) -> Result<Arc<Settings>, StoreError> {
        self.look_for_changes(Freshness::Recent).await?;
        self.known_settings(pack).await
    }

    /// The same, as it was when anybody last looked: what an execution that ends was given. It does not count as
    /// looking, so that whoever comes next looks.
    pub(crate) async fn known_settings(&self, pack: &str) -> Result<Arc<Settings>, StoreError> {
        if let Some(settings) = self.plans.live(|live| live.settings.get(pack).cloned()) {
            return Ok(settings);
        }
        let forgotten = self.plans.live(|live| live.forgotten);
        let schema = self.store.find(pack).await?;
        let config = self.store.find(pack).await?;
        let settings = Arc::new(Settings::new(schema.as_ref(), config.as_ref(), &self.vault));
        self.plans.keep(forgotten, |live| {
            live.settings.insert(pack.to_owned(), Arc::clone(&settings));
        });
        Ok(settings)
    }

    pub(crate) async fn look_for_changes(&self, freshness: Freshness) -> Result<(), StoreError> {
        let was_checked_within = |span: Duration| {
            let checked = self.plans.live(|live| live.checked);
            checked.is_some_and(|(at, _)| at.elapsed() < span)
        };
        let _looking = match freshness {
            Freshness::Now => None,
            Freshness::Recent if was_checked_within(RECENT) => return Ok(()),
            Freshness::Recent => match self.plans.looking.try_lock() {
                Ok(looking) => Some(looking),
                // Somebody else looks already.
                Err(_) if was_checked_within(MEANWHILE) => return Ok(()),
                Err(_) => {
                    let looking = self.plans.looking.lock().await;
                    if was_checked_within(RECENT) {
                        return Ok(());
                    }
                    Some(looking)
                }
            },
        };
        let now = Instant::now();
        let [actions, runners, configs, schemas, policies] = self
            .store
            .revisions([
                Kind::Action,
                Kind::RunnerType,
                Kind::Config,
                Kind::ConfigSchema,
                Kind::Policy,
            ])
            .await?;
        let revisions = Revisions {
            actions: (actions, runners),
            settings: (configs, schemas),
            policies,
        };
        self.plans.change(|live| live.take_in(now, revisions));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use secrets::Vault;

    use super::*;

    fn revisions(configs: Revision) -> Revisions {
        let none = Revision(0);
        Revisions {
            actions: (none, none),
            settings: (configs, none),
            policies: none,
        }
    }

    #[tokio::test]
    async fn what_was_read_before_a_change_was_noticed_is_not_kept() {
        let (plans, now) = (Plans::default(), Instant::now());
        let settings = Arc::new(Settings::new(None, None, &Vault::ephemeral()));
        let keep = |since| {
            plans.keep(since, |live| {
                live.settings.insert("p".to_owned(), Arc::clone(&settings));
            });
            plans.live(|live| live.settings.contains_key("p"))
        };
        plans.change(|live| live.take_in(now, revisions(Revision(0))));
        let before = plans.live(|live| live.forgotten);

        plans.change(|live| live.take_in(now, revisions(Revision(0))));
        assert!(keep(before), "nothing has changed");

        plans.change(|live| live.take_in(now, revisions(Revision(1))));
        assert!(!keep(before));
        assert!(keep(plans.live(|live| live.forgotten)));
    }
}
