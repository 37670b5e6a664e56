//! `/v1/triggers`: trigger types with parameters. As in StackStorm they are found by id only: rules make and remove
//! them.

use auth::Permission;
use model::{Object, Reference, Trigger, TriggerId};
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

/// The trigger that a body describes. Its pack is that of its type where it states none.
fn read(api: &Api, body: &Object) -> Result<Trigger, ApiError> {
    let fields = Fields(body);
    let type_ref: Reference = fields
        .required_text("type")?
        .parse()
        .map_err(|error| ApiError::BadRequest(format!("{error}")))?;
    let pack = pack_of(body, type_ref.pack())?;
    let name = fields.text("name")?.filter(|name| !name.is_empty());
    let parameters = fields.object("parameters")?.cloned().unwrap_or_default();
    let made =
        packs::definition::trigger_named(name, &type_ref, parameters, &api.origin(&pack, ""));
    Ok(Trigger {
        description: fields.text("description")?.map(str::to_owned),
        ..made
    })
}
