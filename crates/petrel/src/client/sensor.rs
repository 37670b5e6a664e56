//! `petrel sensor`: sensors, each with where it runs.

use std::process::ExitCode;

use anyhow::bail;
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
            let sensors = listed.items.iter();
            listed.items = sensors.flat_map(|one| merged(one, &statuses)).collect();
            if !list.json {
                listed.items.iter_mut().for_each(shorten);
            }
            show(&listed, &columns(COLUMNS), &list)
        }
        DefinitionCommand::Get(args) => {
            let client = Client::from_environment()?;
            let (sensor, _) = args.id.split_once('@').unwrap_or((&args.id, ""));
            let path = format!("{PATH}/{}", segment(sensor));
            let sensor = client.get(&path, &Query::new()).await?;
            let mut found = merged(&sensor, &client.get(STATUS, &Query::new()).await?);
            let is_meant = |one: &Value| !args.id.contains('@') || one["ref"] == args.id.as_str();
            found.retain(is_meant);
            match found.as_slice() {
                [] => bail!(
                    "there is no `{}`: `petrel sensor list` shows the instances",
                    args.id
                ),
                [one] => show_one(one, FIRST, args.json),
                several => {
                    let names: Vec<String> =
                        several.iter().map(|one| one["ref"].to_string()).collect();
                    bail!(
                        "`{}` has several instances: say which of {}",
                        args.id,
                        names.join(", ")
                    )
                }
            }
        }
        other => definition::run(SENSOR, other).await,
    }
}

/// With what is known of where a sensor runs: one for each of its instances.
fn merged(sensor: &Value, statuses: &Value) -> Vec<Value> {
    let statuses = statuses.as_array().into_iter().flatten();
    let own: Vec<Value> = statuses
        .filter(|status| status["sensor"] == sensor["ref"])
        .map(|status| with(sensor, status))
        .collect();
    if own.is_empty() {
        return vec![sensor.clone()];
    }
    own
}

fn with(sensor: &Value, status: &Value) -> Value {
    let mut whole = sensor.clone();
    let members = status.as_object().into_iter().flatten();
    for (name, value) in members.filter(|(_, value)| !value.is_null()) {
        // The reference of an instance tells it from the others.
        whole[name] = value.clone();
    }
    whole
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
        let sensor = json!({ "ref": "p.Watch", "enabled": true });
        let statuses = json!([
            { "ref": "p.Other", "sensor": "p.Other", "state": "running" },
            { "ref": "p.Watch", "sensor": "p.Watch", "state": "failed", "pid": null, "last_error": "ValueError: boom\nTraceback" },
        ]);

        let mut all = merged(&sensor, &statuses);
        all.iter_mut().for_each(shorten);

        let expected = json!({
            "ref": "p.Watch", "sensor": "p.Watch", "enabled": true, "state": "failed", "last_error": "ValueError: boom",
        });
        assert_eq!(all, [expected]);
    }

    #[test]
    fn each_instance_is_shown_apart() {
        let sensor = json!({ "ref": "p.Watch", "enabled": true });
        let statuses = json!([
            { "ref": "p.Watch@eu", "sensor": "p.Watch", "instance": "eu", "state": "running" },
            { "ref": "p.Watch@us", "sensor": "p.Watch", "instance": "us", "state": "failed" },
        ]);

        let all = merged(&sensor, &statuses);

        let shown: Vec<(&Value, &Value)> =
            all.iter().map(|one| (&one["ref"], &one["state"])).collect();
        assert_eq!(
            shown,
            [
                (&json!("p.Watch@eu"), &json!("running")),
                (&json!("p.Watch@us"), &json!("failed"))
            ]
        );
        assert_eq!(merged(&sensor, &json!([])), [sensor]);
    }
}
