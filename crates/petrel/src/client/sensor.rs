//! `petrel sensor`: sensors, each with where it runs.

use std::process::ExitCode;

use serde_json::Value;

use super::definition::{self, DefinitionCommand, SENSOR};
use super::http::{Client, Query, add, segment};
use super::listing::{show, show_one};
use super::output::columns;

const PATH: &str = "/v1/sensortypes";
const STATUS: &str = "/v1/sensors/status";
const COLUMNS: &[&str] = &[
    "ref",
    "enabled",
    "state",
    "node",
    "pid",
    "since",
    "last_dispatch",
    "last_error",
];
const FIRST: &[&str] = &[
    "id",
    "ref",
    "pack",
    "description",
    "enabled",
    "state",
    "node",
    "pid",
    "since",
    "last_dispatch",
    "dispatches",
    "rejected",
    "restarts",
    "last_error",
    "last_error_at",
];

pub(crate) async fn run(command: DefinitionCommand) -> anyhow::Result<ExitCode> {
    match command {
        DefinitionCommand::List { pack, list } => {
            let client = Client::from_environment()?;
            let mut query = Query::new();
            add(&mut query, "pack", pack);
            let mut listed = client.list(PATH, &query, list.wanted()).await?;
            let statuses = client.get(STATUS, &Query::new()).await?;
            for sensor in &mut listed.items {
                merge(sensor, &statuses);
                if !list.json {
                    shorten(sensor);
                }
            }
            show(&listed, &columns(COLUMNS), &list)
        }
        DefinitionCommand::Get(args) => {
            let client = Client::from_environment()?;
            let path = format!("{PATH}/{}", segment(&args.id));
            let mut sensor = client.get(&path, &Query::new()).await?;
            merge(&mut sensor, &client.get(STATUS, &Query::new()).await?);
            show_one(&sensor, FIRST, args.json)
        }
        other => definition::run(SENSOR, other).await,
    }
}

/// Adds what is known of where a sensor runs.
fn merge(sensor: &mut Value, statuses: &Value) {
    let mut statuses = statuses.as_array().into_iter().flatten();
    let status = statuses.find(|status| status["ref"] == sensor["ref"]);
    let (Value::Object(sensor), Some(Value::Object(status))) = (sensor, status) else {
        return;
    };
    for (name, value) in status.iter().filter(|(_, value)| !value.is_null()) {
        sensor.entry(name).or_insert_with(|| value.clone());
    }
}

/// A table shows the first line of an error.
fn shorten(sensor: &mut Value) {
    if let Some(Value::String(error)) = sensor.get_mut("last_error") {
        let first = error.lines().next().unwrap_or_default().to_owned();
        *error = first;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sensor_says_where_it_runs() {
        let mut sensor = json!({ "ref": "p.Watch", "enabled": true });
        let statuses = json!([
            { "ref": "p.Other", "state": "running" },
            { "ref": "p.Watch", "state": "failed", "pid": null, "last_error": "ValueError: boom\nTraceback" },
        ]);

        merge(&mut sensor, &statuses);
        shorten(&mut sensor);

        assert_eq!(
            sensor,
            json!({ "ref": "p.Watch", "enabled": true, "state": "failed", "last_error": "ValueError: boom" })
        );
    }
}
