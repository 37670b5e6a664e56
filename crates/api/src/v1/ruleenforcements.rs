//! `/v1/ruleenforcements`: which rules fired, and what came of it.

use auth::Permission;
use model::RuleEnforcement;
use store::EnforcementFilter;
use utoipa_axum::routes;

use crate::extract::{Order, Params, parse_id};
use crate::operations::Operations;
use crate::projection::Attributes;
use crate::{Api, ApiError};

mod get;
mod list;
mod view_get;
mod view_list;
mod with_members;

const ATTRIBUTES: Attributes = Attributes {
    names: &[
        "id",
        "trigger_instance_id",
        "execution_id",
        "failure_reason",
        "rule",
        "enforced_at",
        "status",
        "trigger_instance",
        "execution",
    ],
    excludable: None,
    whole: &[],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::RuleEnforcementList, routes!(list::handle))
        .add(Permission::RuleEnforcementView, routes!(get::handle))
        .add(Permission::RuleEnforcementList, routes!(view_list::handle))
        .add(Permission::RuleEnforcementView, routes!(view_get::handle))
}

/// `None` where nothing can fit.
fn filter(params: &Params) -> Result<Option<EnforcementFilter>, ApiError> {
    let (Ok(execution), Ok(trigger_instance), Ok(rule_id)) = (
        params.parsed("execution").transpose(),
        params.parsed("trigger_instance").transpose(),
        params.parsed("rule_id").transpose(),
    ) else {
        return Ok(None);
    };
    Ok(Some(EnforcementFilter {
        rule_ref: params.owned("rule_ref"),
        rule_id,
        execution,
        trigger_instance,
        after: params.time("enforced_at_gt")?,
        before: params.time("enforced_at_lt")?,
        older_than: None,
        oldest_first: Order::of(params, "enforced_at").is_oldest_first(),
    }))
}

async fn find(api: &Api, id: &str) -> Result<RuleEnforcement, ApiError> {
    let found = api.store.enforcement(parse_id(id)?).await?;
    found.ok_or_else(|| ApiError::unknown_id(id))
}
