//! `yaql.jsonl`: bare expressions in the engine that Orquesta configures.

use expr::orquesta::evaluate_yaql;
use pyvalue::Value;
use yaql::Expression;

use super::workflow::{options, state};
use crate::{Answer, Case, wire};

pub(super) fn answer(case: &Case) -> Answer {
    let expression = Expression::parse(case.text("expr"))?;
    let data = Value::from_json(case.get("data"));
    let value = evaluate_yaql(&expression, &data, &state(case), &options())?;
    wire::of(&value)
}
