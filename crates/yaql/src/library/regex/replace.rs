//! Texts changed, and split, where a pattern matches. The pattern or the text may be the receiver.

use pyvalue::Value;

use super::search::{Published, Ruler};
use super::{REGEXP, STRING, pattern};
use crate::function::{Call, Fault, Function, Outcome, Param, Type};

const REPLACEMENT: Param = Param::new("repl", Type::Str);
const MAKER: Param = Param::lambda("repl");
const COUNT: Param = Param::new("count", Type::Int).or_int(0);
const MAX_SPLIT: Param = Param::new("maxSplit", Type::Int).or_int(0);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::method("split", &[REGEXP, STRING, MAX_SPLIT], |call| {
        split(call, 0, 1)
    }),
    Function::method("split", &[STRING, REGEXP, MAX_SPLIT], |call| {
        split(call, 1, 0)
    }),
    Function::method("replace", &[REGEXP, STRING, REPLACEMENT, COUNT], |call| {
        replace(call, 0, 1)
    }),
    Function::method("replace", &[STRING, REGEXP, REPLACEMENT, COUNT], |call| {
        replace(call, 1, 0)
    }),
    Function::method("replaceBy", &[REGEXP, STRING, MAKER, COUNT], |call| {
        replace_by(call, 0, 1)
    }),
    Function::method("replaceBy", &[STRING, REGEXP, MAKER, COUNT], |call| {
        replace_by(call, 1, 0)
    }),
];

fn split(call: &Call<'_>, regexp: usize, string: usize) -> Outcome {
    let regex = pattern(call, regexp)?;
    let parts = regex.split(call.text(string)?, call.int(2)?, call.budget())?;
    call.checked(Value::list(parts))
}

fn replace(call: &Call<'_>, regexp: usize, string: usize) -> Outcome {
    let (regex, string) = (pattern(call, regexp)?, call.text(string)?);
    let replaced = regex.replace(string, call.text(2)?, call.int(3)?, call.budget())?;
    Ok(replaced.into())
}

/// What the lambda makes of a match takes its place; null is nothing.
fn replace_by(call: &Call<'_>, regexp: usize, string: usize) -> Outcome {
    let (regex, string) = (pattern(call, regexp)?, call.text(string)?);
    let (maker, run) = (call.lambda_or_none(2), call.run());
    let mut ruler = Ruler::new(string);
    let replaced = regex.replace_with(string, call.int(3)?, call.budget(), |found| {
        let Some(maker) = maker else {
            return Err(Fault::wrong_type("`replaceBy` needs an expression"));
        };
        match Published::of(found, &mut ruler, run)?.apply(maker, run)? {
            Value::Str(text) => Ok(text.to_string()),
            Value::None => Ok(String::new()),
            other => Err(Fault::wrong_type(format!(
                "`replaceBy` needs a text to put in, not a value of type {}",
                other.type_name()
            ))),
        }
    })?;
    Ok(replaced.into())
}
