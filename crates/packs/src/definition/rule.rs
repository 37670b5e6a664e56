//! Rules: `rules/NAME.yaml`.

use model::{Object, Reference, Rule, RuleAction, RuleKind, RuleTrigger};
use schema::Schema;
use serde_json::Value;
use store::RuleDraft;

use super::{Origin, check_pack, named, refuse_null, tags, trigger};
use crate::complaint::shown;
use crate::form::{self, RULE};
use crate::suggestion::did_you_mean;
use crate::{Catalog, Complaint, check_cron};

/// The operators that a criterion may state, in st2's spelling.
const OPERATORS: [&str; 33] = [
    "matchwildcard",
    "matchregex",
    "regex",
    "iregex",
    "eq",
    "equals",
    "neq",
    "nequals",
    "ieq",
    "iequals",
    "contains",
    "icontains",
    "ncontains",
    "incontains",
    "startswith",
    "istartswith",
    "endswith",
    "iendswith",
    "lt",
    "lessthan",
    "gt",
    "greaterthan",
    "td_lt",
    "timediff_lt",
    "td_gt",
    "timediff_gt",
    "exists",
    "nexists",
    "inside",
    "in",
    "ninside",
    "nin",
    "search",
];
const CRON_TIMER: &str = "core.st2.CronTimer";

/// Checks a rule and makes it, with the trigger that stands for what it listens to (`RuleAPI`,
/// `validators/api/reactor.py`). That its action exists is not checked.
///
/// A trigger type that nobody knows is refused where the rule gives no parameters, and taken where it gives some:
/// the pack that brings the type may come later.
pub fn rule(
    document: &Value,
    origin: &Origin<'_>,
    catalog: &Catalog,
) -> Result<RuleDraft, Complaint> {
    let filled = RULE.check(document)?;
    check_pack(document, origin.pack)?;
    refuse_null(document, "criteria", "a mapping")?;
    refuse_null(document, "type", "a mapping")?;
    let (name, rule_ref) = named(&filled, origin.pack)?;
    let wanted = form::object(&filled, "trigger");
    let (type_ref, parameters) = check_trigger(document, &wanted, catalog)?;
    let criteria = form::object(&filled, "criteria");
    check_criteria(&criteria)?;
    let trigger = trigger(&type_ref, parameters.clone(), origin);
    let action = form::object(&filled, "action");
    let rule = Rule {
        tags: tags(&filled),
        uid: format!("rule:{}:{name}", origin.pack),
        metadata_file: origin.metadata_file.to_owned(),
        name,
        rule_ref,
        description: form::text(&filled, "description"),
        pack: origin.pack.to_owned(),
        kind: kind(&form::object(&filled, "type")),
        trigger: RuleTrigger {
            type_ref: type_ref.to_string(),
            parameters,
            trigger_ref: trigger.trigger_ref.to_string(),
        },
        criteria,
        action: RuleAction {
            action_ref: form::text(&action, "ref").unwrap_or_default(),
            parameters: form::object(&action, "parameters"),
        },
        context: form::object(&filled, "context"),
        enabled: form::flag(&filled, "enabled", false),
        id: origin.id(),
    };
    Ok(RuleDraft { rule, trigger })
}

fn kind(stated: &Object) -> RuleKind {
    match form::text(stated, "ref") {
        Some(kind_ref) => RuleKind {
            kind_ref,
            parameters: form::object(stated, "parameters"),
        },
        None => RuleKind::default(),
    }
}

fn check_trigger(
    document: &Value,
    wanted: &Object,
    catalog: &Catalog,
) -> Result<(Reference, Object), Complaint> {
    let stated = form::text(wanted, "type").unwrap_or_default();
    let type_ref: Reference = stated.parse().map_err(|_| {
        Complaint::value(
            &["trigger", "type"],
            format!("\"{stated}\" is not a reference; write \"pack.trigger\""),
        )
    })?;
    // As given, without the defaults of the form.
    let parameters = document
        .pointer("/trigger/parameters")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    match catalog.trigger_parameters(&stated) {
        Some(schema) => check_trigger_parameters(&stated, schema, &parameters)?,
        None if parameters.is_empty() => return Err(unknown_trigger(&stated, catalog)),
        None => {}
    }
    Ok((type_ref, parameters))
}

fn unknown_trigger(stated: &str, catalog: &Catalog) -> Complaint {
    let hint = did_you_mean(stated, catalog.trigger_type_refs());
    let words = format!(
        "there is no trigger type \"{stated}\"{hint}; is the pack that brings it registered?"
    );
    Complaint::value(&["trigger", "type"], words)
}

fn check_trigger_parameters(
    stated: &str,
    schema: &Object,
    parameters: &Object,
) -> Result<(), Complaint> {
    if schema.is_empty() {
        return Ok(());
    }
    let compiled = Schema::compile(&Value::Object(schema.clone())).map_err(|error| {
        let words = format!(
            "the trigger type \"{stated}\" has a parameters_schema that cannot be used: {error}"
        );
        Complaint::value(&["trigger", "type"], words)
    })?;
    let checked = compiled.validate(&Value::Object(parameters.clone()));
    let known = form::object(schema, "properties");
    checked
        .map_err(|error| Complaint::of_schema_below(&["trigger", "parameters"], &error, &known))?;
    if parameters.is_empty() {
        let words = format!("the trigger type \"{stated}\" needs \"parameters\"");
        return Err(Complaint::value(&["trigger"], words));
    }
    if stated == CRON_TIMER {
        check_cron(parameters).map_err(|complaint| {
            Complaint::value(
                &["trigger", "parameters", complaint.field],
                complaint.to_string(),
            )
        })?;
    }
    Ok(())
}

fn check_criteria(criteria: &Object) -> Result<(), Complaint> {
    for (key, criterion) in criteria {
        let path = ["criteria", key.as_str()];
        let Some(criterion) = criterion.as_object() else {
            let words =
                format!("the criterion \"{key}\" must be a mapping with \"type\" and \"pattern\"");
            return Err(Complaint::value(&path, words));
        };
        let operator = match criterion.get("type") {
            None | Some(Value::Null) => {
                let words = format!(
                    "the criterion \"{key}\" has no \"type\"; state the operator, such as equals"
                );
                return Err(Complaint::key(&path, words));
            }
            Some(operator) => operator,
        };
        let name = operator.as_str().unwrap_or_default();
        if !OPERATORS.contains(&name) {
            let hint = did_you_mean(name, OPERATORS);
            let words = format!(
                "the criterion \"{key}\" has the unknown operator {}{hint}",
                shown(operator)
            );
            return Err(Complaint::value(&["criteria", key, "type"], words));
        }
        if criterion.get("pattern").is_none_or(Value::is_null) {
            let words = format!(
                "the criterion \"{key}\" has no \"pattern\" (every operator needs one, even {name})"
            );
            return Err(Complaint::key(&path, words));
        }
    }
    Ok(())
}
