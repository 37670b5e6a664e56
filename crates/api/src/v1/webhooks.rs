//! `/v1/webhooks`: events that other systems post.

use std::sync::Arc;

use auth::Permission;
use model::Trigger;
use utoipa_axum::routes;

use crate::operations::Operations;
use crate::{Api, ApiError};

mod get;
mod list;
mod post;

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::WebhookList, routes!(list::handle))
        .add(Permission::WebhookView, routes!(get::handle))
        .add(Permission::WebhookSend, routes!(post::handle))
}

/// The trigger of a hook; slashes at either end do not count.
fn find(api: &Api, hook: &str) -> Result<Arc<Trigger>, ApiError> {
    let table = api.intake.triggers();
    table
        .webhooks
        .get(hook.trim_matches('/'))
        .cloned()
        .ok_or_else(|| unknown(hook))
}

fn unknown(hook: &str) -> ApiError {
    ApiError::NotFound(format!("Webhook {hook} is not registered"))
}
