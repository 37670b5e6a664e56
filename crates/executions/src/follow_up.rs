//! What an ended execution sets off: the generic action trigger, and the triggers of its notifications.

use chrono::{DateTime, Utc};
use expr::{ValuesTemplate, Variables};
use intake::{Event, Target, TraceRequest};
use model::{Execution, ExecutionStatus, Object, TriggerInstance};
use serde_json::{Value, json};

use crate::mask::mask_sealed;
use crate::{Executions, context};

const ACTION_TRIGGER: &str = "core.st2.generic.actiontrigger";
const NOTIFY_TRIGGER: &str = "core.st2.generic.notifytrigger";

/// Whom to tell of an end, and what.
struct Notification<'n> {
    section: &'n Object,
    /// What happened, in the default message.
    suffix: &'static str,
}

impl Executions {
    /// The trigger instances of an ended execution that rules listen to. Its parameters are masked already.
    pub(crate) async fn follow_ups(
        &self,
        execution: &Execution,
        result: &Value,
    ) -> Vec<TriggerInstance> {
        let (wants_action, wants_notify) = (
            self.intake.is_wanted(ACTION_TRIGGER),
            self.intake.is_wanted(NOTIFY_TRIGGER),
        );
        if !wants_action && !wants_notify {
            return Vec::new();
        }
        let mut result = result.clone();
        mask_sealed(&mut result);
        let mut events = Vec::new();
        if wants_action {
            events.push((ACTION_TRIGGER, action_payload(execution, &result)));
        }
        if wants_notify {
            let payloads = self.notify_payloads(execution, &result).await;
            events.extend(
                payloads
                    .into_iter()
                    .map(|payload| (NOTIFY_TRIGGER, payload)),
            );
        }
        events
            .into_iter()
            .filter_map(|(trigger, payload)| self.follow_up(execution, trigger, payload))
            .collect()
    }

    /// A trigger instance that goes with a change of an execution; none, said in the log, where the trigger is unknown.
    pub(crate) fn follow_up(
        &self,
        execution: &Execution,
        trigger: &str,
        payload: Value,
    ) -> Option<TriggerInstance> {
        let event = Event {
            target: Target::Reference(trigger.to_owned()),
            payload,
            trace: execution.context.trace.clone().map(TraceRequest::Existing),
            caused_by: Some(execution.id),
        };
        match self.intake.prepare(event) {
            Ok(instance) => Some(instance),
            Err(error) => {
                tracing::warn!(execution.id = %execution.id, trigger, error = %error, "an end sets off no trigger");
                None
            }
        }
    }

    /// Announces trigger instances that were stored with the ends of their executions.
    pub(crate) fn announce_follow_ups(&self, instances: Vec<TriggerInstance>) {
        if !instances.is_empty() {
            self.intake.announce(instances);
        }
    }

    async fn notify_payloads(&self, execution: &Execution, result: &Value) -> Vec<Value> {
        let mut payloads = Vec::new();
        for notification in notifications(&execution.notify, execution.status) {
            let routes = routes(notification.section);
            if routes.is_empty() {
                continue;
            }
            let payload = self.notify_payload(&notification, execution, result).await;
            payloads.extend(routes.iter().map(|route| {
                let mut payload = payload.clone();
                payload.insert("route".to_owned(), (*route).clone());
                // For old rules: routes were called channels once.
                payload.insert("channel".to_owned(), (*route).clone());
                Value::Object(payload)
            }));
        }
        payloads
    }

