//! The expressions: whether each of them parses.

use expr::orquesta::{Fault, Statement};
use serde_json::Value as Json;

use super::outline::{Outline, Task};
use super::place::Place;
use super::{Category, Found};

/// Every expression that does not parse. Names of functions are not looked at.
pub(super) fn check(outline: &Outline) -> Vec<Found> {
    let mut found = Vec::new();
    let top = Place::default();
    validate(&outline.vars, &top.property("vars"), &mut found);
    validate(&outline.input, &top.property("input"), &mut found);
    validate(&outline.output, &top.property("output"), &mut found);
    for task in &outline.tasks {
        check_task(task, &mut found);
    }
    found
}

fn check_task(task: &Task, found: &mut Vec<Found>) {
    let place = Place::task(&task.name);
    for (name, value) in [
        ("delay", &task.delay),
        ("join", &task.join),
        ("action", &task.action),
        ("input", &task.input),
    ] {
        validate(value, &place.property(name), found);
    }
    let with = place.property("with");
    validate(&task.items, &with.property("items"), found);
    validate(&task.concurrency, &with.property("concurrency"), found);
    let retry = place.property("retry");
    validate(&task.retry.when, &retry.property("when"), found);
    validate(&task.retry.count, &retry.property("count"), found);
    validate(&task.retry.delay, &retry.property("delay"), found);
    for (at, transition) in task.next.iter().enumerate() {
        let place = place.property("next").index(at).keyword("items");
        validate(&transition.when, &place.property("when"), found);
        validate(&transition.publish, &place.property("publish"), found);
        validate(&transition.then, &place.property("do"), found);
    }
}

fn validate(value: &Json, place: &Place, found: &mut Vec<Found>) {
    if value.is_null() {
        return;
    }
    for fault in Statement::compile(value).validate() {
        let message = match &fault {
            Fault::Expression(error) => error.message().to_owned(),
            Fault::MixedLanguages(_) => {
                "Expression with multiple types is not supported.".to_owned()
            }
        };
        found.push(
            Found::new(Category::Expressions, place, message)
                .in_expression(fault.language(), fault.expression()),
        );
    }
}
