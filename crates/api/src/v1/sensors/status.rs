//! `GET /v1/sensors/status`

use std::collections::{HashMap, HashSet};

use axum::Json;
use axum::extract::State;
use model::{PackConfig, PackConfigSchema, Sensor, SensorInstance, SensorState, SensorStatus};
use serde_json::{Value, json};
use store::{DefinitionFilter, StoreError};

use crate::{Api, ApiError, view};

/// Where each sensor runs, since when, and what went wrong there; of several instances of a sensor each. What is there
/// no more (its pack, its sensor, its instance) is left out once it has ended.
#[utoipa::path(
    get,
    path = "/v1/sensors/status",
    tag = "sensors",
    responses((status = OK, description = "Of each sensor that ever ran, sorted by reference", body = Vec<Object>))
)]
pub(crate) async fn handle(State(api): State<Api>) -> Result<Json<Vec<Value>>, ApiError> {
    let statuses = api.store.sensor_statuses(api.clock.now()).await?;
    let known = known(&api).await?;
    Ok(Json(
        statuses
            .iter()
            .filter(|(status, is_held)| *is_held || known.contains(&status.sensor_ref))
            .map(|(status, is_held)| shown(status, *is_held))
            .collect(),
    ))
}

/// What the sensors that there are, or their instances, are known by.
async fn known(api: &Api) -> Result<HashSet<String>, StoreError> {
    let everything = DefinitionFilter::default();
    let sensors: Vec<Sensor> = api.store.all(&everything).await?;
    let configs: Vec<PackConfig> = api.store.all(&everything).await?;
    let schemas: Vec<PackConfigSchema> = api.store.all(&everything).await?;
    let schemas: HashMap<&str, &PackConfigSchema> = schemas
        .iter()
        .map(|schema| (schema.pack.as_str(), schema))
        .collect();
    let instances: HashMap<&str, _> = configs
        .iter()
        .filter_map(|config| {
            let attributes = schemas
                .get(config.pack.as_str())
                .map(|schema| &schema.attributes);
            let instances = SensorInstance::of_config(&config.values, attributes);
            // One that cannot be read has none: none of them runs.
            Some((config.pack.as_str(), instances.ok()?))
        })
        .collect();
    let names = sensors.iter().flat_map(|sensor| {
        let name = sensor.sensor_ref.to_string();
        let own = instances.get(sensor.pack.as_str());
        match own.and_then(|of_pack| of_pack.get(&sensor.name)) {
            None => vec![name],
            Some(instances) => instances
                .iter()
                .map(|instance| SensorStatus::of_instance(&name, &instance.name))
                .collect(),
        }
    });
    Ok(names.collect())
}

/// What a process said that no longer holds the sensor is history: the sensor is `lost`, unless it was stopped.
fn shown(status: &SensorStatus, is_held: bool) -> Value {
    let state = if is_held || status.state == SensorState::Stopped {
        status.state.as_str()
    } else {
        "lost"
    };
    let (sensor_ref, instance) = match status.sensor_ref.split_once('@') {
        Some((sensor_ref, instance)) => (sensor_ref, Some(instance)),
        None => (status.sensor_ref.as_str(), None),
    };
    json!({
        "ref": status.sensor_ref,
        "sensor": sensor_ref,
        "instance": instance,
        "state": state,
        "node": status.hostname,
        "process": status.holder,
        "pid": status.pid.filter(|_| is_held),
        "since": view::time(status.since),
        "dispatches": status.dispatches,
        "rejected": status.rejected,
        "restarts": status.restarts,
        "last_dispatch": status.last_dispatch.map(view::time),
        "last_error": status.last_error,
        "last_error_at": status.last_error_at.map(view::time),
    })
}
