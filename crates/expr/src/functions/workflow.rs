//! What expressions of a workflow ask of its state: `ctx`, `item`, `result`, `task`, `task_status`, `succeeded`,
//! `failed`, `completed`, `st2kv`.

use pyvalue::{Class, Dict, Error, Value};

use super::{Call, Fault, Function, Kind, Outcome, Parameter, Places};
use crate::Scope;
use crate::orquesta::{Entry, State};

/// Statuses in which a task is completed; an expired one is not.
const COMPLETED: [&str; 5] = ["succeeded", "failed", "abandoned", "canceled", "timeout"];

/// The status of a task that there is nothing known of.
const UNSET: &str = "null";

const ROUTE: Parameter = Parameter::or("route", Kind::Null);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(&["ctx"], &[Parameter::or("key", Kind::Null)], ctx).at(Places::State),
    Function::new(&["item"], &[Parameter::or("key", Kind::Null)], item).at(Places::State),
    Function::new(&["result"], &[], |call| {
        let task = current_task(call, state(call)?)?;
        Ok(task.get("result").cloned().unwrap_or_default())
    })
    .at(Places::State),
    Function::new(&["succeeded"], &[], |call| {
        current_status_is(call, &["succeeded"])
    })
    .at(Places::State),
    Function::new(&["failed"], &[], |call| {
        current_status_is(call, &["failed"])
    })
    .at(Places::State),
    Function::new(&["completed"], &[], |call| {
        current_status_is(call, &COMPLETED)
    })
    .at(Places::State),
    Function::new(
        &["task_status"],
        &[Parameter::new("task_id"), ROUTE],
        task_status,
    )
    .at(Places::State),
    Function::new(
        &["task"],
        &[Parameter::or("task_id", Kind::Null), ROUTE],
        task,
    )
    .at(Places::State),
    Function::new(
        &["st2kv"],
        &[
            Parameter::new("key"),
            Parameter::or("kwargs", Kind::Keywords),
        ],
        st2kv,
    )
    .at(Places::State),
];

fn state<'c>(call: &Call<'c>) -> Result<&'c State, Fault> {
    call.host::<State>()
        .ok_or_else(|| other("the context is not set: there is no workflow here"))
}

fn other(message: impl Into<String>) -> Fault {
    Error::value_error(message).into()
}

fn undefined(message: impl Into<String>) -> Fault {
    Error::new(Class::Undefined, message).into()
}

fn ctx(call: &Call<'_>) -> Outcome {
    let state = state(call)?;
    let variables = call.see(state.variables());
    let key = call.arg(0);
    if !call.is_true(0)? {
        return Ok(variables.clone());
    }
    if !call.is_yaql() {
        key.check_hashable()?;
    }
    let none = Dict::default();
    let variables = variables.as_dict().unwrap_or(&none);
    if let Some(value) = variables.get_value(key) {
        return Ok(value.clone());
    }
    let name = call.text(0)?;
    if state.context().get_value(key).is_some() {
        return Err(other(format!(
            "the variable `{name}` is for internal use and inaccessible"
        )));
    }
    let fault = undefined(format!("the variable `{name}` is undefined"));
    let known = variables.keys().filter_map(Value::as_str);
    Err(match diagnostic::nearest(&name, known) {
        Some(near) => fault.note(format!("did you mean `{near}`?")),
        None => fault,
    })
}

fn item(call: &Call<'_>) -> Outcome {
    let item = call.see(state(call)?.current_item());
    if !call.is_true(0)? {
        return Ok(item.clone());
    }
    let Some(members) = item.as_dict() else {
        return Err(other(format!(
            "the item is no object that could have the key `{}`, it is of type '{}'",
            call.text(0)?,
            item.type_name()
        )));
    };
    match members.get_value(call.arg(0)) {
        Some(value) => Ok(value.clone()),
        None => Err(other(format!("the item has no key `{}`", call.text(0)?))),
    }
}

/// The current task; an error where there is none.
fn current_task<'c>(call: &Call<'c>, state: &'c State) -> Result<&'c Dict, Fault> {
    call.see(state.current_task())
        .as_dict()
        .filter(|task| !task.is_empty())
        .ok_or_else(|| other("the current task is not set in the context"))
}

fn member<'d>(task: &'d Dict, name: &str) -> Result<&'d Value, Fault> {
    task.get(name)
        .ok_or_else(|| undefined(format!("the current task has no `{name}`")))
}

