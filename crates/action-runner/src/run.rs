//! Carries out one execution: finds its runner, its parameters, and what its end means.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use executions::{Executions, FinalParameters, Outcome, ParameterError};
use lifecycle::Clock;
use model::{ActionSnapshot, Execution, ExecutionStatus, RunnerInfo};
use serde_json::{Value, json};
use store::{Store, StoreError};

use crate::backlog::NOOP;
use crate::held::{Signal, Wanted, interrupted};
use crate::http::HttpClients;
use crate::identity::CurrentUser;
use crate::masking::Masking;
use crate::options::RunnerOptions;
use crate::output::{LiveOutput, OutputSink};
use crate::packs::PackFolders;
use crate::python::Parents;

/// Everything a run needs. Shared by all runs of a service.
#[derive(Debug)]
pub(crate) struct Workbench {
    pub(crate) store: Store,
    pub(crate) executions: Executions,
    pub(crate) clock: Clock,
    pub(crate) options: RunnerOptions,
    pub(crate) packs: PackFolders,
    pub(crate) http: HttpClients,
    pub(crate) python: Parents,
    pub(crate) user: CurrentUser,
    pub(crate) output: OutputSink,
    pub(crate) info: RunnerInfo,
}

/// One execution with all that its runner works with.
#[derive(Debug)]
pub(crate) struct Assignment<'a> {
    pub(crate) execution: &'a Execution,
    pub(crate) snapshot: &'a ActionSnapshot,
    pub(crate) parameters: FinalParameters,
    pub(crate) options: &'a RunnerOptions,
    pub(crate) packs: &'a PackFolders,
    pub(crate) http: &'a HttpClients,
    pub(crate) user: &'a CurrentUser,
    pub(crate) live: LiveOutput,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// By itself, or in time out: with this status and result; or it waits for an answer (`pending`).
    Told(ExecutionStatus, Value),
    /// Because something else was wanted of it; with what it had so far, an object.
    Interrupted(Value),
}

/// Why an action could not be run at all; st2 shows it as the result's `error`.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// With all its causes.
    pub(crate) fn of(error: &dyn Error) -> Self {
        Self(chain(error))
    }
}

/// An error and its causes in a line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// The outcome of a noop.
pub(crate) fn noop(execution: Execution) -> Outcome {
    let result = json!({ "failed": false, "succeeded": true, "return_code": 0 });
    Outcome {
        execution,
        status: ExecutionStatus::Succeeded,
        result,
    }
}

/// The outcome of an execution that failed before or beside its action; the shape is st2's.
pub(crate) fn failed(execution: Execution, error: &str) -> Outcome {
    Outcome {
        execution,
        status: ExecutionStatus::Failed,
        result: json!({ "error": error, "traceback": "" }),
    }
}

impl Workbench {
    /// Runs an execution to its end; `None` where it is ours no more. All its output is stored by then.
    pub(crate) async fn carry_out(
        &self,
        execution: Execution,
        signal: &mut Signal,
    ) -> Option<Outcome> {
        let room = self.options.max_live_output;
        let live = LiveOutput::new(execution.id, self.output.clone(), self.clock.clone(), room);
        let ended = self.dispatch(&execution, &live, signal).await;
        live.flush().await;
        match ended {
            Ok(Ended::Told(status, result)) => Some(Outcome {
                execution,
                status,
                result,
            }),
            Ok(Ended::Interrupted(partial)) => self.interrupt(execution, partial, signal).await,
            Err(failure) => Some(failed(execution, &failure.to_string())),
        }
    }

    async fn dispatch(
        &self,
        execution: &Execution,
        live: &LiveOutput,
        signal: &mut Signal,
    ) -> Result<Ended, Failure> {
        if !matches!(
            execution.runner.as_str(),
            NOOP | "local-shell-cmd"
                | "local-shell-script"
                | "http-request"
                | "announcement"
                | "inquirer"
                | "python-script"
        ) {
            return Err(unavailable(&execution.runner));
        }
        let Some(prepared) = self.prepare(execution, signal).await else {
            return Ok(Ended::Interrupted(json!({})));
        };
        let (snapshot, parameters) = prepared?;
        let context = &execution.context;
        let configured = self
            .executions
            .configured_secrets(&context.pack, &context.user)
            .await;
        let live = live.masked(Masking::new(&snapshot, &parameters).with(configured));
        let assignment = Assignment {
            execution,
            snapshot: &snapshot,
            parameters,
            options: &self.options,
            packs: &self.packs,
            http: &self.http,
            user: &self.user,
            live,
        };
        match execution.runner.as_str() {
            "local-shell-cmd" => crate::local::run_command(&assignment, signal).await,
            "local-shell-script" => crate::local::run_script(&assignment, signal).await,
            "http-request" => crate::http::run(&assignment, signal).await,
            "announcement" => crate::announcement::run(&assignment, &self.executions).await,
            "inquirer" => crate::inquirer::run(&assignment),
            "python-script" => {
                crate::python::run(&assignment, &self.executions, &self.python, signal).await
            }
            NOOP => Ok(Ended::Told(
                ExecutionStatus::Succeeded,
                noop(execution.clone()).result,
            )),
            other => Err(unavailable(other)),
        }
    }

