//! Executions that policies limit: what they must be admitted by, and who hears when a place may be free.

use std::collections::BTreeSet;
use std::sync::Arc;

use bus::{ExecutionsRequested, GatesChanged, WorkflowsRequested};
use model::{Execution, ExecutionStatus, Gate, Object, Policy};
use store::{DefinitionFilter, GateLimit, StoreError};

use crate::Executions;
use crate::plan::{Freshness, Plan};
use crate::policies::{Limit, Policies};

impl Executions {
    /// What an execution of this action must be admitted by, by the policies that are in force. `parameters` are as
    /// they are given, secrets open.
    pub(crate) async fn gates(
        &self,
        plan: &Plan,
        parameters: &Object,
    ) -> Result<Vec<Gate>, StoreError> {
        let policies = self
            .policies(plan.snapshot.action.action_ref.as_str())
            .await?;
        let filled_in = || plan.defaults.filled_in(parameters.clone());
        Ok(policies.gates(filled_in, &plan.secrets, &self.vault))
    }

    /// The policies of an action, as they were a moment ago; none for one that is not there.
    pub(crate) async fn policies(&self, action_ref: &str) -> Result<Arc<Policies>, StoreError> {
        self.look_for_changes(Freshness::Recent).await?;
        if let Some(policies) = self
            .plans
            .live(|live| live.policies.get(action_ref).cloned())
        {
            return Ok(policies);
        }
        let forgotten = self.plans.live(|live| live.forgotten);
        let filter = DefinitionFilter {
            selector: Some(action_ref.to_owned()),
            enabled: Some(true),
            ..DefinitionFilter::default()
        };
        let policies = Arc::new(Policies::compile(self.store.all::<Policy>(&filter).await?));
        self.plans.keep(forgotten, |live| {
            live.policies
                .insert(action_ref.to_owned(), Arc::clone(&policies));
        });
        Ok(policies)
    }

    /// All limits that are in force, for executions that wait already.
    pub async fn limits(&self) -> Result<Vec<GateLimit>, StoreError> {
        let filter = DefinitionFilter {
            enabled: Some(true),
            ..DefinitionFilter::default()
        };
        let policies = self.store.all::<Policy>(&filter).await?;
        let limits = policies
            .iter()
            .filter_map(Limit::of)
            .map(|limit| GateLimit {
                policy: limit.policy,
                threshold: limit.threshold,
                when_full: limit.when_full,
            });
        Ok(limits.collect())
    }

    /// Hands executions to those who are to act on them next: runners, conductors, or the scheduler where a policy has
    /// not admitted them yet. The streams are told nothing.
    pub fn hand_out(&self, executions: Vec<Execution>) {
        let (waiting, free): (Vec<_>, Vec<_>) = executions.into_iter().partition(waits_at_gate);
        let (workflows, executions): (Vec<_>, Vec<_>) = free
            .into_iter()
            .partition(|execution| model::is_conducted(&execution.runner));
        if !executions.is_empty() {
            self.bus.announce(ExecutionsRequested { executions });
        }
        if !workflows.is_empty() {
            let executions = workflows;
            self.bus.announce(WorkflowsRequested { executions });
        }
        self.announce_gates(&waiting);
    }

    /// Tells the scheduler of executions that leave their places to others: they have ended, or are `paused` or
    /// `pending`.
    pub fn free_places<'a>(&self, executions: impl IntoIterator<Item = &'a Execution>) {
        self.announce_gates(executions);
    }

    fn announce_gates<'a>(&self, executions: impl IntoIterator<Item = &'a Execution>) {
        let gates = executions
            .into_iter()
            .flat_map(|execution| &execution.gates);
        let keys: BTreeSet<&String> = gates.map(|gate| &gate.key).collect();
        if !keys.is_empty() {
            let keys = keys.into_iter().cloned().collect();
            self.bus.announce(GatesChanged { keys });
        }
    }
}

/// Whether the scheduler has to admit it first: what was admitted is `scheduled`.
fn waits_at_gate(execution: &Execution) -> bool {
    !execution.gates.is_empty()
        && matches!(
            execution.status,
            ExecutionStatus::Requested | ExecutionStatus::Delayed
        )
}
