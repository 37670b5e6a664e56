//! A live copy of the sensors that are to run, with whatever makes them start anew when it changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{Object, PackConfig, PackConfigSchema, Sensor, SensorInstance, SensorStatus};
use store::{DefinitionFilter, Store, StoreError};

use crate::Partition;

/// A sensor as it is to run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) sensor: Sensor,
    /// Which of several, as it is stored: secrets are sealed.
    pub(crate) instance: Option<SensorInstance>,
    /// The pack's configuration as it is stored: secrets are sealed.
    pub(crate) config: Option<PackConfig>,
    schema: Option<PackConfigSchema>,
    /// Of the pack's files, when they were registered.
    files: Option<String>,
}

/// What is to run, by what it is known by.
pub(crate) type AllWanted = BTreeMap<String, Wanted>;

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) wanted: AllWanted,
    /// What configurations say that makes no sense, for the log.
    pub(crate) oddities: BTreeSet<String>,
}

impl Wanted {
    /// `pack.Class`, or `pack.Class@NAME`.
    pub(crate) fn known_by(&self) -> String {
        let sensor = self.sensor.sensor_ref.to_string();
        match &self.instance {
            Some(instance) => SensorStatus::of_instance(&sensor, &instance.name),
            None => sensor,
        }
    }

    /// The class, or `Class@NAME`: whose datastore items, log lines and exits these are.
    pub(crate) fn name(&self) -> String {
        match &self.instance {
            Some(instance) => SensorStatus::of_instance(&self.sensor.name, &instance.name),
            None => self.sensor.name.clone(),
        }
    }

    /// What it is given of the pack's configuration, which is open and whole.
    pub(crate) fn own_config(&self, values: &Object) -> Result<Object, String> {
        let all = SensorInstance::of_config(values, self.attributes());
        let mut all = all.map_err(|error| format!("the pack's configuration: {error}"))?;
        let Some(instance) = &self.instance else {
            let mut values = values.clone();
            if !all.is_empty() {
                values.remove(SensorInstance::KEY);
            }
            return Ok(values);
        };
        let own = all.remove(&self.sensor.name).unwrap_or_default();
        let own = own.into_iter().find(|one| one.name == instance.name);
        own.map(|own| own.lay_over(values)).ok_or_else(|| {
            format!(
                "the pack's configuration has no instance `{}`",
                instance.name
            )
        })
    }

    /// Seconds between polls.
    pub(crate) fn poll_interval(&self) -> Option<i64> {
        let own = self.instance.as_ref().and_then(|one| one.poll_interval);
        own.or(self.sensor.poll_interval)
    }

    fn attributes(&self) -> Option<&Object> {
        self.schema.as_ref().map(|schema| &schema.attributes)
    }

    /// One for each instance that the pack's configuration asks for; where it asks for none, this one.
    fn instances(self) -> Result<Vec<Self>, String> {
        let values = self.config.as_ref().map(|config| &config.values);
        let all = values.map(|values| SensorInstance::of_config(values, self.attributes()));
        // It was checked when it was stored, but perhaps by an older engine.
        let mut all = all.transpose().map_err(|error| {
            let (pack, path) = (&self.sensor.pack, error.path.join("."));
            format!(
                "`{path}` of the configuration of pack `{pack}`: {error}; its sensors do not run"
            )
        })?;
        Ok(
            match all.as_mut().and_then(|all| all.remove(&self.sensor.name)) {
                None => vec![self],
                Some(instances) => instances
                    .into_iter()
                    .map(|instance| Self {
                        instance: Some(instance),
                        ..self.clone()
                    })
                    .collect(),
            },
        )
    }
}

/// Reads what is to run here.
pub(crate) async fn read(store: &Store, partition: &Partition) -> Result<Reading, StoreError> {
    let everything = DefinitionFilter::default();
    let mut sensors = store.all::<Sensor>(&everything).await?;
    sensors.retain(is_python);
    if sensors.is_empty() {
        return Ok(Reading::default());
    }
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
    let mut reading = Reading {
        oddities: without_sensor(&sensors, &configs, &schemas),
        ..Reading::default()
    };
    for sensor in sensors.into_iter().filter(|sensor| sensor.enabled) {
        let wanted = Wanted {
            instance: None,
            config: configs.get(&sensor.pack).cloned(),
            schema: schemas.get(&sensor.pack).cloned(),
            files: files.get(&sensor.pack).cloned(),
            sensor,
        };
        match wanted.instances() {
            Ok(instances) => {
                let known = instances.into_iter().map(|one| (one.known_by(), one));
                let ours = known.filter(|(known_by, one)| {
                    partition.includes(&one.sensor.sensor_ref.to_string(), known_by)
                });
                reading.wanted.extend(ours);
            }
            Err(error) => drop(reading.oddities.insert(error)),
        }
    }
    Ok(reading)
}

