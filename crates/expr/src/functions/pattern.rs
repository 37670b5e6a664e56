//! Regular expressions. What is no text is searched as the text that Python prints for it.

use pyvalue::regex::{Flags, Regex};
use pyvalue::{Class, Error, Value};

use super::{Call, Fault, Function, Kind, Outcome, Parameter};

const VALUE: Parameter = Parameter::new("value");
const PATTERN: Parameter = Parameter::new("pattern");
const IGNORE_CASE: Parameter = Parameter::or("ignorecase", Kind::Bool(false));

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(&["regex_match"], &[VALUE, PATTERN, IGNORE_CASE], |call| {
        let found = compile(call, 2)?.match_start(&call.text(0)?)?.is_some();
        Ok(Value::Bool(found))
    }),
    Function::new(&["regex_search"], &[VALUE, PATTERN, IGNORE_CASE], |call| {
        let found = compile(call, 2)?.search(&call.text(0)?)?.is_some();
        Ok(Value::Bool(found))
    }),
    Function::new(
        &["regex_replace"],
        &[VALUE, PATTERN, Parameter::new("replacement"), IGNORE_CASE],
        |call| {
            let regex = compile(call, 3)?;
            let template = call.str(2, "a replacement")?;
            let text = regex.replace(&call.text(0)?, template, 0, call.budget())?;
            Ok(Value::from(text))
        },
    ),
    Function::new(
        &["regex_substring"],
        &[
            VALUE,
            PATTERN,
            Parameter::or("result_index", Kind::Int(0)),
            IGNORE_CASE,
        ],
        substring,
    ),
];

fn compile(call: &Call<'_>, ignore_case: usize) -> Result<Regex, Fault> {
    let flags = Flags {
        ignore_case: call.is_true(ignore_case)?,
        ..Flags::default()
    };
    Ok(Regex::cached(call.str(1, "a pattern")?, flags)?)
}

fn substring(call: &Call<'_>) -> Outcome {
    let found = compile(call, 3)?.find_all(&call.text(0)?, call.budget())?;
    let index = call.index(2)?;
    let place = if index < 0 {
        index.saturating_add(i64::try_from(found.len()).unwrap_or(i64::MAX))
    } else {
        index
    };
    let place = usize::try_from(place).ok();
    match place.and_then(|place| found.get(place)) {
        Some(text) => Ok(text.clone()),
        None => Err(Error::new(
            Class::Index,
            format!(
                "there is no match number {index}, the pattern matches {} times",
                found.len()
            ),
        )
        .into()),
    }
}
