//! What several tables ask of values: positions of any size, hashes, texts.

use num_bigint::BigInt;
use num_traits::Signed as _;
use pyvalue::{Budget, Error, Set, Value};

use crate::function::{Call, Outcome};

/// An integer argument as a position: what is beyond 64 bits is as good as the farthest one.
pub(crate) fn position(call: &Call<'_>, index: usize) -> Outcome<i64> {
    match call.arg(index) {
        Value::Big(number) if number.is_negative() => Ok(i64::MIN),
        Value::Big(_) => Ok(i64::MAX),
        _ => call.int(index),
    }
}

/// The value as a member of a set or a key; a type error where Python has no hash for it.
///
/// Lists of the data and of the expression are tuples; a list is only what a function such as `split` made, as in the
/// Python original. Dictionaries and sets are frozen, so they have a hash.
///
/// Takes the steps of hashing it, which walks over all that is inside.
pub(crate) fn key<'v>(value: &'v Value, budget: &Budget) -> Result<&'v Value, Error> {
    read_all(value, budget)?;
    check_hashable(value)?;
    Ok(value)
}

fn check_hashable(value: &Value) -> Result<(), Error> {
    match value {
        Value::List(_) => Err(Error::type_error(
            "a list that a function made cannot be a key or a member of a set: use `toList()` first",
        )),
        Value::Tuple(items) => items.iter().try_for_each(check_hashable),
        Value::Set(set) => set.iter().try_for_each(check_hashable),
        Value::Dict(dict) => dict
            .iter()
            .try_for_each(|(key, value)| check_hashable(key).and_then(|()| check_hashable(value))),
        _ => Ok(()),
    }
}

/// Takes the steps of reading a long text or a large integer; anything else is free.
pub(crate) fn read(value: &Value, budget: &Budget) -> Result<(), Error> {
    match value {
        Value::Str(text) if text.len() > SHORT => budget.walk(value),
        Value::Big(_) | Value::Bytes(_) => budget.walk(value),
        _ => Ok(()),
    }
}

/// As [`read`], of containers with all that is inside.
pub(crate) fn read_all(value: &Value, budget: &Budget) -> Result<(), Error> {
    match value {
        Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Set(_) => budget.walk(value),
        scalar => read(scalar, budget),
    }
}

/// Bytes of a text that are read within the step of whatever reads it.
const SHORT: usize = 128;

/// Values that were seen, for looking up whether another one was.
#[derive(Default)]
pub(crate) struct Seen(Set);

impl Seen {
    /// Whether the value is new; it is remembered then.
    pub(crate) fn add(&mut self, value: &Value, budget: &Budget) -> Outcome<bool> {
        let key = key(value, budget)?;
        if self.0.contains(key) {
            return Ok(false);
        }
        budget.charge(SLOT)?;
        Ok(self.0.insert(key.clone()))
    }

    /// All of them.
    pub(crate) fn into_set(self) -> Set {
        self.0
    }
}

/// Bytes that a member of a dictionary or set takes, roughly.
pub(crate) const SLOT: usize = 3 * size_of::<Value>();

/// What `str(value)` gives: `null`, `true` and `false` by themselves, Python's words inside of containers.
pub(crate) fn text(value: &Value, budget: &Budget) -> Result<String, Error> {
    let mut text = String::new();
    match value {
        Value::None => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Tuple(_) | Value::List(_) | Value::Dict(_) | Value::Set(_) => {
            write(value, &mut text, budget)?;
        }
        Value::Big(number) => write_integer(number, &mut text)?,
        other => other.write_text(&mut text)?,
    }
    budget.charge(text.len())?;
    Ok(text)
}

/// Appends what Python's `repr()` gives: sets are frozen ones.
fn write(value: &Value, out: &mut String, budget: &Budget) -> Result<(), Error> {
    budget.step()?;
    match value {
        Value::Tuple(items) => {
            let close = if items.len() == 1 { ",)" } else { ")" };
            write_items(items, "(", close, out, budget)
        }
        Value::List(items) => write_items(items, "[", "]", out, budget),
        Value::Set(set) if set.is_empty() => {
            out.push_str("frozenset()");
            Ok(())
        }
        Value::Set(set) => write_items(set.iter(), "frozenset({", "})", out, budget),
        Value::Dict(dict) => {
            out.push('{');
            for (at, (key, value)) in dict.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write(key, out, budget)?;
                out.push_str(": ");
                write(value, out, budget)?;
            }
            out.push('}');
            Ok(())
        }
        Value::Big(number) => write_integer(number, out),
        other => {
            let before = out.len();
            other.write_repr(out);
            budget.charge(out.len() - before)
        }
    }
}

/// Decimal digits that Python is willing to write of an integer.
const MAX_DIGITS: usize = 4300;

/// Fails, as Python does, where it has too many digits: writing them takes their number squared.
fn write_integer(number: &BigInt, out: &mut String) -> Result<(), Error> {
    let too_long = || {
        Error::value_error(format!(
            "the integer has more than {MAX_DIGITS} digits, too many to be written"
        ))
    };
    // A decimal digit takes at least 3 bits.
    if number.bits() > MAX_DIGITS as u64 * 4 {
        return Err(too_long());
    }
    let text = number.to_string();
    if text.trim_start_matches('-').len() > MAX_DIGITS {
        return Err(too_long());
    }
    out.push_str(&text);
    Ok(())
}

fn write_items<'v>(
    items: impl IntoIterator<Item = &'v Value>,
    open: &str,
    close: &str,
    out: &mut String,
    budget: &Budget,
) -> Result<(), Error> {
    out.push_str(open);
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        write(item, out, budget)?;
    }
    out.push_str(close);
    Ok(())
}
