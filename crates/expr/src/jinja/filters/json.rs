//! JSON and YAML to and from texts.

#![expect(
    clippy::needless_pass_by_value,
    reason = "the template engine passes arguments by value"
)]

use minijinja::value::Kwargs;
use minijinja::{Environment, Error, Value};
use serde_json::Value as Json;

use super::super::{context, python_text};
use super::{argument, text_of, wrong_type, wrong_value, yaml_text};
use crate::path::Path;
use crate::python::{self, JsonStyle};

pub(super) fn add_to(environment: &mut Environment<'static>) {
    environment.add_filter("to_json_string", to_json_string);
    environment.add_filter("to_yaml_string", to_yaml_string);
    environment.add_filter("from_json_string", from_json_string);
    environment.add_filter("from_yaml_string", from_yaml_string);
    environment.add_filter("json_escape", json_escape);
    environment.add_filter("to_complex", to_complex);
    environment.add_filter("jsonpath_query", jsonpath_query);
    environment.add_filter("tojson", tojson);
}

fn to_json_string(
    value: &Value,
    indent: Option<Value>,
    sort_keys: Option<bool>,
    separators: Option<Vec<String>>,
    kwargs: Kwargs,
) -> Result<String, Error> {
    let indent = indent_text(argument(indent, &kwargs, "indent")?)?;
    let sort_keys = argument(sort_keys, &kwargs, "sort_keys")?.unwrap_or(false);
    let separators: Option<Vec<String>> = argument(separators, &kwargs, "separators")?;
    kwargs.assert_all_used()?;
    let (item, key) = match separators.as_deref() {
        None => (",", ": "),
        Some([item, key]) => (item.as_str(), key.as_str()),
        Some(_) => return Err(wrong_type("`separators` takes two texts")),
    };
    let mut json = python_text::json(value)?;
    if sort_keys {
        sort(&mut json);
    }
    Ok(python::json_text_with(
        &json,
        &JsonStyle {
            item,
            key,
            indent: indent.as_deref(),
            ascii: true,
        },
    ))
}

fn indent_text(indent: Option<Value>) -> Result<Option<String>, Error> {
    match indent {
        None => Ok(None),
        Some(value) if value.is_none() || value.is_undefined() => Ok(None),
        Some(value) => match (value.as_usize(), value.as_str()) {
            (Some(width), _) if width <= 1000 => Ok(Some(" ".repeat(width))),
            (None, Some(text)) => Ok(Some(text.to_owned())),
            _ => Err(wrong_type("`indent` takes a number or a text")),
        },
    }
}

fn sort(value: &mut Json) {
    match value {
        Json::Array(items) => items.iter_mut().for_each(sort),
        Json::Object(members) => {
            members.sort_keys();
            members.values_mut().for_each(sort);
        }
        _ => {}
    }
}

fn to_yaml_string(
    value: &Value,
    indent: Option<usize>,
    allow_unicode: Option<bool>,
    kwargs: Kwargs,
) -> Result<String, Error> {
    let indent = argument(indent, &kwargs, "indent")?
        .filter(|width| (2..10).contains(width))
        .unwrap_or(2);
    let allow_unicode = argument(allow_unicode, &kwargs, "allow_unicode")?.unwrap_or(true);
    kwargs.assert_all_used()?;
    let mut json = python_text::json(value)?;
    sort(&mut json);
    Ok(yaml_text::block(&json, indent, allow_unicode))
}

fn from_json_string(value: &Value) -> Result<Value, Error> {
    let text = text_of(value)?;
    let json: Json = serde_json::from_str(&text)
        .map_err(|error| wrong_value(format!("the text is not JSON: {error}")))?;
    Ok(context::owned(json))
}

fn from_yaml_string(value: &Value) -> Result<Value, Error> {
    let text = text_of(value)?;
    yaml::to_json(&text)
        .map(context::owned)
        .map_err(|error| wrong_value(format!("the text is not YAML: {error}")))
}

fn json_escape(value: &Value) -> Result<String, Error> {
    Ok(python::json_text(&python_text::json(value)?)
        .trim_matches('"')
        .to_owned())
}

fn to_complex(value: &Value) -> Result<String, Error> {
    Ok(python::json_text(&python_text::json(value)?))
}

fn jsonpath_query(value: &Value, query: &str) -> Result<Value, Error> {
    let document = python_text::json(value)?;
    let path = Path::parse(query).map_err(|error| wrong_value(error.to_string()))?;
    let found = path
        .find(&document)
        .map_err(|error| wrong_value(error.to_string()))?;
    if found.is_empty() {
        return Ok(Value::from(()));
    }
    Ok(context::owned(Json::Array(
        found.into_iter().cloned().collect(),
    )))
}

/// Jinja2's: keys sorted, and safe inside of HTML.
fn tojson(value: &Value, indent: Option<usize>, kwargs: Kwargs) -> Result<String, Error> {
    let indent = argument(indent, &kwargs, "indent")?.map(|width| " ".repeat(width.min(1000)));
    kwargs.assert_all_used()?;
    let mut json = python_text::json(value)?;
    sort(&mut json);
    let item = if indent.is_some() { "," } else { ", " };
    let text = python::json_text_with(
        &json,
        &JsonStyle {
            item,
            key: ": ",
            indent: indent.as_deref(),
            ascii: true,
        },
    );
    Ok(text
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\'', "\\u0027"))
}
