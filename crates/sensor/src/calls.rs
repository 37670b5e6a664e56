//! What a sensor asks for: its events are stored, its datastore items read and written.
//!
//! While the store is away, or too much waits, the sensor waits: it hears of an error only where trying again is of no
//! use. While its lease has run out, nothing of it is stored.

use std::time::Duration;

use chrono::{DateTime, Utc};
use executions::key_view;
use intake::{Event, IntakeError, Target, TraceRequest};
use model::{KeyScope, KeyValue, Object, Page, TraceContext, TriggerInstance};
use serde_json::{Value, json};
use store::{KeyFilter, StoreError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::process::LARGEST;
use crate::report::Report;
use crate::service::SensorResources;

/// Who sensors are, for the datastore and the API (st2's name for them).
pub(crate) const USER: &str = "sensors_container";
/// Items that are read at once.
const PAGE: u32 = 1_000;
/// Pauses between tries.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Until when sensors are ours.
pub(crate) type Tenure = watch::Receiver<DateTime<Utc>>;

/// Answers the calls of one sensor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calls<'a> {
    pub(crate) sensor_ref: &'a str,
    pub(crate) resources: &'a SensorResources,
    pub(crate) report: &'a Report,
    pub(crate) tenure: &'a Tenure,
    /// Somebody else runs the sensor.
    pub(crate) is_lost: &'a CancellationToken,
}

/// Whether another try is of use.
enum Refusal {
    Wait(String),
    Final(String),
    /// An event that cannot be taken in as it is.
    Unfit(String),
}

impl From<IntakeError> for Refusal {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::UnknownTrigger(_) | IntakeError::InvalidPayload { .. } => {
                Self::Unfit(error.to_string())
            }
            IntakeError::Store(error) if matches!(*error, StoreError::Refused(_)) => {
                Self::Unfit(chain(&*error))
            }
            // Overloaded, without a store, or draining.
            error => Self::Wait(error.to_string()),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(_) | StoreError::Unreadable { .. } => Self::Final(chain(&error)),
            _ => Self::Wait(chain(&error)),
        }
    }
}

