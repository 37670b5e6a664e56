//! `POST /v1/webhooks/{url}`: the hottest path. The body is parsed once, and one commit (shared with others that
//! wait) makes it safe before 202 is said.

use axum::Json;
use axum::extract::{Path, State};
use http::{HeaderMap, HeaderValue, StatusCode};
use intake::{Event, IntakeError, Target, TraceRequest};
use model::{Object, ObjectId};
use serde_json::{Value, json};

use super::{find, unknown};
use crate::extract::{AnyBody, Fields};
use crate::{Api, ApiError};

/// The hook that takes any trigger, named in its body.
const GENERIC: &str = "st2";
/// Headers that say who is calling: rules never see them.
const CREDENTIALS: [&str; 3] = ["x-auth-token", "st2-api-key", "cookie"];
/// A sender's own name for the trace.
const TRACE_TAG: &str = "st2-trace-tag";

/// Takes an event in. Once this answers 202 it is stored.
#[utoipa::path(
    post,
    path = "/v1/webhooks/{*url}",
    tag = "webhooks",
    params(("url" = String, Path, description = "The hook; may hold slashes. `st2` takes `{trigger, payload}`")),
    request_body = Object,
    responses(
        (status = ACCEPTED, description = "It is stored; the body comes back", body = Object),
        (status = 400, description = "The payload does not fit the trigger"),
        (status = 404, description = "There is no such hook"),
        (status = 413, description = "The body is too large"),
        (status = 429, description = "Too much waits already"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(hook): Path<String>,
    headers: HeaderMap,
    AnyBody(body): AnyBody,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let hook = hook.trim_matches('/');
    if !body.is_object() && !body.is_array() {
        return Err(ApiError::BadRequest(format!(
            "{} is not of type 'object', 'array'",
            expr::python::repr(&body)
        )));
    }
    let trace = Some(TraceRequest::Tagged(trace_tag(&api, hook, &headers)));
    let (target, payload) = if hook == GENERIC {
        named_trigger(&body)?
    } else {
        hooked(&api, hook, &headers, &body)
    };
    let event = Event {
        target,
        payload,
        trace,
        caused_by: None,
    };
    match api.intake.accept(event).await {
        Ok(_) => Ok((StatusCode::ACCEPTED, Json(body))),
        Err(IntakeError::UnknownTrigger(_)) if hook != GENERIC => Err(unknown(hook)),
        Err(error) => Err(error.into()),
    }
}

fn trace_tag(api: &Api, hook: &str, headers: &HeaderMap) -> String {
    let given = headers.get(TRACE_TAG).and_then(|tag| tag.to_str().ok());
    given.map_or_else(
        || {
            let id: ObjectId = api.ids.next(api.clock.now());
            format!("webhook-{hook}-{id}")
        },
        str::to_owned,
    )
}

fn named_trigger(body: &Value) -> Result<(Target, Value), ApiError> {
    let Value::Object(members) = body else {
        return Err(ApiError::bad_request("Webhook body needs to be an object"));
    };
    let trigger = Fields(members)
        .text("trigger")?
        .filter(|trigger| !trigger.is_empty());
    let trigger = trigger.ok_or_else(|| ApiError::bad_request("Trigger not specified."))?;
    Ok((
        Target::Reference(trigger.to_owned()),
        members.get("payload").cloned().unwrap_or_default(),
    ))
}

/// The hook's trigger; one that this process does not know yet is named by its parameters, so that the intake looks
/// for it in the store.
fn hooked(api: &Api, hook: &str, headers: &HeaderMap, body: &Value) -> (Target, Value) {
    let target = find(api, hook).map_or_else(
        |_| {
            Target::Parameters(
                "core.st2.webhook".to_owned(),
                Object::from_iter([("url".to_owned(), json!(hook))]),
            )
        },
        |trigger| Target::Reference(trigger.trigger_ref.to_string()),
    );
    let (shown, lower) = shown(headers);
    (
        target,
        json!({"headers": shown, "headers_lower": lower, "body": body}),
    )
}

/// The headers twice, as StackStorm hands them to rules: spelled `Like-This`, and in lower case.
fn shown(headers: &HeaderMap) -> (Object, Object) {
    let (mut titled, mut lower) = (Object::new(), Object::new());
    let hidden = |name: &str, value: &HeaderValue| {
        CREDENTIALS.contains(&name)
            || name == TRACE_TAG
            || (name == "authorization" && is_own_scheme(value))
    };
    for (name, value) in headers
        .iter()
        .filter(|(name, value)| !hidden(name.as_str(), value))
    {
        let value = Value::String(String::from_utf8_lossy(value.as_bytes()).into_owned());
        titled.insert(title(name.as_str()), value.clone());
        lower.insert(name.as_str().to_owned(), value);
    }
    (titled, lower)
}

/// Whether `Authorization` says who is calling in a way that Petrel itself reads; others are for rules to look at.
fn is_own_scheme(value: &HeaderValue) -> bool {
    let scheme = value.as_bytes().split(|byte| *byte == b' ').next();
    scheme.is_some_and(|scheme| {
        scheme.eq_ignore_ascii_case(b"bearer") || scheme.eq_ignore_ascii_case(b"apikey")
    })
}

fn title(name: &str) -> String {
    let mut start = true;
    name.chars()
        .map(|letter| {
            let written = if start {
                letter.to_ascii_uppercase()
            } else {
                letter
            };
            start = letter == '-';
            written
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    #[test]
    fn rules_see_headers_in_both_spellings_but_no_credentials() {
        let headers = [
            ("content-type", "application/json"),
            ("x-auth-token", "t"),
            ("authorization", "Bearer t"),
            ("x-github-event", "push"),
        ];
        let headers = headers
            .into_iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();

        let (titled, lower) = shown(&headers);

        assert_eq!(
            Value::Object(titled),
            json!({"Content-Type": "application/json", "X-Github-Event": "push"})
        );
        assert_eq!(
            Value::Object(lower),
            json!({"content-type": "application/json", "x-github-event": "push"})
        );
    }

    #[test]
    fn the_generic_hook_wants_an_object_that_names_a_trigger() {
        let fault = |body: Value| named_trigger(&body).unwrap_err().to_string();

        assert_eq!(fault(json!({"payload": {}})), "Trigger not specified.");
        assert_eq!(fault(json!([])), "Webhook body needs to be an object");
    }
}
