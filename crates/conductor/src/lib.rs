#![doc = include_str!("../README.md")]

mod conduct;
mod context;
mod definition;
mod graph;
mod inspect;
mod plain;
mod state;
mod status;
mod tables;

pub use conduct::{
    ActionRequest, Conductor, ItemReport, Offer, Refusal, Report, RerunRequest, Surroundings,
};
pub use context::{ListId, ListNode};
pub use definition::{
    Assignment, Definition, DefinitionError, Input, Join, Retry, Task, Transition, WithItems,
    is_command,
};
pub use graph::Graph;
pub use inspect::{Call, Category, Finding, Inspection, inspect};
pub use state::{
    Arrival, ArrivalId, Changes, Entry, ErrorEntry, ErrorId, Items, NotTransition, Record,
    RecordKey, RestoreError, RetryState, Route, Staged, StagedId, State, TaskKey, TransitionId,
    WorkflowRecord,
};
pub use status::Status;
