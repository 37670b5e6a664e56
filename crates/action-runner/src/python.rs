//! The runner `python-script`, as st2's `python_runner` package: each execution is a fork of a warm parent.
//!
//! What runs in Python, and how it speaks with us, is told in `python/README.md` of this crate.

mod control;
mod fork;
mod outcome;
mod parent;
mod pool;
mod request;

use std::path::Path;
use std::pin::pin;

use executions::Executions;
use model::OutputStream;
use python_worker::{Interpreter, Wanted};
use serde_json::{Value, json};
use tokio::time::Instant;

pub(crate) use pool::Parents;

use crate::capture::Capture;
use crate::held::{Signal, interrupted};
use crate::run::{Assignment, Ended, Failure};
use crate::supervise::{Allowance, supervise};
use fork::{Answer, Fork};
use outcome::Finished;
use request::Request;

/// st2's `PYTHON_RUNNER_DEFAULT_ACTION_TIMEOUT`, seconds.
const DEFAULT_TIMEOUT: u64 = 600;

/// Runs the class in the action's file.
pub(crate) async fn run(
    assignment: &Assignment<'_>,
    executions: &Executions,
    parents: &Parents,
    signal: &mut Signal,
) -> Result<Ended, Failure> {
    let action = &assignment.snapshot.action;
    if action.entry_point.is_empty() {
        return Err(Failure::new(
            "the action has no `entry_point`: name its Python file there",
        ));
    }
    let of = |error: &dyn std::error::Error| Failure::of(error);
    let folder = assignment.packs.folder(&action.pack).await;
    let folder = folder.map_err(|error| of(&error))?;
    let revision = tokio::select! {
        revision = crate::revision::folder(assignment, &folder) => revision?,
        _ = interrupted(signal) => return Ok(Ended::Interrupted(json!({}))),
    };
    let config = executions
        .pack_config(&action.pack, &assignment.execution.context.user)
        .await
        .map_err(|error| of(&error))?;
    let interpreter = tokio::select! {
        interpreter = interpreter(assignment, &folder, parents) => interpreter?,
        _ = interrupted(signal) => return Ok(Ended::Interrupted(json!({}))),
    };
    let worker = parents.worker().await.map_err(|error| of(&error))?;
    // The virtualenv is that of the content in force, as in st2.
    let folder = revision.unwrap_or(folder);
    let request = Request {
        file: folder.join("actions").join(&action.entry_point),
        pack: &action.pack,
        user: &assignment.execution.context.user,
        parameters: &assignment.parameters.action,
        config: &config,
        log_level: log_level(assignment),
        environment: request::environment(assignment, &interpreter, &folder, worker)?,
        pack_folder: &folder,
        limits: assignment.options.python.limits,
    };
    let request = request.encoded();
    let asked = Instant::now();
    let fork = tokio::select! {
        fork = parents.fork(&interpreter, &request) => fork.map_err(|error| of(&error))?,
        _ = interrupted(signal) => return Ok(Ended::Interrupted(json!({}))),
    };
    let ended = attend(assignment, fork, &request, signal).await;
    crate::metrics::python_action_took(asked.elapsed());
    ended
}

/// The Python of the pack's virtualenv, which is built where it is not there yet.
async fn interpreter(
    assignment: &Assignment<'_>,
    folder: &Path,
    parents: &Parents,
) -> Result<Interpreter, Failure> {
    let (pack, packs) = (&assignment.snapshot.action.pack, assignment.packs);
    let pythons = &assignment.options.python.pythons;
    let wanted = Wanted {
        pack,
        folder,
        tests: false,
        pythons,
        environment: &assignment.options.environment,
    };
    let found = parents.virtualenvs.of_pack(wanted, packs.pins(pack)).await;
    let found = found.map_err(|error| Failure::of(&error))?;
    if let Some(freeze) = found.freeze {
        packs.keep_pins(pack, folder, &freeze).await;
    }
    Ok(Interpreter::of_virtualenv(found.virtualenv, pythons).await)
}

/// Feeds and watches a fork until its end.
async fn attend(
    assignment: &Assignment<'_>,
    mut fork: Fork,
    request: &[u8],
    signal: &mut Signal,
) -> Result<Ended, Failure> {
    let options = assignment.options;
    let (mut stdout, mut stderr) = (
        Capture::new(options.max_result),
        Capture::new(options.max_result),
    );
    let mut answer = Answer::None;
    let timeout = crate::local::timeout(assignment, DEFAULT_TIMEOUT);
    let streams = fork.take_streams();
    let end = {
        let live = &assignment.live;
        let talk = pin!(async {
            tokio::join!(
                fork::converse(streams.talk, request, &mut answer),
                crate::process::read(
                    Some(streams.stdout),
                    OutputStream::Stdout,
                    &mut stdout,
                    live
                ),
                crate::process::read(
                    Some(streams.stderr),
                    OutputStream::Stderr,
                    &mut stderr,
                    live
                ),
            );
        });
        let allowance = Allowance {
            timeout: timeout.as_ref().map(|(duration, _)| *duration),
            kill_grace: options.kill_grace,
        };
        supervise(&mut fork, talk, allowance, signal)
            .await
            .map_err(|error| Failure::of(&error))?
    };
    let finished = Finished {
        end,
        answer,
        stdout: stdout.into_text(),
        stderr: stderr.into_text(),
        limits: options.python.limits,
    };
    outcome::outcome(finished, timeout.as_ref().map(|(_, said)| said))
}

fn log_level<'a>(assignment: &'a Assignment<'_>) -> &'a str {
    let said = assignment.parameters.runner.get("log_level");
    said.and_then(Value::as_str).unwrap_or("DEBUG")
}

/// A path as text; Python is told paths in JSON.
fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
