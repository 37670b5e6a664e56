//! `GET /v1/stream`: what the engine does, as it happens.

use std::collections::VecDeque;

use axum::extract::State;
use axum::response::Response;
use bus::{Announcement, Listener, News};
use futures::{Stream, StreamExt, stream};
use model::{Execution, Object, OutputLine};
use serde_json::{Value, json};

use super::output::output_event;
use super::pattern::Patterns;
use super::{Told, answer};
use crate::extract::Params;
use crate::projection::Projection;
use crate::{Api, ApiError, view};

/// Members of executions that would have to be looked up: a stream names them only.
const NOT_LOOKED_UP: [&str; 5] = [
    "trigger",
    "trigger_type",
    "trigger_instance",
    "rule",
    "children",
];

/// What a listener wants to hear.
#[derive(Debug, Clone)]
struct Wanted {
    patterns: Patterns,
    actions: Vec<String>,
    executions: Vec<String>,
    /// The stream ends with this event of this execution.
    end: Option<(String, String)>,
}

impl Wanted {
    fn read(params: &Params) -> Self {
        let owned = |name: &str| params.words(name).into_iter().map(str::to_owned).collect();
        let end_event = params.get("end_event").unwrap_or("st2.execution__update");
        Self {
            patterns: Patterns::new(&params.words("events")),
            actions: owned("action_refs"),
            executions: owned("execution_ids"),
            end: params
                .owned("end_execution_id")
                .map(|id| (id, end_event.to_owned())),
        }
    }

    fn fits(&self, execution: &Execution) -> bool {
        let is_in = |list: &[String], value: &dyn Fn() -> String| {
            list.is_empty() || list.contains(&value())
        };
        is_in(&self.actions, &|| execution.action_ref.to_string())
            && is_in(&self.executions, &|| execution.id.to_string())
    }

    fn ends_with(&self, told: &Told) -> bool {
        let Some((id, event)) = &self.end else {
            return false;
        };
        let status = told.body["status"]
            .as_str()
            .and_then(|status| status.parse::<model::ExecutionStatus>().ok());
        told.name == *event
            && told.body["id"] == id.as_str()
            && status.is_none_or(model::ExecutionStatus::is_final)
    }
}

/// Announcements, executions and live actions as they are made and change. A listener who is too slow misses some.
#[utoipa::path(
    get,
    path = "/v1/stream",
    tag = "stream",
    params(
        ("events" = Option<String>, Query, description = "Events with these names, separated by commas; `*` is anything"),
        ("action_refs" = Option<String>, Query, description = "Of executions of these actions"),
        ("execution_ids" = Option<String>, Query, description = "Of these executions"),
        ("end_execution_id" = Option<String>, Query, description = "End with the end of this execution"),
        ("end_event" = Option<String>, Query, description = "End with this event of that execution"),
    ),
    responses((status = OK, description = "Server-sent events", content_type = "text/event-stream", body = String))
)]
pub(crate) async fn handle(State(api): State<Api>, params: Params) -> Result<Response, ApiError> {
    let listener = api
        .bus
        .listen_to_all()
        .await
        .map_err(|error| ApiError::Unavailable(error.to_string(), Some(Box::new(error))))?;
    Ok(answer(
        events(api, listener, Wanted::read(&params)).map(Told::event),
    ))
}

struct Listening {
    api: Api,
    listener: Listener,
    wanted: Wanted,
    waiting: VecDeque<Told>,
    is_over: bool,
}

fn events(api: Api, listener: Listener, wanted: Wanted) -> impl Stream<Item = Told> {
    let state = Listening {
        api,
        listener,
        wanted,
        waiting: VecDeque::new(),
        is_over: false,
    };
    stream::unfold(state, |mut state| async move {
        state.next().await.map(|told| (told, state))
    })
}

impl Listening {
    async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(told) = self.waiting.pop_front() {
                self.is_over |= self.wanted.ends_with(&told);
                return Some(told);
            }
            if self.is_over {
                return None;
            }
            let shutdown = self.api.shutdown.clone();
            let news = tokio::select! {
                news = self.listener.next() => news?,
                () = shutdown.draining() => return None,
            };
            if let News::Announcement(announcement) = news {
                self.tell(announcement).await;
            }
        }
    }

    async fn tell(&mut self, announcement: Announcement) {
        match announcement {
            Announcement::ExecutionCreated(execution) => {
                self.tell_execution(*execution, "create").await;
            }
            Announcement::ExecutionUpdated(execution) => {
                self.tell_execution(*execution, "update").await;
            }
            Announcement::Output(lines) => self.tell_output(&lines),
            Announcement::Enforcement(enforcement) => {
                self.push("st2.rule_enforcement__create", || {
                    Value::Object(view::enforcement(&enforcement))
                });
            }
            Announcement::Other { event, body } => self.push(&event, || body),
        }
    }

    fn push(&mut self, name: &str, body: impl FnOnce() -> Value) {
        if self.wanted.patterns.fit(name) {
            self.waiting.push_back(Told {
                name: name.to_owned(),
                body: body(),
            });
        }
    }

    fn tell_output(&mut self, lines: &[OutputLine]) {
        let executions = self.wanted.executions.clone();
        for line in lines.iter().filter(|line| {
            executions.is_empty() || executions.contains(&line.execution_id.to_string())
        }) {
            self.push("st2.execution.output__create", || output_event(line, None));
        }
    }

    async fn tell_execution(&mut self, execution: Execution, what: &str) {
        if !self.wanted.fits(&execution) {
            return;
        }
        self.push(&format!("st2.liveaction__{what}"), || {
            view::live_action(&execution)
        });
        let name = format!("st2.execution__{what}");
        if !self.wanted.patterns.fit(&name) {
            return;
        }
        match shown(&self.api, execution).await {
            Ok(body) => self.push(&name, || body),
            Err(error) => tracing::warn!("an execution could not be shown on a stream: {error}"),
        }
    }
}

/// An execution's view, with rule and trigger named as the execution itself remembers them.
async fn shown(api: &Api, execution: Execution) -> Result<Value, ApiError> {
    let context = execution.context.clone();
    let wanted = Projection::Without(NOT_LOOKED_UP.map(str::to_owned).to_vec());
    let mut view = view::execution(api, execution, &wanted, false).await?;
    if let Value::Object(members) = &mut view {
        name_origins(members, &context);
    }
    Ok(view)
}

fn name_origins(members: &mut Object, context: &model::ExecutionContext) {
    if let Some(rule) = &context.rule {
        members.insert("rule".to_owned(), json!(rule));
    }
    if let Some(instance) = &context.trigger_instance {
        members.insert(
            "trigger".to_owned(),
            json!({"ref": instance.trigger, "type": instance.trigger_type}),
        );
        members.insert(
            "trigger_type".to_owned(),
            json!({"ref": instance.trigger_type}),
        );
        members.insert(
            "trigger_instance".to_owned(),
            json!({"id": instance.id, "trigger": instance.trigger}),
        );
    }
}