    /// Snapshot and parameters; waits while the database is away. `None` where the run was interrupted meanwhile.
    async fn prepare(
        &self,
        execution: &Execution,
        signal: &mut Signal,
    ) -> Option<Result<Prepared, Failure>> {
        let mut pause = Duration::from_millis(50);
        for attempt in 1.. {
            let error = match self.try_prepare(execution).await {
                Err(error) if self.may_pass(&error, attempt).await => chain(&error),
                other => return Some(other.map_err(|error| Failure::of(&error))),
            };
            tracing::warn!(execution.id = %execution.id, "an execution waits for the database: {error}");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = interrupted(signal) => return None,
            }
            pause = (pause * 2).min(Duration::from_secs(2));
        }
        None
    }

    /// Whether the database is away, or was until just now, so that trying again later helps.
    async fn may_pass(&self, error: &PrepareError, attempt: u32) -> bool {
        match error {
            PrepareError::Store(error) => matches!(error, StoreError::Unavailable(_)),
            PrepareError::Parameters(ParameterError::Datastore(_)) => {
                attempt < 5 || self.store.ping().await.is_err()
            }
            PrepareError::Parameters(_) | PrepareError::NoSnapshot(_) => false,
        }
    }

    async fn try_prepare(&self, execution: &Execution) -> Result<Prepared, PrepareError> {
        let snapshot = self.store.snapshot(&execution.snapshot).await?;
        let snapshot =
            snapshot.ok_or_else(|| PrepareError::NoSnapshot(execution.snapshot.clone()))?;
        let parameters = self.executions.final_parameters(execution).await?;
        Ok((snapshot, parameters))
    }

    /// What an interruption makes of an execution.
    async fn interrupt(
        &self,
        execution: Execution,
        partial: Value,
        signal: &Signal,
    ) -> Option<Outcome> {
        let wanted = *signal.borrow();
        match wanted {
            Wanted::Cancel => {
                let result = self.cancellation(&execution).await;
                Some(Outcome {
                    execution,
                    status: ExecutionStatus::Canceled,
                    result,
                })
            }
            Wanted::Shutdown => {
                let RunnerInfo { hostname, pid } = &self.info;
                let mut result = if partial.is_object() {
                    partial
                } else {
                    json!({})
                };
                result["error"] = format!(
                    "the runner {hostname} (pid {pid}) was shut down before the action had ended"
                )
                .into();
                Some(Outcome {
                    execution,
                    status: ExecutionStatus::Abandoned,
                    result,
                })
            }
            Wanted::Run | Wanted::Drop => None,
        }
    }

    /// What whoever cancelled it left as the result; else what st2 writes there.
    async fn cancellation(&self, execution: &Execution) -> Value {
        let stored = self
            .store
            .execution(execution.id)
            .await
            .ok()
            .flatten()
            .and_then(|stored| stored.result);
        stored.unwrap_or_else(
            || json!({ "message": "Action canceled by user.", "user": execution.context.user }),
        )
    }
}

type Prepared = (Arc<ActionSnapshot>, FinalParameters);

#[derive(Debug, thiserror::Error)]
enum PrepareError {
    #[error("the action as it was when the execution was requested (snapshot `{0}`) is lost")]
    NoSnapshot(String),
    #[error("the action as it was when the execution was requested cannot be read")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Parameters(#[from] ParameterError),
}

fn unavailable(runner: &str) -> Failure {
    Failure::new(format!(
        "runner `{runner}` is not available in this version of Petrel"
    ))
}

#[cfg(test)]
pub(crate) mod testing;
