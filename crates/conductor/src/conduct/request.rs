//! Somebody asks for a status of the workflow: run, pause, resume, cancel, fail.

use super::{Conductor, Refusal, machines};
use crate::{Changes, State, Status};

impl Conductor {
    /// Asks for a status. Refused where the workflow cannot become it.
    pub fn request(&self, state: &mut State, status: Status) -> Result<Changes, Refusal> {
        self.operate(state, |state| request(state, status))
            .map(|((), changes)| changes)
    }
}

pub(super) fn request(state: &mut State, status: Status) -> Result<(), Refusal> {
    // Nobody can ask for these: they come about, or are for tasks only.
    if matches!(
        status,
        Status::Unset | Status::Pending | Status::Retrying | Status::Timeout | Status::Abandoned
    ) {
        return Err(Refusal::InvalidEvent(format!("workflow_{status}")));
    }
    let before = state.status;
    machines::workflow_requested(state, status);
    let after = state.status;
    // It is on its way there already.
    let is_under_way = matches!(
        (before, status),
        (Status::Pausing, Status::Paused) | (Status::Canceling, Status::Canceled)
    );
    if before == after && after != status && !is_under_way {
        return Err(Refusal::InvalidWorkflowTransition {
            status: before,
            event: format!("workflow_{status}"),
        });
    }
    Ok(())
}
