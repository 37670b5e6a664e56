//! Kinds of characters, as Python's `string` module names them.

use pyvalue::Value;

use crate::function::{Call, Fault, Function, Outcome, Param, Type};

const fn kind(name: &'static str) -> Param {
    Param::new(name, Type::Bool).nullable().or_bool(false)
}

const KINDS: &[Param] = &[
    kind("digits"),
    kind("hexdigits"),
    kind("asciiLowercase"),
    kind("asciiUppercase"),
    kind("asciiLetters"),
    kind("letters"),
    kind("octdigits"),
    kind("punctuation"),
    kind("printable"),
    kind("lowercase"),
    kind("uppercase"),
    kind("whitespace"),
];

pub(crate) const FUNCTIONS: &[Function] = &[Function::function("characters", KINDS, characters)];

const WHITESPACE: &str = " \t\n\r\x0b\x0c";

/// Characters of a kind; nothing for the kinds that Python 3 no longer knows.
fn is_of_kind(kind: &str, character: char) -> Option<bool> {
    Some(match kind {
        "digits" => character.is_ascii_digit(),
        "hexdigits" => character.is_ascii_hexdigit(),
        "asciiLowercase" => character.is_ascii_lowercase(),
        "asciiUppercase" => character.is_ascii_uppercase(),
        "asciiLetters" => character.is_ascii_alphabetic(),
        "octdigits" => ('0'..='7').contains(&character),
        "punctuation" => character.is_ascii_punctuation(),
        "printable" => character.is_ascii_graphic() || WHITESPACE.contains(character),
        "whitespace" => WHITESPACE.contains(character),
        _ => return None,
    })
}

/// Each character once. Python gives them in no particular order; here they come by their code.
fn characters(call: &Call<'_>) -> Outcome {
    let mut wanted = Vec::new();
    for (index, param) in KINDS.iter().enumerate() {
        if call.is_true(index) {
            if is_of_kind(param.name(), 'a').is_none() {
                return Err(Fault::wrong_type(format!(
                    "`characters` no longer knows the kind `{}`: use `asciiLetters`, `asciiLowercase` or `asciiUppercase`",
                    param.name()
                )));
            }
            wanted.push(param.name());
        }
    }
    let found = ('\0'..='\x7f')
        .filter(|character| {
            wanted
                .iter()
                .any(|kind| is_of_kind(kind, *character) == Some(true))
        })
        .map(|character| Value::from(character.to_string()))
        .collect();
    call.tuple(found)
}
