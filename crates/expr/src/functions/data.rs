//! JSON and YAML to and from texts, and paths into data.

use std::borrow::Cow;

use pyvalue::json::{self, Style};
use pyvalue::{Error, Value};

use super::{Call, Fault, Function, Kind, Outcome, Parameter, Places, yaml_read, yaml_write};
use crate::path::Path;

const VALUE: Parameter = Parameter::new("value");
const INDENT: Parameter = Parameter::or("indent", Kind::Null);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(&["to_json_string"], TO_JSON, to_json_string),
    Function::new(&["json_dump"], TO_JSON, to_json_string).at(Places::Workflows),
    Function::new(&["to_yaml_string"], TO_YAML, to_yaml_string),
    Function::new(&["yaml_dump"], TO_YAML, to_yaml_string).at(Places::Workflows),
    Function::new(&["from_json_string"], &[VALUE], from_json_string),
    Function::new(&["json_parse"], &[VALUE], from_json_string).at(Places::Workflows),
    Function::new(&["from_yaml_string"], &[VALUE], from_yaml_string),
    Function::new(&["yaml_parse"], &[VALUE], from_yaml_string).at(Places::Workflows),
    Function::new(&["json"], &[Parameter::new("s")], parse_json).at(Places::Workflows),
    Function::new(&["json_escape"], &[VALUE], |call| {
        let text = json::write(call.arg(0), &Style::default(), call.budget())?;
        Ok(Value::from(text.trim_matches('"')))
    }),
    Function::new(&["to_complex"], &[VALUE], |call| {
        Ok(Value::from(json::write(
            call.arg(0),
            &Style::default(),
            call.budget(),
        )?))
    })
    .at(Places::Templates),
    Function::new(
        &["jsonpath_query"],
        &[VALUE, Parameter::new("query")],
        jsonpath_query,
    ),
];

const TO_JSON: &[Parameter] = &[
    VALUE,
    INDENT,
    Parameter::or("sort_keys", Kind::Bool(false)),
    Parameter::or("separators", Kind::Texts(&[",", ": "])),
];

const TO_YAML: &[Parameter] = &[
    VALUE,
    INDENT,
    Parameter::or("allow_unicode", Kind::Bool(true)),
];

/// Indents wider than this are refused.
const WIDEST: usize = 1000;

fn to_json_string(call: &Call<'_>) -> Outcome {
    let indent = indent(call.arg(1))?;
    let separators = call.arg(3);
    let (item, key) = match separators.as_items() {
        None if separators.is_none() && indent.is_none() => (", ", ": "),
        None if separators.is_none() => (",", ": "),
        Some([Value::Str(item), Value::Str(key)]) => (&**item, &**key),
        _ => {
            return Err(Error::type_error(format!(
                "`separators` takes two texts, not {}",
                separators.repr()
            ))
            .into());
        }
    };
    let style = Style {
        item,
        key,
        indent: indent.as_deref(),
        ascii: true,
        sort_keys: call.is_true(2)?,
    };
    Ok(Value::from(json::write(
        call.arg(0),
        &style,
        call.budget(),
    )?))
}

/// What each level is indented by; Python takes a number of blanks, or a text.
fn indent(value: &Value) -> Result<Option<Cow<'_, str>>, Fault> {
    let width = match value {
        Value::None => return Ok(None),
        Value::Str(text) if text.len() <= WIDEST => return Ok(Some(Cow::Borrowed(text))),
        Value::Bool(truth) => usize::from(*truth),
        Value::Int(width) => usize::try_from(*width).unwrap_or(0),
        _ => usize::MAX,
    };
    if width > WIDEST {
        return Err(Error::type_error(format!(
            "`indent` takes a number of blanks up to {WIDEST}, or a text"
        ))
        .into());
    }
    Ok(Some(Cow::Owned(" ".repeat(width))))
}

fn to_yaml_string(call: &Call<'_>) -> Outcome {
    let indent = match call.arg(1) {
        // libyaml takes two blanks where it is told anything else.
        Value::Int(width) => u8::try_from(*width).ok(),
        _ => None,
    };
    let is_unicode = call.is_true(2)?;
    let text = yaml_write::block(call.arg(0), indent, is_unicode, call.budget())?;
    Ok(Value::from(text))
}

fn from_json_string(call: &Call<'_>) -> Outcome {
    Ok(json::parse(&call.text(0)?, call.budget())?)
}

/// Orquesta's `json`: dictionaries pass, anything else must be a text.
fn parse_json(call: &Call<'_>) -> Outcome {
    match call.arg(0) {
        Value::Str(text) => Ok(json::parse(text, call.budget())?),
        // YAQL's dictionaries are not Python's `dict`, and are refused upstream.
        dict @ Value::Dict(_) if !call.is_yaql() => Ok(dict.clone()),
        other => Err(Error::type_error(format!(
            "`json` takes a text, not '{}'",
            other.type_name()
        ))
        .into()),
    }
}

fn from_yaml_string(call: &Call<'_>) -> Outcome {
    Ok(yaml_read::value(&call.text(0)?, call.budget())?)
}

fn jsonpath_query(call: &Call<'_>) -> Outcome {
    let path = Path::parse(call.str(1, "a path")?).map_err(Error::from)?;
    let found = path
        .find_in(call.arg(0), call.is_yaql())
        .map_err(Error::from)?;
    if found.is_empty() {
        return Ok(Value::None);
    }
    let found = Value::list(found.into_iter().map(Cow::into_owned).collect());
    call.budget().charge_container(&found)?;
    Ok(found)
}
