//! What one execution prints, as it prints it, until it ends.

use std::collections::VecDeque;

use axum::response::Response;
use axum::response::sse::Event;
use bus::{Announcement, Listener, News};
use futures::{Stream, stream};
use model::{Execution, OutputLine, OutputStream};
use serde_json::{Value, json};

use super::answer;
use crate::view::time;
use crate::{Api, ApiError};

/// How many pieces are read at a time.
pub(super) const PIECES: u32 = 1000;

/// One piece of output as StackStorm's event `st2.execution.output__create` carries it.
pub(super) fn output_event(line: &OutputLine, execution: Option<&Execution>) -> Value {
    let mut body = json!({
        "id": format!("{}-{}", line.execution_id, line.sequence),
        "execution_id": line.execution_id,
        "output_type": line.stream.as_str(),
        "data": line.data,
        "timestamp": time(line.timestamp),
    });
    if let Some(execution) = execution {
        body["action_ref"] = json!(execution.action_ref);
        body["runner_ref"] = json!(execution.runner);
    }
    body
}

/// The stream of one execution's output: what is stored, then what comes, then `EOF`.
pub(crate) async fn output_events(
    api: Api,
    execution: Execution,
    stream: Option<OutputStream>,
) -> Result<Response, ApiError> {
    // Listening begins before the store is read, so that nothing falls between.
    let listener = api
        .bus
        .listen_to_all()
        .await
        .map_err(|error| ApiError::Unavailable(error.to_string(), Some(Box::new(error))))?;
    let execution = api
        .store
        .execution(execution.id)
        .await?
        .unwrap_or(execution);
    let state = Following {
        api,
        listener,
        stream,
        next: 0,
        waiting: VecDeque::new(),
        state: State::Reading,
        execution,
    };
    Ok(answer(pieces(state)))
}

enum State {
    /// Whatever is stored is read.
    Reading,
    /// What is announced is followed.
    Waiting,
    /// `EOF` was said.
    Over,
}

struct Following {
    api: Api,
    listener: Listener,
    execution: Execution,
    stream: Option<OutputStream>,
    /// The position of the next piece.
    next: u64,
    waiting: VecDeque<OutputLine>,
    state: State,
}

fn pieces(state: Following) -> impl Stream<Item = Event> {
    stream::unfold(state, |mut state| async move {
        state.next_event().await.map(|event| (event, state))
    })
}

impl Following {
    async fn next_event(&mut self) -> Option<Event> {
        loop {
            while let Some(line) = self.waiting.pop_front() {
                if let Some(event) = self.told(&line) {
                    return Some(event);
                }
            }
            match self.state {
                State::Over => return None,
                State::Reading => self.read().await?,
                State::Waiting => self.wait().await?,
            }
            if matches!(self.state, State::Over) {
                return Some(Event::default().event("EOF").data("''"));
            }
        }
    }

    /// The event of a piece, unless it was told already or is not wanted.
    fn told(&mut self, line: &OutputLine) -> Option<Event> {
        if line.sequence < self.next {
            return None;
        }
        self.next = line.sequence + 1;
        let is_wanted = self.stream.is_none_or(|stream| stream == line.stream);
        let body = output_event(line, Some(&self.execution)).to_string();
        is_wanted.then(|| {
            Event::default()
                .event("st2.execution.output__create")
                .data(body)
        })
    }

    /// Takes the next pieces from the store; when there are no more, the execution's end decides how to go on.
    async fn read(&mut self) -> Option<()> {
        let pieces = self
            .api
            .store
            .output(self.execution.id, None, self.next, PIECES)
            .await;
        let pieces = pieces
            .inspect_err(|error| tracing::warn!("a stream of output ends early: {error}"))
            .ok()?;
        if pieces.is_empty() {
            self.state = if self.execution.status.is_final() {
                State::Over
            } else {
                State::Waiting
            };
        }
        self.waiting.extend(pieces);
        Some(())
    }

    async fn wait(&mut self) -> Option<()> {
        let shutdown = self.api.shutdown.clone();
        let news = tokio::select! {
            news = self.listener.next() => news?,
            () = shutdown.draining() => return None,
        };
        match news {
            News::Announcement(Announcement::Output(lines)) => self.take(lines),
            News::Announcement(Announcement::ExecutionUpdated(execution))
                if execution.id == self.execution.id =>
            {
                self.execution.status = execution.status;
                if execution.status.is_final() {
                    self.state = State::Reading;
                }
            }
            // What was missed may have been the end.
            News::Missed { .. } => self.look_again().await,
            News::Announcement(_)
            | News::CancelWanted(_)
            | News::DefinitionsChanged(_)
            | News::WorkflowWanted(_)
            | News::TasksChanged(_) => {}
        }
        Some(())
    }

    async fn look_again(&mut self) {
        match self.api.store.execution(self.execution.id).await {
            Ok(Some(execution)) => self.execution = execution,
            Ok(None) => {}
            Err(error) => tracing::warn!("a stream of output may end late: {error}"),
        }
        self.state = State::Reading;
    }

    /// Announced pieces are told at once where none is missing before them; else the store is read.
    fn take(&mut self, lines: Vec<OutputLine>) {
        let mut lines: Vec<OutputLine> = lines
            .into_iter()
            .filter(|line| line.execution_id == self.execution.id && line.sequence >= self.next)
            .collect();
        lines.sort_by_key(|line| line.sequence);
        match lines.first() {
            Some(first) if first.sequence > self.next => self.state = State::Reading,
            Some(_) => self.waiting.extend(lines),
            None => {}
        }
    }
}
