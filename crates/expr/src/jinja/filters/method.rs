//! Python's methods of texts, lists and dicts, beyond those that minijinja brings.

use minijinja::value::{Tuple, ValueKind};
use minijinja::{Error, State, Value};

use super::wrong_value;

/// Widest text that padding makes.
const WIDEST: usize = 100_000;

/// Calls a method of a value.
pub(in crate::jinja) fn call(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    if let Some(text) = value.as_str()
        && let Some(result) = of_text(text, method, args)
    {
        return result;
    }
    if let (ValueKind::Seq, "index", [wanted]) = (value.kind(), method, args) {
        let at = value.try_iter()?.position(|item| item == *wanted);
        return at
            .map(Value::from)
            .ok_or_else(|| wrong_value("the item is not in the list"));
    }
    if let (ValueKind::Map | ValueKind::Seq, "copy", []) = (value.kind(), method, args) {
        return Ok(value.clone());
    }
    minijinja_contrib::pycompat::unknown_method_callback(state, value, method, args)
}

fn of_text(text: &str, method: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    let first = args.first().and_then(Value::as_str);
    let result = match (method, args.len()) {
        ("casefold", 0) => Value::from(text.to_lowercase().replace('ß', "ss")),
        ("swapcase", 0) => Value::from(text.chars().flat_map(swapped).collect::<String>()),
        ("removeprefix", 1) => Value::from(text.strip_prefix(first?).unwrap_or(text)),
        ("removesuffix", 1) => Value::from(text.strip_suffix(first?).unwrap_or(text)),
        ("partition", 1) => parts(text.split_once(first?), first?, [text, "", ""]),
        ("rpartition", 1) => parts(text.rsplit_once(first?), first?, ["", "", text]),
        ("index", 1) => match text.find(first?) {
            Some(at) => Value::from(text[..at].chars().count()),
            None => return Some(Err(wrong_value("substring not found"))),
        },
        ("zfill", 1) => Value::from(zero_filled(text, args[0].as_usize()?)),
        ("ljust", 1 | 2) => Value::from(format!("{text}{}", filling(text, args)?)),
        ("rjust", 1 | 2) => Value::from(format!("{}{text}", filling(text, args)?)),
        ("center", 1 | 2) => Value::from(center(text, args[0].as_usize()?, fill(args)?)),
        ("rsplit", 0..=2) => split_from_right(text, args)?,
        _ => return None,
    };
    Some(Ok(result))
}

fn swapped(character: char) -> Box<dyn Iterator<Item = char>> {
    if character.is_uppercase() {
        Box::new(character.to_lowercase())
    } else {
        Box::new(character.to_uppercase())
    }
}

fn parts(found: Option<(&str, &str)>, separator: &str, otherwise: [&str; 3]) -> Value {
    let parts = found.map_or(otherwise, |(left, right)| [left, separator, right]);
    Value::from_object(Tuple::new(parts.into_iter().map(Value::from).collect()))
}

fn zero_filled(text: &str, width: usize) -> String {
    let zeros = "0".repeat(width.min(WIDEST).saturating_sub(text.chars().count()));
    match text.strip_prefix(['-', '+']) {
        Some(digits) => format!("{}{zeros}{digits}", &text[..1]),
        None => format!("{zeros}{text}"),
    }
}

fn fill(args: &[Value]) -> Option<char> {
    args.get(1)
        .map_or(Some(' '), |fill| fill.as_str()?.chars().next())
}

fn filling(text: &str, args: &[Value]) -> Option<String> {
    let missing = args[0]
        .as_usize()?
        .min(WIDEST)
        .saturating_sub(text.chars().count());
    Some(std::iter::repeat_n(fill(args)?, missing).collect())
}

/// Python's `center`: the odd blank goes to the left where the width is odd.
pub(super) fn center(text: &str, width: usize, fill: char) -> String {
    let width = width.min(WIDEST);
    let missing = width.saturating_sub(text.chars().count());
    let left = missing / 2 + (missing & width & 1);
    let side = |count: usize| std::iter::repeat_n(fill, count).collect::<String>();
    format!("{}{text}{}", side(left), side(missing - left))
}

fn split_from_right(text: &str, args: &[Value]) -> Option<Value> {
    let most = args.get(1).map_or(Some(usize::MAX), Value::as_usize)?;
    let separator = args.first().filter(|separator| !separator.is_none());
    let mut found: Vec<&str> = Vec::new();
    let mut rest = if separator.is_some() {
        text
    } else {
        text.trim()
    };
    while found.len() < most {
        let split = match separator {
            Some(separator) => rest.rsplit_once(separator.as_str()?),
            None => rest.rsplit_once(char::is_whitespace),
        };
        let Some((left, right)) = split else { break };
        found.push(right);
        rest = if separator.is_some() {
            left
        } else {
            left.trim_end()
        };
    }
    found.push(rest);
    Some(found.into_iter().rev().map(Value::from).collect())
}
