//! `petrel trace`.

use std::collections::{HashMap, HashSet};
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use futures::{StreamExt, TryStreamExt, stream};
use lifecycle::Clock;
use serde_json::{Value, json};

use super::http::{Client, ClientError, Listed, Query, add, segment};
use super::listing::{self, ListArgs};
use super::output::{Style, at, inline, print, print_json, text_at};
use super::trace_tree::{Node, TraceParts, draw, grow, member_ids};
use super::verdicts::without_match;

const PATH: &str = "/v1/traces";
const COLUMNS: &[&str] = &["id", "trace_tag", "start_timestamp"];
/// Members that are asked for at once.
const AT_ONCE: usize = 8;
/// So many rules of a trigger are explained.
const EXPLAINED: usize = 100;

#[derive(Debug, Subcommand)]
pub(crate) enum TraceCommand {
    /// List traces, newest first.
    List {
        /// With this tag.
        #[arg(short = 'c', long, value_name = "TAG")]
        trace_tag: Option<String>,
        /// That hold this execution.
        #[arg(short, long, value_name = "ID")]
        execution: Option<String>,
        /// That hold this rule.
        #[arg(short, long, value_name = "ID")]
        rule: Option<String>,
        /// That hold this trigger instance.
        #[arg(short = 'g', long, value_name = "ID")]
        trigger_instance: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show everything that one event led to, and why: what came in, which rules matched, what ran.
    Get(TraceGetArgs),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct TraceGetArgs {
    /// The trace.
    #[arg(required_unless_present_any = ["execution", "trigger_instance"])]
    id: Option<String>,
    /// The trace of this execution.
    #[arg(short, long, value_name = "ID", conflicts_with_all = ["id", "trigger_instance"])]
    execution: Option<String>,
    /// The trace of this trigger instance.
    #[arg(short = 'g', long, value_name = "ID", conflicts_with = "id")]
    trigger_instance: Option<String>,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

pub(crate) async fn run(command: TraceCommand) -> anyhow::Result<ExitCode> {
    match command {
        TraceCommand::List {
            trace_tag,
            execution,
            rule,
            trigger_instance,
            list,
        } => {
            let mut query = Query::new();
            add(&mut query, "trace_tag", trace_tag);
            add(&mut query, "execution", execution);
            add(&mut query, "rule", rule);
            add(&mut query, "trigger_instance", trigger_instance);
            listing::list(PATH, &query, COLUMNS, &list).await
        }
        TraceCommand::Get(args) => get(args).await,
    }
}

async fn get(args: TraceGetArgs) -> anyhow::Result<ExitCode> {
    let client = Client::from_environment()?;
    let parts = collect(&client, wanted(&client, &args).await?).await?;
    let roots = grow(&parts);
    if args.json {
        let mut trace = parts.trace.clone();
        trace["tree"] = roots.iter().map(Node::to_json).collect();
        print_json(&trace)?;
    } else {
        print(&draw(&parts.trace, &roots, Style::of_stdout()))?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn wanted(client: &Client, args: &TraceGetArgs) -> anyhow::Result<Value> {
    let (name, id) = match (&args.id, &args.execution, &args.trigger_instance) {
        (Some(id), _, _) => {
            return Ok(client
                .get(&format!("{PATH}/{}", segment(id)), &Query::new())
                .await?);
        }
        (None, Some(id), _) => ("execution", id),
        (None, None, Some(id)) => ("trigger_instance", id),
        (None, None, None) => bail!("name a trace, an execution or a trigger instance"),
    };
    let found = client
        .list(PATH, &vec![(name, id.clone())], Some(1))
        .await?;
    match found.items.into_iter().next() {
        Some(trace) => Ok(trace),
        None => bail!("no trace holds the {} {id}", name.replace('_', " ")),
    }
}

/// Asks for every member of the trace.
async fn collect(client: &Client, trace: Value) -> Result<TraceParts, ClientError> {
    let instances = member_ids(&trace, "trigger_instances");
    let executions = member_ids(&trace, "action_executions");
    let trigger_instances = members(client, "/v1/triggerinstances", instances.clone()).await?;
    let enforcements = enforcements(client, instances).await?;
    let executions = members(client, "/v1/executions", executions).await?;
    let rules = rules(client, &trigger_instances).await?;
    let passed = passed(&rules, &trigger_instances, &enforcements);
    let triggers = rules
        .iter()
        .filter_map(|(trigger, rules)| Some((trigger.clone(), told(rules.items.first()?))))
        .collect();
    Ok(TraceParts {
        trace,
        trigger_instances,
        executions,
        enforcements,
        passed,
        triggers,
    })
}

/// The trigger that a rule listens to: its type, and its parameters if it has any.
fn told(rule: &Value) -> String {
    let parameters = at(rule, "trigger.parameters").filter(|parameters| **parameters != json!({}));
    format!("{} {}", text_at(rule, "trigger.type"), inline(parameters))
        .trim_end()
        .to_owned()
}

/// The rules that listen to each trigger of these instances.
async fn rules(
    client: &Client,
    instances: &HashMap<String, Value>,
) -> Result<HashMap<String, Listed>, ClientError> {
    let triggers: HashSet<String> = instances
        .values()
        .map(|instance| text_at(instance, "trigger").to_owned())
        .collect();
    let requests = stream::iter(triggers).map(|trigger| async move {
        let query: Query = vec![("trigger", trigger.clone())];
        match client.list("/v1/rules", &query, Some(EXPLAINED)).await {
            Ok(listed) => Ok((trigger, listed)),
            Err(error) if error.is_not_found() => Ok((trigger, Listed::default())),
            Err(error) => Err(error),
        }
    });
    requests.buffered(AT_ONCE).try_collect().await
}

/// The rules that did not match, by trigger instance.
fn passed(
    rules: &HashMap<String, Listed>,
    instances: &HashMap<String, Value>,
    enforcements: &HashMap<String, Vec<Value>>,
) -> HashMap<String, Vec<Value>> {
    let now = Clock::system().now();
    let of = |(id, instance): (&String, &Value)| {
        let listed = rules.get(text_at(instance, "trigger"))?;
        let enforced = enforcements.get(id).map(Vec::as_slice).unwrap_or_default();
        let mut passed = without_match(&listed.items, enforced, instance, now);
        let more = listed
            .total
            .unwrap_or(0)
            .saturating_sub(listed.items.len() as u64);
        passed.extend((more > 0).then(|| json!({ "more": more })));
        Some((id.clone(), passed))
    };
    instances.iter().filter_map(of).collect()
}

/// The things with these ids that are still there.
async fn members(
    client: &Client,
    path: &str,
    ids: Vec<String>,
) -> Result<HashMap<String, Value>, ClientError> {
    let requests = stream::iter(ids).map(|id| async move {
        let value = client
            .find(&format!("{path}/{}", segment(&id)), &Query::new())
            .await?;
        Ok::<_, ClientError>(value.map(|value| (id, value)))
    });
    let found: Vec<_> = requests.buffered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// The enforcements of each trigger instance, in the order they were made.
async fn enforcements(
    client: &Client,
    instances: Vec<String>,
) -> Result<HashMap<String, Vec<Value>>, ClientError> {
    let requests = stream::iter(instances).map(|id| async move {
        let query: Query = vec![("trigger_instance", id.clone())];
        let mut listed = client
            .list("/v1/ruleenforcements", &query, None)
            .await?
            .items;
        listed.sort_by(|one, other| text_at(one, "enforced_at").cmp(text_at(other, "enforced_at")));
        Ok::<_, ClientError>((id, listed))
    });
    requests.buffered(AT_ONCE).try_collect().await
}

#[cfg(test)]
mod tests {
    use axum::extract::{Path, Query as Parameters};
    use axum::routing::get;
    use axum::{Json, Router};

    use super::*;
    use crate::client::test_server::client_of;

    async fn client() -> Client {
        let trace = || async {
            Json(json!([{
                "id": "t1",
                "trigger_instances": [{ "object_id": "ti1", "ref": "x.a", "caused_by": {} }],
                "action_executions": [{ "object_id": "gone", "ref": "x.e",
                                        "caused_by": { "type": "rule", "id": "r1:ti1" } }],
            }]))
        };
        let enforcements = |Parameters(query): Parameters<HashMap<String, String>>| async move {
            Json(json!([{ "id": "en1", "trigger_instance_id": query["trigger_instance"] }]))
        };
        let instance = |Path(id): Path<String>| async move {
            Json(json!({ "id": id, "trigger": "x.a", "payload": { "kind": "go" } }))
        };
        let rules = |Parameters(query): Parameters<HashMap<String, String>>| async move {
            let rule = json!({
                "ref": "x.off", "pack": "x", "name": "off", "enabled": false,
                "trigger": { "type": query["trigger"], "parameters": { "n": 1 } }, "action": { "ref": "core.noop" },
            });
            ([("X-Total-Count", "3")], Json(json!([rule])))
        };
        let router = Router::new()
            .route("/v1/traces", get(trace))
            .route("/v1/rules", get(rules))
            .route("/v1/ruleenforcements", get(enforcements))
            .route("/v1/triggerinstances/{id}", get(instance));
        client_of(router).await
    }

    #[tokio::test]
    async fn collects_what_is_still_stored_of_a_trace() {
        let client = client().await;
        let args = TraceGetArgs {
            id: None,
            execution: Some("gone".to_owned()),
            trigger_instance: None,
            json: false,
        };

        let parts = collect(&client, wanted(&client, &args).await.unwrap())
            .await
            .unwrap();

        assert_eq!(parts.trigger_instances["ti1"]["id"], "ti1");
        assert_eq!(parts.enforcements["ti1"][0]["trigger_instance_id"], "ti1");
        assert!(parts.executions.is_empty());
    }

    #[tokio::test]
    async fn explains_the_rules_that_did_not_match() {
        let client = client().await;
        let args = TraceGetArgs {
            id: None,
            execution: None,
            trigger_instance: Some("ti1".to_owned()),
            json: false,
        };

        let parts = collect(&client, wanted(&client, &args).await.unwrap())
            .await
            .unwrap();

        assert_eq!(
            parts.passed["ti1"],
            [
                json!({ "ref": "x.off", "reason": "the rule is disabled" }),
                json!({ "more": 2 })
            ]
        );
        assert_eq!(parts.triggers["x.a"], r#"x.a {"n":1}"#);
    }
}
