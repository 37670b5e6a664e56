//! The policies of an action, compiled: what limits its executions, and what becomes of those that failed.
//!
//! Pure: who asks has read the policies.

use model::{Execution, ExecutionStatus, Gate, Object, Policy, WhenFull};
use secrets::Vault;
use serde_json::{Value, json};

use crate::parameters::secrets::Secrets;

/// Values of attributes whose text is longer than this are told apart by a fingerprint.
const LONGEST_KEY: usize = 200;
/// How often an action is tried again unless the policy says it.
const MOST_TRIES: u64 = 2;

/// The policies of one action that are in force.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    limits: Vec<Limit>,
    retries: Vec<Retry>,
}

/// `action.concurrency` and `action.concurrency.attr`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) policy: String,
    pub(crate) threshold: u32,
    pub(crate) when_full: WhenFull,
    /// Executions with equal values of these parameters count together.
    attributes: Vec<String>,
}

/// `action.retry`.
#[derive(Debug, Clone, PartialEq)]
struct Retry {
    policy: String,
    on: ExecutionStatus,
    most: u64,
    delay_ms: Option<u64>,
}

/// What a policy says about the next try of an execution that ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NextTry {
    /// Wait this long first.
    pub(crate) delay_ms: Option<u64>,
    /// The member `policies` of its context.
    pub(crate) context: Value,
}

impl Policies {
    /// Compiles policies; those that say nothing that is understood here are passed over.
    pub(crate) fn compile(mut policies: Vec<Policy>) -> Self {
        policies.sort_by(|one, other| one.policy_ref.as_str().cmp(other.policy_ref.as_str()));
        Self {
            limits: policies.iter().filter_map(Limit::of).collect(),
            retries: policies.iter().filter_map(Retry::of).collect(),
        }
    }

    /// The gates of an execution with these parameters (secrets open, defaults filled in).
    pub(crate) fn gates(
        &self,
        parameters: impl FnOnce() -> Object,
        secrets: &Secrets,
        vault: &Vault,
    ) -> Vec<Gate> {
        if self.limits.is_empty() {
            return Vec::new();
        }
        let parameters = parameters();
        let gate = |limit: &Limit| Gate {
            policy: limit.policy.clone(),
            key: limit.key(&parameters, secrets, vault),
            threshold: limit.threshold,
            when_full: limit.when_full,
        };
        self.limits.iter().map(gate).collect()
    }

    /// Whether an execution that ended in this state is tried again.
    pub(crate) fn next_try(
        &self,
        execution: &Execution,
        status: ExecutionStatus,
    ) -> Option<NextTry> {
        let before = execution
            .context
            .extra
            .get("policies")
            .and_then(|policies| policies.get("retry"));
        let count = before.and_then(|retry| retry.get("retry_count")?.as_u64());
        let count = count.unwrap_or(0);
        let retry = self
            .retries
            .iter()
            .find(|retry| retry.on == status && count < retry.most)?;
        let first = before
            .and_then(|retry| retry.get("first_liveaction_id").cloned())
            .unwrap_or_else(|| json!(execution.id));
        Some(NextTry {
            delay_ms: retry.delay_ms,
            context: json!({ "retry": {
                "applied_policy": retry.policy,
                "retry_count": count + 1,
                "retried_liveaction_id": execution.id,
                "first_liveaction_id": first,
            }}),
        })
    }
}

impl Limit {
    /// The limit that a policy sets; none where it is of another type.
    pub(crate) fn of(policy: &Policy) -> Option<Self> {
        let parameters = &policy.parameters;
        let attributes = match &*policy.policy_type {
            "action.concurrency" => Vec::new(),
            "action.concurrency.attr" => attributes(parameters),
            _ => return None,
        };
        let threshold = parameters.get("threshold").and_then(Value::as_i64);
        let when_full = match parameters.get("action").and_then(Value::as_str) {
            Some("cancel") => WhenFull::Cancel,
            _ => WhenFull::Delay,
        };
        Some(Self {
            policy: policy.policy_ref.to_string(),
            threshold: u32::try_from(threshold.unwrap_or(0).max(0)).unwrap_or(u32::MAX),
            when_full,
            attributes,
        })
    }

    /// What executions share that count together.
    fn key(&self, parameters: &Object, secrets: &Secrets, vault: &Vault) -> String {
        let Self {
            policy, attributes, ..
        } = self;
        if attributes.is_empty() {
            return policy.clone();
        }
        let value = |name: &String| {
            let value = parameters.get(name).cloned().unwrap_or_default();
            (name.clone(), value)
        };
        let mut shared = Value::Object(attributes.iter().map(value).collect());
        let text = shared.to_string();
        if text.len() > LONGEST_KEY || holds_secret(&mut shared, secrets) {
            format!("{policy} #{}", vault.fingerprint(&text))
        } else {
            format!("{policy} {text}")
        }
    }
}