impl Calls<'_> {
    /// The answer's frame.
    pub(crate) async fn answer(&self, id: u64, call: &str, given: &Object) -> String {
        frame(id, self.outcome(call, given).await)
    }

    async fn outcome(&self, call: &str, given: &Object) -> Result<Value, String> {
        let mut pause = SHORTEST_PAUSE;
        let mut admitted = None;
        loop {
            self.until_ours().await;
            match self.attempt(call, given, &mut admitted).await {
                Ok(value) => return Ok(value),
                Err(Refusal::Final(error) | Refusal::Unfit(error)) => return Err(error),
                Err(Refusal::Wait(error)) => {
                    tracing::debug!(sensor.ref = self.sensor_ref, "a sensor waits: {error}");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// The lease may have run out because the store is away; then it is renewed, or the sensor is stopped.
    async fn until_ours(&self) {
        let mut tenure = self.tenure.clone();
        let clock = &self.resources.clock;
        let is_renewed = tenure.wait_for(|until| *until > clock.now()).await.is_ok();
        // A tenure is of all sensors that are still ours, so one that is lost was told so before.
        if !is_renewed || self.is_lost.is_cancelled() {
            // This sensor is being stopped.
            std::future::pending::<()>().await;
        }
    }

    async fn attempt(
        &self,
        call: &str,
        given: &Object,
        admitted: &mut Option<TriggerInstance>,
    ) -> Result<Value, Refusal> {
        match call {
            "dispatch" => {
                let dispatched = self.dispatch(given, admitted).await;
                dispatched.map(|()| Value::Null)
            }
            "get" => self.get(given).await,
            "list" => self.list(given).await,
            "set" => self.set(given).await,
            "delete" => self.delete(given).await,
            "user" => Ok(json!({
                "username": USER,
                "rbac": { "enabled": false, "roles": [], "is_admin": false },
            })),
            other => Err(Refusal::Final(format!(
                "the engine knows no call `{other}`"
            ))),
        }
    }

    /// As in st2 a sensor does not hear that an event was refused: it is logged, and counted. The event is the same at
    /// each attempt: where an earlier one has stored it, and only the answer was lost, it is not stored twice.
    async fn dispatch(
        &self,
        given: &Object,
        admitted: &mut Option<TriggerInstance>,
    ) -> Result<(), Refusal> {
        let intake = &self.resources.intake;
        let stored = async {
            let instance = if let Some(instance) = admitted {
                instance.clone()
            } else {
                let event = event(given).map_err(Refusal::Final)?;
                let instance = intake.admit(event).await?;
                admitted.insert(instance).clone()
            };
            Ok(intake.store(instance).await?)
        };
        match stored.await {
            Ok(()) => {
                self.report.dispatched();
                Ok(())
            }
            Err(Refusal::Unfit(error)) => {
                self.refuse(given, &error);
                Ok(())
            }
            Err(refusal) => Err(refusal),
        }
    }

    fn refuse(&self, given: &Object, error: &str) {
        tracing::error!(
            sensor.ref = self.sensor_ref,
            trigger.ref = given.get("trigger").map(trigger_name),
            "what a sensor dispatched is not taken in: {error}"
        );
        self.report.rejected(error);
    }

    async fn get(&self, given: &Object) -> Result<Value, Refusal> {
        let (name, scope) = (text(given, "name")?, scope(given)?);
        let resources = self.resources;
        let now = resources.clock.now();
        let item = resources.store.key(&scope, name, now).await?;
        let decrypt = given.get("decrypt") == Some(&Value::Bool(true));
        item.map_or(Ok(Value::Null), |item| self.view(&item, decrypt))
    }

    async fn list(&self, given: &Object) -> Result<Value, Refusal> {
        let filter = KeyFilter {
            scopes: vec![KeyScope::System],
            prefix: given
                .get("prefix")
                .and_then(Value::as_str)
                .map(str::to_owned),
            ..KeyFilter::default()
        };
        let (now, mut values, mut bytes) = (self.resources.clock.now(), Vec::new(), 0);
        loop {
            let page = Page {
                limit: PAGE,
                offset: u32::try_from(values.len()).unwrap_or(u32::MAX),
            };
            let found = self.resources.store.keys(&filter, page, now).await?;
            for item in &found.items {
                bytes += item.name.len() + item.value.len();
                values.push(self.view(item, false)?);
            }
            // What is too long to be told is not gathered further.
            let is_last = found.items.is_empty() || values.len() as u64 >= found.total;
            if is_last || bytes > LARGEST {
                return Ok(Value::Array(values));
            }
        }
    }

    async fn set(&self, given: &Object) -> Result<Value, Refusal> {
        let resources = self.resources;
        let value = text(given, "value")?;
        let is_secret = given.get("secret") == Some(&Value::Bool(true));
        let now = resources.clock.now();
        let item = KeyValue {
            id: resources.ids.next(now),
            scope: scope(given)?,
            name: text(given, "name")?.to_owned(),
            value: if is_secret {
                resources.vault.seal(value)
            } else {
                value.to_owned()
            },
            is_secret,
            expires_at: time_to_live(given)?.map(|ttl| now + ttl),
            updated_at: now,
        };
        let (_, item) = resources.executions.put_key(item).await?;
        self.view(&item, false)
    }

    async fn delete(&self, given: &Object) -> Result<Value, Refusal> {
        let (name, scope) = (text(given, "name")?, scope(given)?);
        let removed = self.resources.executions.delete_key(&scope, name).await?;
        Ok(Value::Bool(removed.is_some()))
    }

    fn view(&self, item: &KeyValue, decrypt: bool) -> Result<Value, Refusal> {
        key_view(&self.resources.vault, item, decrypt)
            .map_err(|error| Refusal::Final(format!("`{}` cannot be opened: {error}", item.name)))
    }
}

/// What cannot be told at once is an error that says so.
fn frame(id: u64, outcome: Result<Value, String>) -> String {
    let told = match outcome {
        Ok(value) => json!({ "id": id, "value": value }).to_string(),
        Err(error) => json!({ "id": id, "error": error }).to_string(),
    };
    if told.len() <= LARGEST {
        return told;
    }
    let error = format!(
        "the answer has {} bytes, and {LARGEST} are the most: ask for less at once, such as by a longer prefix",
        told.len()
    );
    json!({ "id": id, "error": error }).to_string()
}

fn event(given: &Object) -> Result<Event, String> {
    let target = match given.get("trigger") {
        Some(Value::String(reference)) => Target::Reference(reference.clone()),
        Some(Value::Object(trigger)) => target_of(trigger)?,
        _ => return Err("a dispatch names no trigger".to_owned()),
    };
    Ok(Event {
        target,
        payload: given.get("payload").cloned().unwrap_or_default(),
        trace: given.get("trace").and_then(trace),
        caused_by: None,
    })
}

/// A trigger as `add_trigger` was given it.
fn target_of(trigger: &Object) -> Result<Target, String> {
    let member = |name: &str| trigger.get(name).and_then(Value::as_str).map(str::to_owned);
    if let Some(reference) = member("ref") {
        return Ok(Target::Reference(reference));
    }
    let kind = member("type").ok_or("a dispatch's trigger has neither `ref` nor `type`")?;
    let parameters = trigger.get("parameters").and_then(Value::as_object);
    Ok(Target::Parameters(
        kind,
        parameters.cloned().unwrap_or_default(),
    ))
}

/// What a dispatch calls its trigger, for the log.
fn trigger_name(trigger: &Value) -> String {
    match trigger {
        Value::String(reference) => reference.clone(),
        other => match other["ref"].as_str().or_else(|| other["type"].as_str()) {
            Some(reference) => reference.to_owned(),
            None => other.to_string(),
        },
    }
}

fn trace(context: &Value) -> Option<TraceRequest> {
    let tag = context.get("trace_tag").and_then(Value::as_str);
    let id = context.get("id_").and_then(Value::as_str);
    match (id.and_then(|id| id.parse().ok()), tag) {
        (Some(id), tag) => Some(TraceRequest::Existing(TraceContext {
            id,
            tag: tag.unwrap_or_default().to_owned(),
        })),
        (None, Some(tag)) => Some(TraceRequest::Tagged(tag.to_owned())),
        (None, None) => None,
    }
}

fn text<'a>(given: &'a Object, name: &str) -> Result<&'a str, Refusal> {
    let text = given.get(name).and_then(Value::as_str);
    text.ok_or_else(|| Refusal::Final(format!("`{name}` must be a text")))
}

fn scope(given: &Object) -> Result<KeyScope, Refusal> {
    match text(given, "scope")? {
        "system" | "st2kv.system" => Ok(KeyScope::System),
        "user" | "st2kv.user" => Ok(KeyScope::User(USER.to_owned())),
        other => Err(Refusal::Final(format!("scope {other} is unsupported"))),
    }
}

fn time_to_live(given: &Object) -> Result<Option<Duration>, Refusal> {
    let Some(ttl) = given.get("ttl").filter(|ttl| !ttl.is_null()) else {
        return Ok(None);
    };
    let seconds = ttl.as_u64().and_then(|ttl| u32::try_from(ttl).ok());
    let seconds = seconds.ok_or_else(|| {
        Refusal::Final(format!("ttl {ttl} must be a number of seconds below 2^32"))
    })?;
    Ok(Some(Duration::from_secs(seconds.into())))
}

/// An error with all its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_too_long_says_so() {
        let told = frame(3, Ok(Value::from("x".repeat(LARGEST))));

        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["id"], 3);
        let expected = "the answer has 16777235 bytes, and 16777216 are the most: ask for less at once, such as by a \
                        longer prefix";
        assert_eq!(told["error"], expected);
        assert_eq!(frame(4, Ok(json!([1]))), r#"{"id":4,"value":[1]}"#);
    }

    #[test]
    fn a_trigger_is_called_by_its_reference() {
        for (trigger, name) in [
            (json!("p.tick"), "p.tick"),
            (json!({"ref": "p.7f3a", "type": "p.tick"}), "p.7f3a"),
            (json!({"type": "p.tick", "parameters": {}}), "p.tick"),
            (json!(7), "7"),
        ] {
            assert_eq!(trigger_name(&trigger), name);
        }
    }
}
