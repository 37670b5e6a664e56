//! The runners `local-shell-cmd` and `local-shell-script`, as st2's `local_runner` package.

mod arguments;
mod command;
pub(crate) mod environment;
mod outcome;
mod script;

use std::path::PathBuf;
use std::time::Duration;

use model::ExecutionStatus;
use serde_json::{Value, json};

use crate::held::{Signal, interrupted};
use crate::process::{Finished, Job};
use crate::run::{Assignment, Ended, Failure};
use command::RunAs;

/// st2's `LOCAL_RUNNER_DEFAULT_ACTION_TIMEOUT`, seconds.
const DEFAULT_TIMEOUT: u64 = 60;

/// Runs `cmd` in a shell.
pub(crate) async fn run_command(
    assignment: &Assignment<'_>,
    signal: &mut Signal,
) -> Result<Ended, Failure> {
    if !assignment.snapshot.action.entry_point.is_empty() {
        return Err(Failure::new(
            "`entry_point` is only valid for the runner `local-shell-script`",
        ));
    }
    let command = match assignment.parameters.runner.get("cmd") {
        Some(Value::String(command)) => command.clone(),
        Some(Value::Null) | None => {
            return Err(Failure::new(
                "the parameter `cmd` has no value: there is nothing to run",
            ));
        }
        Some(other) => expr::python::str(other),
    };
    run_shell(assignment, &command, signal).await
}

/// Runs the action's script with its parameters as arguments.
pub(crate) async fn run_script(
    assignment: &Assignment<'_>,
    signal: &mut Signal,
) -> Result<Ended, Failure> {
    let action = &assignment.snapshot.action;
    if action.entry_point.is_empty() {
        return Err(Failure::new(
            "the action has no `entry_point`: name its script there",
        ));
    }
    let folder = assignment.packs.folder(&action.pack).await;
    let folder = folder.map_err(|error| Failure::of(&error))?;
    let revision = tokio::select! {
        revision = crate::revision::folder(assignment, &folder) => revision?,
        _ = interrupted(signal) => return Ok(Ended::Interrupted(json!({}))),
    };
    let folder = revision.unwrap_or(folder);
    // `join` of an absolute path gives that path, as st2's `get_entry_point_abs_path` does.
    let path = folder.join("actions").join(&action.entry_point);
    script::make_runnable(&path)
        .await
        .map_err(|error| Failure::of(&error))?;
    let operator = text(assignment, "kwarg_op").unwrap_or_else(|| "--".to_owned());
    let command = arguments::command_line(&path, action, &assignment.parameters.action, &operator);
    run_shell(assignment, &command, signal).await
}

async fn run_shell(
    assignment: &Assignment<'_>,
    command: &str,
    signal: &mut Signal,
) -> Result<Ended, Failure> {
    let password = text(assignment, "sudo_password").filter(|password| !password.is_empty());
    let run_as = RunAs {
        current_user: &assignment.user.name,
        is_root: assignment.user.is_root,
        system_user: assignment.options.system_user.as_deref(),
        sudo: matches!(
            assignment.parameters.runner.get("sudo"),
            Some(Value::Bool(true))
        ),
        has_password: password.is_some(),
    };
    let timeout = timeout(assignment, DEFAULT_TIMEOUT);
    let job = Job {
        command: command::full_command(command, &run_as),
        cwd: text(assignment, "cwd")
            .filter(|cwd| !cwd.is_empty())
            .map(PathBuf::from),
        environment: environment::environment(assignment)?,
        stdin: password.as_ref().map(|password| format!("{password}\n")),
        timeout: timeout.as_ref().map(|(duration, _)| *duration),
        is_elevated: run_as.asks_sudo(),
        kill_grace: assignment.options.kill_grace,
        max_result: assignment.options.max_result,
    };
    let finished = crate::process::run(&job, signal, &assignment.live)
        .await
        .map_err(|error| Failure::of(&error))?;
    Ok(conclude(
        &finished,
        password.is_some(),
        timeout.as_ref().map(|(_, said)| said),
    ))
}

fn conclude(finished: &Finished, has_password: bool, timeout: Option<&Value>) -> Ended {
    let (status, result) = outcome::outcome(finished, has_password, timeout);
    match status {
        Some(status) => Ended::Told(status, result),
        None => Ended::Interrupted(result),
    }
}

/// A text parameter of the runner.
fn text(assignment: &Assignment<'_>, name: &str) -> Option<String> {
    match assignment.parameters.runner.get(name)? {
        Value::Null => None,
        value => Some(expr::python::str(value)),
    }
}

/// The timeout, and how the user put it. `null` is no timeout, as Python's `wait(timeout=None)`; seconds by default.
pub(crate) fn timeout(assignment: &Assignment<'_>, default: u64) -> Option<(Duration, Value)> {
    let said = assignment
        .parameters
        .runner
        .get("timeout")
        .cloned()
        .unwrap_or_else(|| default.into());
    let seconds = said.as_f64()?.max(0.0);
    Some((
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::from_secs(u64::from(u32::MAX))),
        said,
    ))
}

/// The status of a command that ended with this code.
fn status_of(code: i32) -> ExecutionStatus {
    if code == 0 {
        ExecutionStatus::Succeeded
    } else {
        ExecutionStatus::Failed
    }
}