    async fn notify_payload(
        &self,
        notification: &Notification<'_>,
        execution: &Execution,
        result: &Value,
    ) -> Object {
        let default = format!("Action {} {}", execution.action_ref, notification.suffix);
        let given = notification
            .section
            .get("message")
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty());
        let message = object([("message", Value::from(given.unwrap_or(&default)))]);
        let data = notification
            .section
            .get("data")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let mut message = self.rendered(message, execution, result).await;
        let mut data = self.rendered(data, execution, result).await;
        data.insert(
            "result".to_owned(),
            Value::from(expr::python::json_text(result)),
        );
        object([
            (
                "message",
                message.shift_remove("message").unwrap_or_default(),
            ),
            ("data", Value::Object(data)),
            ("execution_id", json!(execution.id)),
            ("status", json!(execution.status)),
            (
                "start_timestamp",
                Value::from(iso(execution.start_timestamp)),
            ),
            (
                "end_timestamp",
                Value::from(iso(execution
                    .end_timestamp
                    .unwrap_or(execution.start_timestamp))),
            ),
            ("action_ref", json!(execution.action_ref)),
            ("runner_ref", Value::from(execution.runner.as_str())),
        ])
    }

    /// Renders a notification's texts; where that fails they stay as they are, as the message is wanted all the more.
    async fn rendered(&self, mapping: Object, execution: &Execution, result: &Value) -> Object {
        let template = match ValuesTemplate::compile(&mapping) {
            Ok(template) => template,
            Err(error) => return unrendered(mapping, execution, &error.message),
        };
        let datastore = match self
            .datastore(&template.datastore(), &execution.context.user)
            .await
        {
            Ok(datastore) => datastore,
            Err(error) => return unrendered(mapping, execution, &error.to_string()),
        };
        let values = vec![
            (
                "action_parameters".to_owned(),
                Value::Object(execution.parameters.clone()).into(),
            ),
            (
                "action_context".to_owned(),
                Value::Object(context::view(&execution.context)).into(),
            ),
            ("action_results".to_owned(), result.clone().into()),
        ];
        match template.render(&Variables {
            values,
            datastore: Some(datastore),
        }) {
            Ok(rendered) => rendered,
            Err(error) => unrendered(mapping, execution, &error.message),
        }
    }
}

fn unrendered(mapping: Object, execution: &Execution, reason: &str) -> Object {
    tracing::warn!(execution.id = %execution.id, reason, "a notification's texts cannot be rendered");
    mapping
}

fn notifications(notify: &Object, status: ExecutionStatus) -> Vec<Notification<'_>> {
    let is_failure = matches!(
        status,
        ExecutionStatus::Failed | ExecutionStatus::TimedOut | ExecutionStatus::Abandoned
    );
    [
        ("complete", "completed.", true),
        (
            "success",
            "succeeded.",
            status == ExecutionStatus::Succeeded,
        ),
        ("failure", "failed.", is_failure),
    ]
    .into_iter()
    .filter(|(_, _, applies)| *applies)
    .filter_map(|(name, suffix, _)| {
        let section = notify
            .get(&format!("on-{name}"))
            .or_else(|| notify.get(&format!("on_{name}")));
        section
            .and_then(Value::as_object)
            .map(|section| Notification { section, suffix })
    })
    .collect()
}

fn routes(section: &Object) -> Vec<&Value> {
    let list = |name: &str| {
        section
            .get(name)
            .and_then(Value::as_array)
            .filter(|routes| !routes.is_empty())
    };
    list("routes")
        .or_else(|| list("channels"))
        .into_iter()
        .flatten()
        .collect()
}

fn action_payload(execution: &Execution, result: &Value) -> Value {
    json!({
        "execution_id": execution.id,
        "status": execution.status,
        "start_timestamp": python_time(execution.start_timestamp),
        "action_name": execution.action_ref,
        "action_ref": execution.action_ref,
        "runner_ref": execution.runner,
        "parameters": execution.parameters,
        "result": result,
    })
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Object {
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// As Python prints a time: microseconds only where there are any.
fn python_time(time: DateTime<Utc>) -> String {
    let form = if time.timestamp_subsec_micros() == 0 {
        "%Y-%m-%d %H:%M:%S+00:00"
    } else {
        "%Y-%m-%d %H:%M:%S%.6f+00:00"
    };
    time.format(form).to_string()
}

fn iso(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}