fn current_status_is(call: &Call<'_>, statuses: &[&str]) -> Outcome {
    let state = state(call)?;
    let task = current_task(call, state)?;
    let id = member(task, "id")?.to_text()?;
    let route = route_of(member(task, "route")?)?;
    let status = status(call, state, &id, route)?;
    Ok(Value::Bool(
        status
            .as_str()
            .is_some_and(|status| statuses.contains(&status)),
    ))
}

fn route_of(value: &Value) -> Result<i64, Fault> {
    match value {
        Value::Int(route) => Ok(*route),
        Value::Bool(truth) => Ok(i64::from(*truth)),
        other => Err(Error::type_error(format!(
            "a route is a number, not '{}'",
            other.type_name()
        ))
        .into()),
    }
}

fn task_status(call: &Call<'_>) -> Outcome {
    let state = state(call)?;
    let route = match (call.arg(1), state.current_task().plain()) {
        (Value::None, Value::Dict(task)) => task.get("route").map_or(Ok(0), route_of)?,
        (Value::None, _) => 0,
        (route, _) => route_of(route)?,
    };
    status(call, state, &call.text(0)?, route)
}

fn status(call: &Call<'_>, state: &State, task: &str, route: i64) -> Outcome {
    Ok(match entry(call, state, task, route)? {
        Some(entry) if !entry.status.is_none() => entry.status,
        _ => Value::from(UNSET),
    })
}

/// The state of a task on a route, or on the nearest of the routes that led to it.
fn entry(
    call: &Call<'_>,
    state: &State,
    task: &str,
    mut route: i64,
) -> Result<Option<Entry>, Fault> {
    loop {
        call.budget().step()?;
        let found = match state.workflow() {
            Some(workflow) => workflow.entry(task, route)?,
            None => None,
        };
        if found.is_some() || route <= 0 {
            return Ok(found);
        }
        let earlier = match state.workflow() {
            Some(workflow) => workflow.earlier_route(route)?,
            None => return Err(undefined("the state of the workflow has no `routes`")),
        };
        match earlier {
            Some(earlier) if earlier < route => route = earlier,
            _ => return Ok(None),
        }
    }
}

fn task(call: &Call<'_>) -> Outcome {
    let state = state(call)?;
    let none = Dict::default();
    let current = state.current_task().plain().as_dict().unwrap_or(&none);
    let id = match call.arg(0) {
        Value::None => member(current, "id")?.to_text()?.into(),
        _ => call.text(0)?,
    };
    let route = match call.arg(1) {
        Value::None => current.get("route").map_or(Ok(0), route_of)?,
        route => route_of(route)?,
    };
    let not_found = || {
        other(format!(
            "there is no execution of a task `{id}` that came before"
        ))
    };
    let entry = entry(call, state, &id, route)?.ok_or_else(not_found)?;
    let st2 = state.context().get("st2").and_then(Value::as_dict);
    let workflow = st2
        .ok_or_else(|| undefined("the context has no `st2`"))?
        .get("workflow_execution_id")
        .ok_or_else(|| undefined("the context has no `st2.workflow_execution_id`"))?
        .to_text()?;
    state
        .tasks()
        .and_then(|tasks| tasks.execution(&workflow, &id, entry.route))
        .ok_or_else(not_found)
}

fn st2kv(call: &Call<'_>) -> Outcome {
    let key = call.str(0, "the key of the datastore")?;
    let named = call.arg(1).as_dict().cloned().unwrap_or_default();
    let decrypt = match named.get("decrypt") {
        None => false,
        Some(Value::Bool(truth)) => *truth,
        Some(other) => {
            return Err(Error::type_error(format!(
                "`decrypt` is true or false, not '{}'",
                other.type_name()
            ))
            .into());
        }
    };
    let state = state(call)?;
    let st2 = state.context().get("st2").and_then(Value::as_dict);
    if st2.and_then(|st2| st2.get("user")).is_none() {
        return Err(undefined(
            "the context has no `st2.user`, so there is no datastore to read",
        ));
    }
    let datastore = state
        .datastore()
        .ok_or_else(|| other("there is no datastore here"))?;
    let found = match key.strip_prefix("system.") {
        Some(name) => datastore.value(Scope::System, name),
        None => datastore.value(Scope::User, key),
    };
    match (found, named.get("default")) {
        (Some(Value::Str(sealed)), _) if decrypt => match datastore.decrypt(&sealed) {
            Ok(text) => Ok(Value::from(text)),
            Err(reason) => Err(other(format!("`{key}` cannot be decrypted: {reason}"))),
        },
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(other(format!("the datastore has no item `{key}`"))),
    }
}
