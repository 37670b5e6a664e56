//! `GET /v1/stream`: what the engine does, as it happens.

use std::collections::VecDeque;

use axum::extract::State;
use axum::response::Response;
use bus::{Announcement, Listener, News};
use futures::{Stream, StreamExt, stream};
use model::{Execution, ExecutionId, Object, OutputLine};
use serde_json::{Value, json};
use store::{Store, StoreError};

use super::output::{PIECES, output_event};
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

/// Announcements, executions and live actions as they are made and change. A listener who is too slow misses some. One
/// that waits for the end of an execution is told first what this one has printed already, and its end if it has come.
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
    let wanted = Wanted::read(&params);
    let past = Past::before(&wanted);
    Ok(answer(events(api, listener, wanted, past).map(Told::event)))
}

/// What happened before anybody listened to the execution with which a stream ends.
#[derive(Debug)]
struct Past {
    execution: ExecutionId,
    /// The position of the first piece of output that was not told yet.
    next: u64,
    /// The execution as it was before its output was read: all that a final one printed is stored.
    found: Option<Execution>,
    is_told: bool,
}

impl Past {
    fn before(wanted: &Wanted) -> Option<Self> {
        let (id, _) = wanted.end.as_ref()?;
        Some(Self {
            execution: id.parse().ok()?,
            next: 0,
            found: None,
            is_told: false,
        })
    }

    /// The next pieces of output; none where all that is stored was read.
    async fn read(&mut self, store: &Store) -> Result<Vec<OutputLine>, StoreError> {
        if self.found.is_none() {
            self.found = store.execution(self.execution).await?;
        }
        store.output(self.execution, None, self.next, PIECES).await
    }

    /// Whether a piece is still to be told.
    fn take(&mut self, line: &OutputLine) -> bool {
        if line.execution_id != self.execution {
            return true;
        }
        let is_news = line.sequence >= self.next;
        self.next = self.next.max(line.sequence + 1);
        is_news
    }

    /// Something was missed, which may have been the end.
    fn look_again(&mut self) {
        self.found = None;
        self.is_told = false;
    }
}

struct Listening {
    api: Api,
    listener: Listener,
    wanted: Wanted,
    past: Option<Past>,
    waiting: VecDeque<Told>,
    is_over: bool,
}

fn events(
    api: Api,
    listener: Listener,
    wanted: Wanted,
    past: Option<Past>,
) -> impl Stream<Item = Told> {
    let state = Listening {
        api,
        listener,
        wanted,
        past,
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
            if self.past.as_ref().is_some_and(|past| !past.is_told) {
                self.tell_past().await;
                continue;
            }
            let shutdown = self.api.shutdown.clone();
            let news = tokio::select! {
                news = self.listener.next() => news?,
                () = shutdown.draining() => return None,
            };
            match news {
                News::Announcement(announcement) => self.tell(announcement).await,
                News::Missed { .. } => {
                    if let Some(past) = &mut self.past {
                        past.look_again();
                    }
                }
                News::CancelWanted(_)
                | News::DefinitionsChanged(_)
                | News::WorkflowWanted(_)
                | News::TasksChanged(_) => {}
            }
        }
    }

    /// Tells some more of what has happened already. Where that cannot be read, only what comes is told.
    async fn tell_past(&mut self) {
        let Some(past) = &mut self.past else {
            return;
        };
        let lines = past.read(&self.api.store).await.unwrap_or_else(|error| {
            tracing::warn!("a stream does not tell what has happened before: {error}");
            Vec::new()
        });
        if !lines.is_empty() {
            self.tell_output(&lines);
            return;
        }
        past.is_told = true;
        if let Some(execution) = past.found.take()
            && execution.status.is_final()
        {
            self.tell_execution(execution, "update").await;
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
        for line in lines {
            let is_news = self.past.as_mut().is_none_or(|past| past.take(line));
            let executions = &self.wanted.executions;
            let is_wanted =
                executions.is_empty() || executions.contains(&line.execution_id.to_string());
            if is_news && is_wanted {
                self.push("st2.execution.output__create", || output_event(line, None));
            }
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
