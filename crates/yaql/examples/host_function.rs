//! A function of the embedding program that works on what the evaluation is about.

use std::collections::HashMap;
use std::io::{self, Write as _};

use pyvalue::Value;
use yaql::{Call, Engine, Error, Expression, Fault, Function, Input, Outcome, Param, Type};

/// What one evaluation may look up.
struct Settings(HashMap<&'static str, &'static str>);

/// `setting(name, default)`: the setting of that name, or the default.
fn setting(call: &Call<'_>) -> Outcome {
    let Settings(settings) = call
        .host()
        .ok_or_else(|| Fault::undefined("there are no settings here"))?;
    let name = call.text(0)?;
    match (settings.get(name), call.given(1)) {
        (Some(found), _) => Ok(Value::from(*found)),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(Fault::undefined(format!("no setting is called `{name}`"))),
    }
}

fn main() -> Result<(), Error> {
    let engine = Engine::standard().with(Function::function(
        "setting",
        const {
            &[
                Param::new("name", Type::Str),
                Param::any("default").optional(),
            ]
        },
        setting,
    ));
    let settings = Settings(HashMap::from([("region", "eu-west"), ("user", "ada")]));

    for text in [
        "setting(user).toUpper() + ' in ' + setting(region)",
        "setting(color, default => green)",
        "setting(colour)",
        "settings(user)",
    ] {
        let expression = Expression::parse(text)?;
        let input = Input {
            host: Some(&settings),
            ..Input::default()
        };
        let shown = match engine.evaluate(&expression, &input) {
            Ok(value) => value.repr(),
            Err(error) => error.render(),
        };
        if writeln!(io::stdout(), "{text}\n  -> {shown}\n").is_err() {
            break;
        }
    }
    Ok(())
}
