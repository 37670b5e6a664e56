//! Choosing among expressions; those not chosen are not evaluated.

use pyvalue::Value;

use crate::evaluate::Run;
use crate::function::{Call, Function, Outcome, Param, Type};
use crate::lambda::Lambda;

const CASES: &[Param] = &[Param::rest("args", Type::Lambda)];

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::function("switch", &[Param::rest("args", Type::Mapping)], switch).without_names(),
    Function::function("selectCase", CASES, select_case),
    Function::function("selectAllCases", CASES, select_all_cases),
    Function::function("examine", CASES, examine),
    Function::function("coalesce", CASES, coalesce),
    Function::method(
        "switchCase",
        &[
            Param::new("case", Type::Int),
            Param::rest("args", Type::Lambda),
        ],
        switch_case,
    ),
];

fn switch(call: &Call<'_>) -> Outcome {
    for (condition, value) in call.rest_mappings() {
        if condition.test(call.run(), &[])? {
            return value.invoke(call.run(), &[]);
        }
    }
    Ok(Value::None)
}

fn select_case(call: &Call<'_>) -> Outcome {
    let mut index = 0;
    for case in call.rest_lambdas() {
        if case.test(call.run(), &[])? {
            break;
        }
        index += 1;
    }
    Ok(Value::Int(index))
}

fn select_all_cases(call: &Call<'_>) -> Outcome {
    let cases: Vec<Lambda> = call.rest_lambdas().cloned().collect();
    let mut numbered = (0..).zip(cases);
    call.lazy(move |run: &Run<'_>| {
        for (index, case) in numbered.by_ref() {
            if case.test(run, &[])? {
                return Ok(Some(Value::Int(index)));
            }
        }
        Ok(None)
    })
}

fn examine(call: &Call<'_>) -> Outcome {
    let cases: Vec<Lambda> = call.rest_lambdas().cloned().collect();
    let mut cases = cases.into_iter();
    call.lazy(move |run: &Run<'_>| match cases.next() {
        Some(case) => Ok(Some(Value::Bool(case.test(run, &[])?))),
        None => Ok(None),
    })
}

fn coalesce(call: &Call<'_>) -> Outcome {
    for case in call.rest_lambdas() {
        let value = case.invoke(call.run(), &[])?;
        if !value.is_none() {
            return Ok(value);
        }
    }
    Ok(Value::None)
}

/// Anything beyond the cases, negative numbers too, means the last one.
fn switch_case(call: &Call<'_>) -> Outcome {
    let cases: Vec<&Lambda> = call.rest_lambdas().collect();
    let index = match call.arg(0) {
        Value::Big(_) => None,
        _ => usize::try_from(call.int(0)?).ok(),
    };
    let case = index
        .and_then(|index| cases.get(index))
        .or_else(|| cases.last());
    match case {
        Some(case) => case.invoke(call.run(), &[]),
        None => Ok(Value::None),
    }
}
