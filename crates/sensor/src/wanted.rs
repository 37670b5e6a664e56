//! A live copy of the sensors that are to run, with whatever makes them start anew when it changes.

use std::collections::{BTreeMap, HashMap};

use model::{PackConfig, PackConfigSchema, Sensor};
use store::{DefinitionFilter, Store, StoreError};

use crate::Partition;

/// A sensor as it is to run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) sensor: Sensor,
    /// The pack's configuration as it is stored: secrets are sealed.
    pub(crate) config: Option<PackConfig>,
    schema: Option<PackConfigSchema>,
    /// Of the pack's files, when they were registered.
    files: Option<String>,
}

/// What is to run, by reference.
pub(crate) type AllWanted = BTreeMap<String, Wanted>;

/// Reads what is to run here.
pub(crate) async fn read(store: &Store, partition: &Partition) -> Result<AllWanted, StoreError> {
    let enabled = DefinitionFilter {
        enabled: Some(true),
        ..DefinitionFilter::default()
    };
    let mut sensors = store.all::<Sensor>(&enabled).await?;
    sensors
        .retain(|sensor| is_python(sensor) && partition.includes(&sensor.sensor_ref.to_string()));
    if sensors.is_empty() {
        return Ok(AllWanted::new());
    }
    let everything = DefinitionFilter::default();
    let configs = store.all::<PackConfig>(&everything).await?;
    let configs: HashMap<String, PackConfig> = configs
        .into_iter()
        .map(|config| (config.pack.clone(), config))
        .collect();
    let schemas = store.all::<PackConfigSchema>(&everything).await?;
    let schemas: HashMap<String, PackConfigSchema> = schemas
        .into_iter()
        .map(|schema| (schema.pack.clone(), schema))
        .collect();
    let files = store.registered_files().await?;
    let files: HashMap<String, String> = files
        .into_iter()
        .map(|(pack, files)| (pack, files.fingerprint))
        .collect();
    let wanted = sensors.into_iter().map(|sensor| {
        let wanted = Wanted {
            config: configs.get(&sensor.pack).cloned(),
            schema: schemas.get(&sensor.pack).cloned(),
            files: files.get(&sensor.pack).cloned(),
            sensor,
        };
        (wanted.sensor.sensor_ref.to_string(), wanted)
    });
    Ok(wanted.collect())
}

/// Sensors of `core` come with the engine.
fn is_python(sensor: &Sensor) -> bool {
    sensor.pack != "core"
}