/// Of instances that are asked for of sensors that there are not.
fn without_sensor(
    sensors: &[Sensor],
    configs: &HashMap<String, PackConfig>,
    schemas: &HashMap<String, PackConfigSchema>,
) -> BTreeSet<String> {
    let classes: BTreeSet<(&str, &str)> = sensors
        .iter()
        .map(|sensor| (sensor.pack.as_str(), sensor.name.as_str()))
        .collect();
    let named = configs.values().flat_map(|config| {
        let attributes = schemas.get(&config.pack).map(|schema| &schema.attributes);
        let named = SensorInstance::of_config(&config.values, attributes).unwrap_or_default();
        named.into_keys().map(|class| (config.pack.as_str(), class))
    });
    let unknown = named.filter(|(pack, class)| !classes.contains(&(*pack, class.as_str())));
    unknown
        .map(|(pack, class)| {
            let key = SensorInstance::KEY;
            format!(
                "`{key}.{class}` of the configuration of pack `{pack}` runs nothing: no sensor of the pack has this \
                 `class_name`"
            )
        })
        .collect()
}

/// Sensors of `core` come with the engine.
fn is_python(sensor: &Sensor) -> bool {
    sensor.pack != "core"
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn wanted(instances: &Value) -> Wanted {
        let sensor = json!({
            "uid": "", "ref": "p.Watch", "name": "Watch", "pack": "p", "artifact_uri": "", "entry_point": "",
            "poll_interval": 30, "enabled": true, "id": format!("{:024x}", 1),
        });
        let values = json!({"url": "a", "token": "t", "sensor_instances": instances});
        let config = json!({"id": format!("{:024x}", 2), "pack": "p", "values": values});
        Wanted {
            sensor: serde_json::from_value(sensor).unwrap(),
            instance: None,
            config: Some(serde_json::from_value(config).unwrap()),
            schema: None,
            files: None,
        }
    }

    #[test]
    fn a_sensor_runs_once_for_each_instance_with_its_configuration() {
        let wanted = wanted(&json!({"Watch": [
            {"name": "eu", "config": {"url": "b"}}, {"name": "us", "poll_interval": 60},
        ]}));
        let values = wanted.config.clone().unwrap().values;

        let all = wanted.instances().unwrap();

        let shown = all.iter().map(|one| {
            let config = Value::Object(one.own_config(&values).unwrap());
            (one.known_by(), one.name(), one.poll_interval(), config)
        });
        let expected = [
            (
                "p.Watch@eu".to_owned(),
                "Watch@eu".to_owned(),
                Some(30),
                json!({"url": "b", "token": "t"}),
            ),
            (
                "p.Watch@us".to_owned(),
                "Watch@us".to_owned(),
                Some(60),
                json!({"url": "a", "token": "t"}),
            ),
        ];
        assert_eq!(shown.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn tells_of_instances_that_make_no_sense() {
        let wanted = wanted(&json!({"Wach": [], "Watch": []}));
        let config = wanted.config.clone().unwrap();
        let configs = HashMap::from([("p".to_owned(), config)]);

        let told = without_sensor(&[wanted.sensor], &configs, &HashMap::new());

        let expected = "`sensor_instances.Wach` of the configuration of pack `p` runs nothing: no sensor of the pack has \
                        this `class_name`";
        assert_eq!(told, [expected.to_owned()].into());
        let unreadable = super::tests::wanted(&json!(7)).instances().unwrap_err();
        let expected = "`sensor_instances` of the configuration of pack `p`: must map class names of sensors to lists of \
                        instances; its sensors do not run";
        assert_eq!(unreadable, expected);
    }

    #[test]
    fn a_sensor_without_instances_runs_as_it_is() {
        let wanted = wanted(&json!({"Other": [{"name": "eu"}]}));
        let values = wanted.config.clone().unwrap().values;

        let all = wanted.instances().unwrap();

        assert_eq!(all.len(), 1);
        assert_eq!(all[0].known_by(), "p.Watch");
        let config = Value::Object(all[0].own_config(&values).unwrap());
        assert_eq!(config, json!({"url": "a", "token": "t"}));
    }
}
