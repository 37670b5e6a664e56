//! Renders the template of the first argument with the JSON object of the second.

use std::process::ExitCode;

use jinja::{Environment, Input, Template};
use pyvalue::{Dict, Limits, Value};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let text = arguments.next().unwrap_or_default();
    let names = arguments.next().unwrap_or_else(|| "{}".to_owned());
    let names = match serde_json::from_str(&names) {
        Ok(json) => Value::from_json(&json),
        Err(error) => {
            eprintln!("the second argument is no JSON: {error}");
            return ExitCode::FAILURE;
        }
    };
    let names: Dict = names.as_dict().cloned().unwrap_or_default();
    let input = Input {
        names: &names,
        host: None,
        limits: Limits::default(),
        seed: 0,
    };
    let environment = Environment::standard();
    let rendered = Template::parse(&text, &environment)
        .and_then(|template| template.render(&environment, &input));
    match rendered {
        Ok(text) => {
            eprintln!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{}", error.render());
            ExitCode::FAILURE
        }
    }
}
