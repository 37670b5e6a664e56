//! From a rule that fired to its enforcement and the execution it requests.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use executions::{ExecutionRequest, ParameterError, RequestError};
use futures::FutureExt as _;
use model::{
    EnforcedRule, EnforcementStatus, Execution, ExecutionContext, Rule, RuleEnforcement,
    RuleOrigin, TriggerInstance, TriggerInstanceOrigin,
};
use serde_json::Value;
use store::StoreError;

use crate::outcome::{chain, panic_text};
use crate::service::{Engine, Stopped};
use crate::subject::TRIGGER;

/// So often is a datastore that cannot be read asked again before the enforcement fails.
const DATASTORE_TRIES: u32 = 5;

impl Engine {
    /// Requests the rule's action. An action that cannot be requested makes a failed enforcement with the reason.
    pub(crate) async fn enforce(
        &self,
        rule: &Rule,
        instance: &TriggerInstance,
        payload: &Arc<Value>,
    ) -> Result<(RuleEnforcement, Option<Execution>), Stopped> {
        let mut enforcement = self.enforcement(rule, instance);
        match self.prepare(rule, instance, payload, &enforcement).await? {
            Ok(execution) => {
                enforcement.execution_id = Some(execution.id);
                Ok((enforcement, Some(execution)))
            }
            Err(reason) => {
                tracing::info!(rule.ref = %rule.rule_ref, trigger_instance.id = %instance.id, "the action was not requested: {reason}");
                Ok((failed(enforcement, reason), None))
            }
        }
    }

    /// The enforcement of a rule that could not be evaluated.
    pub(crate) fn failed_enforcement(
        &self,
        rule: &Rule,
        instance: &TriggerInstance,
        reason: String,
    ) -> RuleEnforcement {
        failed(self.enforcement(rule, instance), reason)
    }

    fn enforcement(&self, rule: &Rule, instance: &TriggerInstance) -> RuleEnforcement {
        let now = self.clock.now();
        RuleEnforcement {
            id: self.ids.next(now),
            trigger_instance_id: instance.id,
            execution_id: None,
            rule: EnforcedRule {
                rule_ref: rule.rule_ref.to_string(),
                id: rule.id,
                uid: rule.uid.clone(),
            },
            enforced_at: now,
            status: EnforcementStatus::Succeeded,
            failure_reason: None,
            trace: instance.trace.clone(),
        }
    }

    /// Makes the execution, waiting while the database is away. The inner error is the reason why there is none.
    async fn prepare(
        &self,
        rule: &Rule,
        instance: &TriggerInstance,
        payload: &Arc<Value>,
        enforcement: &RuleEnforcement,
    ) -> Result<Result<Execution, String>, Stopped> {
        let mut tries = 0;
        let mut backoff = self.backoff();
        loop {
            let request = self.request(rule, instance, payload, enforcement);
            let error = match AssertUnwindSafe(self.executions.prepare(request))
                .catch_unwind()
                .await
            {
                Ok(Ok(execution)) => return Ok(Ok(execution)),
                Ok(Err(error)) => error,
                Err(panic) => {
                    return Ok(Err(format!("the engine failed: {}", panic_text(&*panic))));
                }
            };
            tries += 1;
            let may_pass = match &error {
                RequestError::Store(StoreError::Unavailable(_) | StoreError::CannotWrite(..)) => {
                    true
                }
                RequestError::Parameters(ParameterError::Datastore(_)) => tries < DATASTORE_TRIES,
                _ => false,
            };
            if !may_pass {
                return Ok(Err(chain(&error)));
            }
            backoff.wait(&chain(&error)).await?;
        }
    }

    fn request(
        &self,
        rule: &Rule,
        instance: &TriggerInstance,
        payload: &Arc<Value>,
        enforcement: &RuleEnforcement,
    ) -> ExecutionRequest {
        let user = rule
            .context
            .get("user")
            .and_then(Value::as_str)
            .filter(|user| !user.is_empty());
        ExecutionRequest {
            action: rule.action.action_ref.clone(),
            parameters: rule.action.parameters.clone(),
            context: ExecutionContext {
                user: user.unwrap_or(&self.options.system_user).to_owned(),
                rule: Some(RuleOrigin {
                    id: rule.id,
                    name: rule.name.clone(),
                    rule_ref: rule.rule_ref.to_string(),
                }),
                trigger_instance: Some(TriggerInstanceOrigin {
                    id: instance.id,
                    trigger: instance.trigger.clone(),
                    trigger_type: instance.trigger_type.clone(),
                }),
                enforcement: Some(enforcement.id),
                trace: Some(instance.trace.clone()),
                ..ExecutionContext::default()
            },
            delay: None::<Duration>,
            notify: model::Object::new(),
            variables: vec![(TRIGGER.to_owned(), Arc::clone(payload))],
        }
    }
}

fn failed(enforcement: RuleEnforcement, reason: String) -> RuleEnforcement {
    RuleEnforcement {
        status: EnforcementStatus::Failed,
        failure_reason: Some(reason),
        ..enforcement
    }
}
