//! `/v1/inquiries`: executions that wait for somebody's answer.

use auth::Permission;
use executions::INQUIRER;
use model::ExecutionStatus;
use store::ExecutionFilter;
use utoipa_axum::routes;

use crate::operations::Operations;
use crate::projection::Attributes;

mod get;
mod list;
mod respond;

/// The members of an inquiry.
const ATTRIBUTES: Attributes = Attributes {
    names: &["id", "route", "ttl", "users", "roles", "schema"],
    excludable: None,
    whole: &[],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::InquiryList, routes!(list::handle))
        .add(Permission::InquiryView, routes!(get::handle))
        .add(Permission::InquiryRespond, routes!(respond::handle))
}

/// Inquiries that wait, with what they ask.
fn waiting() -> ExecutionFilter {
    ExecutionFilter {
        statuses: Some(vec![ExecutionStatus::Pending]),
        runner: Some(INQUIRER.to_owned()),
        with_results: true,
        ..ExecutionFilter::default()
    }
}
