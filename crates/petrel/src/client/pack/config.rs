//! Configuring a pack.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Args;
use diagnostic::nearest;
use model::SensorInstance;
use serde_json::{Map, Value};

use crate::client::http::{Client, Query, segment};
use crate::client::inquiry::form::Form;
use crate::client::inquiry::terminal::Terminal;
use crate::client::listing;
use crate::client::parameters::{convert, named};
use crate::client::usage::{UsageError, inline_or_file};

#[derive(Debug, Clone, Args)]
pub(crate) struct ConfigArgs {
    /// The pack.
    #[arg(value_name = "PACK")]
    pack: String,
    /// Values: `name=value` as the pack's schema types them. Those that are not named stay as they are.
    #[arg(value_name = "NAME=VALUE", conflicts_with = "values")]
    words: Vec<String>,
    /// All values: JSON, or `@` and a JSON or YAML file. What is not in it goes.
    #[arg(long, value_name = "JSON")]
    values: Option<String>,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

pub(super) async fn config(args: &ConfigArgs) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let path = format!("/v1/configs/{}", segment(&args.pack));
    let values = if let Some(text) = &args.values {
        inline_or_file("--values", text)?
    } else {
        let schema = format!("/v1/config_schemas/{}", segment(&args.pack));
        let schema = client.find(&schema, &Query::new()).await?;
        let now = client.find(&path, &Query::new()).await?;
        let now = now.as_ref().and_then(|now| now["values"].as_object());
        let attributes = schema
            .as_ref()
            .and_then(|schema| schema["attributes"].as_object());
        Value::Object(changed(args, now, attributes)?)
    };
    let stored = client.put(&path, &values).await?;
    listing::done(
        &stored,
        &format!("pack {} is configured", args.pack),
        args.json,
    )
}

/// The values that are there, with those that words, or else a person at the terminal, give.
fn changed(
    args: &ConfigArgs,
    now: Option<&Map<String, Value>>,
    attributes: Option<&Map<String, Value>>,
) -> anyhow::Result<Map<String, Value>> {
    let mut values = now.cloned().unwrap_or_default();
    let nothing = Map::new();
    let attributes = attributes.unwrap_or(&nothing);
    if !args.words.is_empty() {
        values.extend(from_words(args, attributes)?);
        return Ok(values);
    }
    if attributes.is_empty() {
        return Err(UsageError::new(format!(
            "pack `{}` has no schema of its configuration: give NAME=VALUE, or --values JSON",
            args.pack
        ))
        .into());
    }
    if !std::io::stdin().is_terminal() {
        return Err(UsageError::new(format!(
            "no value is given: write NAME=VALUE ({}), or --values JSON",
            attributes.keys().cloned().collect::<Vec<_>>().join(", ")
        ))
        .into());
    }
    let asked = with_present(attributes, &values);
    values.extend(Form::new(&mut Terminal).fill(&asked)?);
    Ok(values)
}

fn from_words(
    args: &ConfigArgs,
    attributes: &Map<String, Value>,
) -> anyhow::Result<Map<String, Value>> {
    if let Some(word) = args.words.iter().find(|word| named(word).is_none()) {
        let text = format!("`{word}` is no part of a configuration: write NAME=VALUE");
        return Err(UsageError::new(text).into());
    }
    let names = args.words.iter().filter_map(|word| named(word));
    for (name, _) in names {
        check_name(&args.pack, name.trim_start_matches('@'), attributes)?;
    }
    convert(&args.pack, &args.words, attributes)
}

/// Refuses a name that the pack's schema has not: nobody would read the value.
fn check_name(pack: &str, name: &str, attributes: &Map<String, Value>) -> Result<(), UsageError> {
    let first = name.split('.').next().unwrap_or(name);
    if attributes.is_empty() || attributes.contains_key(first) || first == SensorInstance::KEY {
        return Ok(());
    }
    let near = nearest(first, attributes.keys().map(String::as_str));
    let near = near.map_or_else(
        || {
            let names: Vec<&str> = attributes.keys().map(String::as_str).collect();
            format!("it has {}", names.join(", "))
        },
        |near| format!("did you mean `{near}`?"),
    );
    let text = format!("the configuration of pack `{pack}` has no `{name}`: {near}");
    Err(UsageError::new(text))
}

/// The schema with the present values as defaults, so that an empty line keeps them. A secret comes masked, and the
/// server leaves what comes back masked as it was.
fn with_present(attributes: &Map<String, Value>, now: &Map<String, Value>) -> Map<String, Value> {
    let mut attributes = attributes.clone();
    for (name, schema) in &mut attributes {
        let Some(value) = now.get(name) else { continue };
        let nested = schema.get_mut("properties").and_then(Value::as_object_mut);
        match (nested, value) {
            (Some(nested), Value::Object(value)) => *nested = with_present(nested, value),
            _ => schema["default"] = value.clone(),
        }
    }
    attributes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    fn args(words: &[&str]) -> ConfigArgs {
        ConfigArgs {
            pack: "demo".into(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            values: None,
            json: false,
        }
    }

    #[test]
    fn words_are_typed_and_leave_the_rest() {
        let attributes =
            object(&json!({ "port": { "type": "integer" }, "host": { "type": "string" } }));
        let now = object(&json!({ "host": "a", "port": 1 }));

        let values = changed(&args(&["port=5"]), Some(&now), Some(&attributes)).unwrap();

        assert_eq!(Value::Object(values), json!({ "host": "a", "port": 5 }));
        for (word, said) in [
            (
                "port",
                "`port` is no part of a configuration: write NAME=VALUE",
            ),
            ("prt=5", "has no `prt`: did you mean `port`?"),
            ("colour=red", "has no `colour`: it has port, host"),
        ] {
            let error = changed(&args(&[word]), None, Some(&attributes)).unwrap_err();
            assert!(error.is::<UsageError>());
            assert!(error.to_string().contains(said), "{error}");
        }
    }

    #[test]
    fn an_empty_line_keeps_what_is_there() {
        let attributes = object(&json!({
            "port": { "type": "integer", "default": 80 },
            "login": { "type": "object", "properties": { "user": { "type": "string" }, "key": { "type": "string" } } },
        }));
        let now = object(&json!({ "port": 81, "login": { "user": "ada" } }));

        let asked = with_present(&attributes, &now);

        assert_eq!(asked["port"]["default"], 81);
        assert_eq!(asked["login"]["properties"]["user"]["default"], "ada");
        assert!(asked["login"]["properties"]["key"].get("default").is_none());
    }
}
