//! Waiting for executions to end.

use std::time::{Duration, Instant};

use model::ExecutionStatus;
use serde_json::Value;

use super::http::{Client, ClientError, Query, segment};
use super::output::text_at;

/// The first pause between two looks; it grows from there.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// Nothing waits so long for a runner that has room.
const LONG: Duration = Duration::from_secs(10);

/// The execution, once it has ended. Looks often at first: most actions are short.
pub(crate) async fn until_final(client: &Client, id: &str) -> Result<Value, ClientError> {
    until(client, id, is_final).await
}

/// As [`until_final`], or until it waits for somebody: paused, or for an answer.
pub(crate) async fn until_at_rest(client: &Client, id: &str) -> Result<Value, ClientError> {
    until(client, id, |execution| {
        let status = text_at(execution, "status").parse();
        let waits = matches!(
            status,
            Ok(ExecutionStatus::Paused | ExecutionStatus::Pending)
        );
        waits || is_final(execution)
    })
    .await
}

async fn until(
    client: &Client,
    id: &str,
    is_enough: fn(&Value) -> bool,
) -> Result<Value, ClientError> {
    let path = format!("/v1/executions/{}", segment(id));
    let (began, mut pause, mut is_told) = (Instant::now(), FIRST_PAUSE, false);
    loop {
        let execution = client.get(&path, &Query::new()).await?;
        if is_enough(&execution) {
            return Ok(execution);
        }
        if began.elapsed() > LONG
            && !is_told
            && let Some(hint) = hint(&execution)
        {
            eprintln!("petrel: {hint}");
            is_told = true;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

/// What may keep an execution from being begun, where it has not been.
fn hint(execution: &Value) -> Option<String> {
    let status = text_at(execution, "status");
    let is_untaken = matches!(
        status.parse(),
        Ok(ExecutionStatus::Requested | ExecutionStatus::Scheduled)
    );
    let runner = text_at(&execution["action"], "runner_type");
    let role = if matches!(runner, "orquesta" | "action-chain") {
        "workflow"
    } else {
        "runner"
    };
    is_untaken.then(|| {
        format!(
            "execution {} is still `{status}`: nobody has taken it. Does a process with the role `{role}` run, and has \
             it room? Still waiting.",
            text_at(execution, "id")
        )
    })
}

/// Whether nothing will change any more. A status from the future counts as not final.
pub(crate) fn is_final(execution: &Value) -> bool {
    text_at(execution, "status")
        .parse::<ExecutionStatus>()
        .is_ok_and(ExecutionStatus::is_final)
}

/// Whether it ended well.
pub(crate) fn has_succeeded(execution: &Value) -> bool {
    text_at(execution, "status") == ExecutionStatus::Succeeded.as_str()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::{Json, Router, routing::get};
    use serde_json::json;

    use super::*;
    use crate::client::test_server::client_of;

    #[tokio::test]
    async fn looks_until_the_execution_has_ended() {
        let looks = Arc::new(AtomicUsize::new(0));
        let counter = looks.clone();
        let answer = move || async move {
            let status =
                ["requested", "running", "succeeded"][counter.fetch_add(1, Ordering::SeqCst)];
            Json(json!({ "id": "1", "status": status }))
        };
        let client = client_of(Router::new().route("/v1/executions/1", get(answer))).await;

        let execution = until_final(&client, "1").await.unwrap();

        assert!(has_succeeded(&execution));
        assert_eq!(looks.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn does_not_wait_for_what_waits_for_somebody() {
        for status in ["paused", "pending", "failed"] {
            let answer = move || async move { Json(json!({ "id": "1", "status": status })) };
            let client = client_of(Router::new().route("/v1/executions/1", get(answer))).await;

            let execution = until_at_rest(&client, "1").await.unwrap();

            assert_eq!(execution["status"], status);
        }
    }

    #[test]
    fn says_what_may_keep_an_execution_from_being_begun() {
        let of = |status: &str, runner: &str| {
            hint(&json!({"id": "7", "status": status, "action": {"runner_type": runner}}))
        };

        assert_eq!(
            of("requested", "local-shell-cmd").unwrap(),
            "execution 7 is still `requested`: nobody has taken it. Does a process with the role `runner` run, and has it \
             room? Still waiting."
        );
        assert!(
            of("scheduled", "orquesta")
                .unwrap()
                .contains("role `workflow`")
        );
        assert_eq!(of("delayed", "orquesta"), None);
        assert_eq!(of("running", "orquesta"), None);
    }

    #[test]
    fn knows_which_statuses_are_final() {
        assert!(is_final(&json!({ "status": "timeout" })));
        assert!(!is_final(&json!({ "status": "paused" })));
        assert!(!is_final(&json!({ "status": "unheard of" })));
    }
}