impl Retry {
    fn of(policy: &Policy) -> Option<Self> {
        if policy.policy_type != "action.retry" {
            return None;
        }
        let parameters = &policy.parameters;
        let on = match parameters.get("retry_on")?.as_str()? {
            "failure" => ExecutionStatus::Failed,
            "timeout" => ExecutionStatus::TimedOut,
            "abandoned" => ExecutionStatus::Abandoned,
            _ => return None,
        };
        let most = parameters.get("max_retry_count").and_then(Value::as_u64);
        let seconds = parameters.get("delay").and_then(Value::as_f64);
        let delay =
            seconds.and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok());
        Some(Self {
            policy: policy.policy_ref.to_string(),
            on,
            most: most.unwrap_or(MOST_TRIES),
            delay_ms: delay
                .and_then(|delay| u64::try_from(delay.as_millis()).ok())
                .filter(|delay| *delay > 0),
        })
    }
}

fn attributes(parameters: &Object) -> Vec<String> {
    let names = parameters.get("attributes").and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    let mut names: Vec<String> = names.map(ToOwned::to_owned).collect();
    names.sort_unstable();
    names
}

fn holds_secret(value: &mut Value, secrets: &Secrets) -> bool {
    let found = secrets.each(value, &mut |_| Err(()));
    found.is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(name: &str, policy_type: &str, parameters: &Value) -> Policy {
        serde_json::from_value(json!({
            "uid": format!("policy:demo:{name}"), "name": name, "ref": format!("demo.{name}"), "pack": "demo",
            "enabled": true, "resource_ref": "demo.act", "policy_type": policy_type, "parameters": parameters,
            "id": "65f0c0ffee00000000000001",
        }))
        .unwrap()
    }

    fn execution() -> Execution {
        serde_json::from_value(json!({
            "id": "65f0c0ffee00000000000002", "action_ref": "demo.act", "runner": "noop", "snapshot": "s",
            "status": "running", "parameters": {}, "context": {"user": "me", "pack": "demo"},
            "start_timestamp": "2026-01-01T00:00:00Z", "log": [],
        }))
        .unwrap()
    }

    fn object(value: &Value) -> Object {
        value.as_object().unwrap().clone()
    }

    fn keys(parameters: &Value, schema: &Value) -> Vec<String> {
        let policies = Policies::compile(vec![
            policy(
                "by_host",
                "action.concurrency.attr",
                &json!({"threshold": 2, "attributes": ["port", "host"], "action": "cancel"}),
            ),
            policy("all", "action.concurrency", &json!({"threshold": 1})),
            policy(
                "again",
                "action.retry",
                &json!({"retry_on": "failure", "max_retry_count": 1}),
            ),
        ]);
        let secrets = Secrets::of_parameters(&[schema.as_object().unwrap()]);
        let gates = policies.gates(|| object(parameters), &secrets, &Vault::ephemeral());
        gates.into_iter().map(|gate| gate.key).collect()
    }

    #[test]
    fn counts_executions_with_equal_values_together() {
        assert_eq!(
            keys(&json!({"host": "a", "other": 1}), &json!({})),
            ["demo.all", r#"demo.by_host {"host":"a","port":null}"#]
        );
    }

    #[test]
    fn tells_secret_and_long_values_apart_without_showing_them() {
        let secret = json!({"host": {"type": "string", "secret": true}});

        for keys in [
            keys(&json!({"host": "hunter2"}), &secret),
            keys(&json!({"host": "x".repeat(300)}), &json!({})),
        ] {
            assert!(keys[1].starts_with("demo.by_host #"), "{keys:?}");
            assert!(keys[1].len() < 100 && !keys[1].contains("hunter2"));
        }
    }

    #[test]
    fn tries_again_as_often_as_the_policy_says() {
        let policies = Policies::compile(vec![policy(
            "again",
            "action.retry",
            &json!({"retry_on": "timeout", "max_retry_count": 2, "delay": 1.5}),
        )]);
        let mut execution = execution();
        let mut seen = Vec::new();

        assert_eq!(policies.next_try(&execution, ExecutionStatus::Failed), None);
        while let Some(next) = policies.next_try(&execution, ExecutionStatus::TimedOut) {
            assert_eq!(next.delay_ms, Some(1500));
            seen.push(next.context["retry"]["retry_count"].clone());
            assert_eq!(
                next.context["retry"]["first_liveaction_id"],
                json!(execution.id)
            );
            execution
                .context
                .extra
                .insert("policies".to_owned(), next.context);
        }

        assert_eq!(seen, [json!(1), json!(2)]);
    }
}
