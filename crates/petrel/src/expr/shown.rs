//! What came of an expression, for people.

use ::expr::explain::{Explanation, Form, Reading, Step};
use ::expr::orquesta::Language;
use pyvalue::Value;
use serde_json::Value as Json;

use super::attempt::Attempt;
use super::json::{kind, of_value};
use crate::client::{self, Style, cut};

/// Columns that a line of an explanation takes.
const WIDTH: usize = 100;

/// Of those, at most so many for the expression; a longer one has its value on the next line.
const EXPRESSION: usize = 48;

/// Prints the value on standard output, or the error on standard error.
pub(super) fn print(attempt: &Attempt, style: Style) -> anyhow::Result<()> {
    match (&attempt.explanation, &attempt.outcome) {
        (Some(explanation), _) => client::print(&explained(attempt, explanation, style))?,
        (None, Ok(value)) => client::print(&alone(value, style))?,
        (None, Err(_)) => {}
    }
    for warning in &attempt.warnings {
        anstream::eprintln!("warning: {}", client::shown(&warning.render()));
    }
    if let Err(error) = &attempt.outcome {
        anstream::eprintln!("{}", client::shown(&error.render()));
    }
    Ok(())
}

/// The value and nothing else: a text as it is, anything else as JSON.
fn alone(value: &Value, style: Style) -> String {
    match (of_value(value), style) {
        (Json::String(text), Style::Plain) => text,
        (Json::String(text), Style::Terminal) => client::shown(&text),
        (json, Style::Plain) => json.to_string(),
        (json, Style::Terminal) => format!("{json:#}"),
    }
}

fn explained(attempt: &Attempt, explanation: &Explanation, style: Style) -> String {
    let mut lines = vec![
        style.strong(&read_as(attempt, explanation)),
        format!("  {}", becomes(attempt.reading, explanation.form)),
    ];
    if !explanation.reads.is_empty() {
        lines.push(style.strong("reads"));
        let width = widest(explanation.reads.iter().map(|read| read.name.as_str()));
        for read in &explanation.reads {
            let near = read
                .near
                .as_ref()
                .map(|near| format!(", did you mean `{near}`?"));
            let verdict = if read.is_given {
                "given".to_owned()
            } else {
                format!("not given{}", near.unwrap_or_default())
            };
            let verdict = style.verdict(&verdict, read.is_given);
            lines.push(format!("  {:width$}  {verdict}", read.name));
        }
    }
    if !explanation.steps.is_empty() {
        lines.push(style.strong("steps"));
        lines.extend(steps(&explanation.steps, style));
    }
    if explanation.left_out > 0 {
        lines.push(style.faint(&format!("  and {} more", explanation.left_out)));
    }
    lines.push(style.strong("result"));
    lines.push(match &attempt.outcome {
        Ok(value) => result(value, style),
        Err(_) => format!("  {}", style.verdict("none", false)),
    });
    lines.join("\n")
}

fn read_as(attempt: &Attempt, explanation: &Explanation) -> String {
    let language = explanation
        .language
        .map_or("no expression", |language| match language {
            Language::Yaql => "YAQL",
            Language::Jinja => "Jinja",
        });
    let place = match attempt.reading {
        Reading::Workflow => "in a text of a workflow",
        Reading::Template => "in a text of a rule, a parameter or an alias",
        Reading::Yaql => "by itself: `$` is the data, functions are those of workflows",
        Reading::WorkflowJinja => "by itself, with the functions of workflows",
        Reading::TemplateJinja => "by itself, with the names and filters of rules and parameters",
    };
    let guess = if attempt.is_guess {
        " (a guess: it has no delimiters)"
    } else {
        ""
    };
    format!("{language} {place}{guess}")
}

fn becomes(reading: Reading, form: Form) -> &'static str {
    match form {
        Form::Whole if reading == Reading::Workflow => {
            "the text is one expression and nothing else: the value keeps its type"
        }
        Form::Whole => "the value keeps its type",
        Form::Embedded => "there is more in the text than one expression: the values become text",
        Form::Rendered => "it renders to text; a parameter's type is applied to that",
        Form::Plain => "the text stays as it is",
    }
}

fn widest<'t>(texts: impl Iterator<Item = &'t str>) -> usize {
    texts
        .map(|text| text.chars().count())
        .filter(|width| *width <= EXPRESSION)
        .max()
        .unwrap_or(0)
}

fn steps(steps: &[Step], style: Style) -> Vec<String> {
    let texts: Vec<String> = steps.iter().map(|step| one_line(&step.text)).collect();
    let width = widest(texts.iter().map(String::as_str));
    let lines = steps.iter().zip(texts).map(|(step, text)| {
        let is_long = text.chars().count() > width;
        let room = WIDTH.saturating_sub(width + 4);
        let value = match &step.outcome {
            Ok(value) => {
                let name = kind(value);
                let shown = cut(
                    &client::shown(&of_value(value).to_string()),
                    room.saturating_sub(10),
                );
                format!("{}  {shown}", style.faint(&format!("{name:<8}")))
            }
            Err(error) => style.verdict(
                &cut(&one_line(&format!("no value: {}", error.message)), room),
                false,
            ),
        };
        let text = client::shown(&text);
        if is_long {
            format!("  {}\n  {:width$}  {value}", cut(&text, WIDTH), "")
        } else {
            format!("  {text:width$}  {value}")
        }
    });
    lines.collect()
}

/// Type and value; a long list or object over as many lines as it has.
fn result(value: &Value, style: Style) -> String {
    let name = style.faint(&format!("{:<8}", kind(value)));
    let json = of_value(value);
    let line = json.to_string();
    let pretty = if line.chars().count() <= WIDTH - 12 {
        client::shown(&line)
    } else {
        client::shown(&format!("{json:#}"))
    };
    if pretty.contains('\n') {
        let indented: Vec<String> = pretty.lines().map(|line| format!("  {line}")).collect();
        format!("  {}\n{}", name.trim_end(), indented.join("\n"))
    } else {
        format!("  {name}  {pretty}")
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_printed_as_it_is_and_everything_else_as_json() {
        for (value, expected) in [
            (Value::from("a\"b"), "a\"b"),
            (Value::None, "null"),
            (Value::Bool(true), "true"),
            (Value::list(vec![1.into(), "a".into()]), "[1,\"a\"]"),
        ] {
            assert_eq!(alone(&value, Style::Plain), expected);
        }
        let list = Value::list(vec![1.into()]);
        assert_eq!(alone(&list, Style::Terminal), "[\n  1\n]");
        assert_eq!(alone(&"\u{1b}[2J".into(), Style::Terminal), "\\u{1b}[2J");
    }

    #[test]
    fn a_long_part_has_its_value_on_the_next_line() {
        let step = |text: &str| Step {
            text: text.to_owned(),
            outcome: Ok(Value::Int(1)),
        };
        let long = "a".repeat(EXPRESSION + 1);

        let lines = steps(&[step("ab"), step(&long)], Style::Plain);

        assert_eq!(lines[0], "  ab  integer   1");
        assert_eq!(lines[1], format!("  {long}\n      integer   1"));
    }
}
