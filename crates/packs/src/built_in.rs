//! What the engine itself brings into a fresh store.

use chrono::{DateTime, Utc};
use model::{IdSource, Object, Reference, RunnerType, TriggerType};
use store::{DefinitionFilter, Store, StoreError};

use crate::definition::{Origin, trigger_of_type};

/// Stores the runners, the internal trigger types, and the triggers of those that take no parameters. What is
/// there already keeps its id, and a runner that was disabled stays so: this may run at every start and in every process.
pub async fn register_built_in(
    store: &Store,
    ids: &IdSource,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let stored = store
        .all::<RunnerType>(&DefinitionFilter::default())
        .await?;
    let disabled = |name: &str| stored.iter().any(|one| one.name == name && !one.enabled);
    for runner in model::built_in_runners() {
        let runner = RunnerType {
            uid: format!("runner_type:{}", runner.name),
            enabled: !disabled(&runner.name),
            name: runner.name,
            description: runner.description,
            runner_package: runner.runner_package,
            runner_module: runner.runner_module,
            runner_parameters: runner.runner_parameters,
            output_key: runner.output_key,
            output_schema: runner.output_schema,
            id: ids.next(now),
        };
        store.save(runner).await?;
    }
    for internal in model::internal_trigger_types() {
        let one = TriggerType {
            description: Some(internal.description),
            tags: Vec::new(),
            uid: format!("trigger_type:{}:{}", internal.pack, internal.name),
            metadata_file: None,
            type_ref: Reference::new(&internal.pack, &internal.name),
            name: internal.name,
            pack: internal.pack,
            payload_schema: internal.payload_schema,
            parameters_schema: internal.parameters_schema,
            id: ids.next(now),
        };
        let one = store.save(one).await?;
        ensure_trigger(store, &one, ids, now).await?;
    }
    Ok(())
}

/// Stores the trigger that stands for a type without parameters, unless there is one.
pub(crate) async fn ensure_trigger(
    store: &Store,
    of: &TriggerType,
    ids: &IdSource,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let origin = Origin {
        pack: &of.pack,
        metadata_file: "",
        ids,
        now,
    };
    if let Some(trigger) = trigger_of_type(of, &origin)
        && store
            .find_trigger(&trigger.type_ref, &Object::new())
            .await?
            .is_none()
    {
        store.save(trigger).await?;
    }
    Ok(())
}
