//! The runner `inquirer`, as st2's `inquirer_runner` package: the execution waits for somebody's answer.

use model::ExecutionStatus;

use crate::run::{Assignment, Ended, Failure};

/// Asks. Nothing runs here while the answer is awaited: who takes it in ends the execution.
pub(crate) fn run(assignment: &Assignment<'_>) -> Result<Ended, Failure> {
    let question =
        executions::question(&assignment.parameters.runner).map_err(|error| Failure::of(&error))?;
    Ok(Ended::Told(ExecutionStatus::Pending, question))
}
