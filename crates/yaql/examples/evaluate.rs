//! Evaluates an expression on JSON from the command line.
//!
//! ```sh
//! cargo run --example evaluate -- '$.hosts.where($.up).select($.name)' '{"hosts": [{"name": "a", "up": true}]}'
//! ```

use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;

use pyvalue::Value;
use yaql::{Engine, Expression, Input};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let Some(text) = arguments.next() else {
        eprintln!("usage: evaluate EXPRESSION [JSON]");
        return ExitCode::FAILURE;
    };
    let json = arguments.next().unwrap_or_else(|| "null".to_owned());
    match evaluate(&text, &json) {
        Ok(answer) => match writeln!(io::stdout(), "{answer}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(complaint) => {
            eprintln!("{complaint}");
            ExitCode::FAILURE
        }
    }
}

/// The answer as JSON where JSON can say it, else as Python would print it.
fn evaluate(text: &str, json: &str) -> Result<String, String> {
    let data: serde_json::Value =
        serde_json::from_str(json).map_err(|error| format!("the data is no JSON: {error}"))?;
    let expression = Expression::parse(text).map_err(|error| error.render())?;
    let input = Input {
        data: Value::from_json(&data),
        ..Input::default()
    };
    let answer = Engine::standard()
        .evaluate(&expression, &input)
        .map_err(|error| error.render())?;
    Ok(answer
        .to_json()
        .map_or_else(|_| answer.repr(), |json| json.to_string()))
}
