//! `/v1/triggers`: trigger types with parameters. As in StackStorm they are found by id only: rules make and remove
//! them.

use auth::Permission;
use model::{InvalidReference, Object, Reference, Trigger, TriggerId, TriggerType};
use schema::Schema;
use serde_json::Value;
use utoipa_axum::routes;

use crate::change::pack_of;
use crate::extract::{Fields, parse_id};
use crate::operations::Operations;
use crate::{Api, ApiError};

mod create;
mod delete;
mod get;
mod list;
mod update;

const CRON_TIMER: &str = "core.st2.CronTimer";

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::TriggerList, routes!(list::handle))
        .add(Permission::TriggerView, routes!(get::handle))
        .add(Permission::TriggerCreate, routes!(create::handle))
        .add(Permission::TriggerModify, routes!(update::handle))
        .add(Permission::TriggerDelete, routes!(delete::handle))
}

async fn find(api: &Api, id: &str) -> Result<Trigger, ApiError> {
    parse_id::<TriggerId>(id)?;
    api.store
        .find(id)
        .await?
        .ok_or_else(|| ApiError::unknown_id(id))
}

/// The trigger that a body describes. Its pack is that of its type where it states none. As in StackStorm its
/// parameters are checked where the type is known, and a type that is not known is no fault.
async fn read(api: &Api, body: &Object) -> Result<Trigger, ApiError> {
    let fields = Fields(body);
    let type_ref: Reference = fields
        .required_text("type")?
        .parse()
        .map_err(|error: InvalidReference| ApiError::BadRequest(error.to_string()))?;
    let parameters = fields.object("parameters")?.cloned().unwrap_or_default();
    check(api, &type_ref, &parameters).await?;
    let pack = pack_of(body, type_ref.pack())?;
    let name = fields.text("name")?.filter(|name| !name.is_empty());
    let origin = api.origin(&pack, "");
    let made = packs::definition::trigger_named(name, &type_ref, parameters, &origin);
    Ok(Trigger {
        description: fields.text("description")?.map(str::to_owned),
        ..made
    })
}

async fn check(api: &Api, type_ref: &Reference, parameters: &Object) -> Result<(), ApiError> {
    let kind: Option<TriggerType> = api.store.find(type_ref.as_str()).await?;
    let Some(kind) = kind.filter(|kind| !kind.parameters_schema.is_empty()) else {
        return Ok(());
    };
    let fault = |reason: String| {
        ApiError::BadRequest(format!(
            "The parameters do not fit the trigger type \"{type_ref}\": {reason}"
        ))
    };
    let schema = Schema::compile(&Value::Object(kind.parameters_schema))
        .map_err(|error| fault(error.to_string()))?;
    schema
        .validate(&Value::Object(parameters.clone()))
        .map_err(|error| fault(error.to_string()))?;
    if type_ref.as_str() == CRON_TIMER {
        packs::check_cron(parameters).map_err(|error| fault(error.to_string()))?;
    }
    Ok(())
}
