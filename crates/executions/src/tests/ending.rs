use std::slice;

use bus::DefinitionsChanged;
use model::{Page, Rule, Trigger, TriggerInstance, TriggerType};
use store::{RuleDraft, TriggerInstanceFilter};

use super::*;

const ACTION_TRIGGER: &str = "st2.generic.actiontrigger";
const NOTIFY_TRIGGER: &str = "st2.generic.notifytrigger";

/// Stores a rule that listens to a trigger of `core`, and waits until the intake knows it.
pub(super) async fn listen_to(world: &World, name: &str) {
    let now = world.clock.now();
    let type_ref = format!("core.{name}");
    let kind: TriggerType = from_json(json!({
        "uid": format!("trigger_type:core:{name}"), "ref": type_ref, "name": name, "pack": "core",
        "payload_schema": {}, "parameters_schema": {}, "id": world.ids.next::<model::TriggerTypeId>(now),
    }));
    world.store.save(kind).await.unwrap();
    let trigger: Trigger = from_json(json!({
        "uid": format!("trigger:core:{name}"), "ref": type_ref, "name": name, "pack": "core", "type": type_ref,
        "parameters": {}, "id": world.ids.next::<model::TriggerId>(now),
    }));
    let rule: Rule = from_json(json!({
        "uid": format!("rule:demo:{name}"), "ref": format!("demo.{name}"), "name": name, "pack": "demo",
        "type": {"ref": "standard"}, "trigger": {"type": type_ref, "ref": type_ref}, "action": {"ref": "demo.act"},
        "enabled": true, "id": world.ids.next::<model::RuleId>(now),
    }));
    world
        .store
        .create_rule(&RuleDraft { rule, trigger })
        .await
        .unwrap();
    for kind in ["trigger_type", "trigger", "rule"] {
        world.bus.tell(News::DefinitionsChanged(DefinitionsChanged {
            kind: kind.to_owned(),
        }));
    }
    while !world.executions.intake.is_wanted(&type_ref) {
        world.executions.intake.changed().await;
    }
}

fn from_json<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

pub(super) async fn instances(world: &World) -> Vec<TriggerInstance> {
    let filter = TriggerInstanceFilter {
        oldest_first: true,
        ..TriggerInstanceFilter::default()
    };
    world
        .store
        .trigger_instances(
            &filter,
            Page {
                limit: 10,
                offset: 0,
            },
        )
        .await
        .unwrap()
        .items
}

fn succeeded(execution: Execution, result: Value) -> Vec<Outcome> {
    vec![Outcome {
        execution,
        status: ExecutionStatus::Succeeded,
        result,
    }]
}

#[tokio::test]
async fn an_end_is_stored_and_told_to_streams() {
    let world = World::new().await;
    world.define(json!({})).await;
    let execution = world.request(json!({})).await.unwrap();
    let claimed = world.claim(&execution).await;
    let mut streams = world.bus.listen_to_all().await.unwrap();

    world
        .executions
        .finish(succeeded(claimed, json!({"stdout": "hi"})))
        .await
        .unwrap();

    let stored = world.stored(&execution).await;
    assert_eq!(
        (stored.status, stored.result.clone()),
        (ExecutionStatus::Succeeded, Some(json!({"stdout": "hi"})))
    );
    let shown = announced(&mut streams).await;
    assert_eq!(
        (shown.id, shown.status, shown.result),
        (stored.id, stored.status, stored.result)
    );
    assert!(instances(&world).await.is_empty(), "nobody listens");
}

#[tokio::test]
async fn the_end_of_somebody_else_changes_nothing_and_is_not_told() {
    let world = World::new().await;
    world.define(json!({})).await;
    let execution = world.request(json!({})).await.unwrap();
    let mut claimed = world.claim(&execution).await;
    claimed.lease.as_mut().unwrap().holder = "another:1:b".to_owned();
    let mut streams = world.bus.listen_to_all().await.unwrap();

    world
        .executions
        .finish(succeeded(claimed, json!({})))
        .await
        .unwrap();

    assert_eq!(
        world.stored(&execution).await.status,
        ExecutionStatus::Running
    );
    world
        .bus
        .tell(News::CancelWanted(bus::CancelWanted { id: execution.id }));
    assert!(matches!(
        streams.next().await.unwrap(),
        News::CancelWanted(_)
    ));
}

#[tokio::test]
async fn secrets_do_not_come_back_in_results() {
    let world = World::new().await;
    let mut action = world.action(
        "act",
        json!({"password": {"type": "string", "secret": true}}),
    );
    action.output_schema =
        object(json!({"token": {"type": "string", "secret": true}, "stdout": {"type": "string"}}));
    let action = world.store.save(action).await.unwrap();
    let execution = world.request(json!({"password": "hunter2"})).await.unwrap();
    let claimed = world.claim(&execution).await;
    let mut streams = world.bus.listen_to_all().await.unwrap();

    let result = json!({"stdout": "login with hunter2 ok", "token": "abc", "hunter2": ["hunter2"]});
    world
        .executions
        .finish(succeeded(claimed, result))
        .await
        .unwrap();

    let stored = world.stored(&execution).await.result.unwrap();
    assert_eq!(
        (&stored["stdout"], &stored[MASK]),
        (&json!(format!("login with {MASK} ok")), &json!([MASK]))
    );
    assert_eq!(
        world.vault.open_value(&stored["token"]).unwrap(),
        "abc",
        "for whoever goes on with it"
    );
    let shown = announced(&mut streams).await;
    assert_eq!(shown.result.unwrap()["token"], MASK);
    let mut whole = world.stored(&execution).await;
    let snapshot = world
        .store
        .snapshot(&whole.snapshot)
        .await
        .unwrap()
        .unwrap();
    mask_result(&mut whole, &snapshot);
    assert_eq!(
        (
            &whole.parameters["password"],
            &whole.result.unwrap()["token"]
        ),
        (&json!(MASK), &json!(MASK))
    );
    assert_eq!(action.action_ref, execution.action_ref);
}

#[tokio::test]
async fn results_hide_secrets_that_are_printed_without_their_line_end_or_as_numbers() {
    let world = World::new().await;
    let secret = json!({"type": "string", "secret": true});
    world
        .define(json!({"password": secret, "pin": secret}))
        .await;
    let given = json!({"password": "hunter2\n", "pin": "20261121"});
    let execution = world.request(given).await.unwrap();
    let claimed = world.claim(&execution).await;

    let result = json!({"stdout": 20_261_121, "stderr": "hunter2", "count": 202_611_210});
    world
        .executions
        .finish(succeeded(claimed, result))
        .await
        .unwrap();

    let stored = world.stored(&execution).await.result.unwrap();
    let expected = json!({"stdout": MASK, "stderr": MASK, "count": 202_611_210});
    assert_eq!(stored, expected);
}

#[tokio::test]
async fn rules_hear_of_ended_actions_in_the_transaction_of_the_end() {
    let world = World::new().await;
    world
        .define(json!({"p": {"type": "string", "secret": true}}))
        .await;
    listen_to(&world, ACTION_TRIGGER).await;
    let execution = world.request(json!({"p": "hunter2"})).await.unwrap();
    let claimed = world.claim(&execution).await;
    let mut worker: Worker<bus::EventsStored> = world.bus.work(1).await.unwrap();

    world
        .executions
        .finish(succeeded(claimed, json!({"stdout": "hunter2"})))
        .await
        .unwrap();

    let stored = instances(&world).await;
    let [instance] = stored.as_slice() else {
        panic!("one instance is expected")
    };
    let started = execution
        .start_timestamp
        .format("%Y-%m-%d %H:%M:%S%.6f+00:00")
        .to_string();
    assert_eq!(
        instance.payload,
        json!({
            "execution_id": execution.id, "status": "succeeded", "start_timestamp": started,
            "action_name": "demo.act", "action_ref": "demo.act", "runner_ref": "local-shell-cmd",
            "parameters": {"p": MASK}, "result": {"stdout": MASK},
        })
    );
    assert_eq!(
        (instance.caused_by, Some(&instance.trace)),
        (Some(execution.id), execution.context.trace.as_ref())
    );
    assert_eq!(
        worker.next().await.unwrap().message.instances,
        slice::from_ref(instance)
    );
}

#[tokio::test]
async fn notifications_go_to_their_routes_with_rendered_texts() {
    let world = World::new().await;
    let mut action = world.action("act", json!({"a": {"type": "string"}}));
    action.notify = object(json!({
        "on-success": {"message": "{{ action_parameters.a }} by {{ action_context.user }}", "routes": ["slack", "mail"]},
        "on-failure": {"routes": ["pager"]},
        "on-complete": {"message": "{{ broken.name }}", "routes": ["log"], "data": {"n": "{{ action_results.n }}"}},
    }));
    world.store.save(action).await.unwrap();
    listen_to(&world, NOTIFY_TRIGGER).await;
    let execution = world.request(json!({"a": "x"})).await.unwrap();
    let claimed = world.claim(&execution).await;

    world
        .executions
        .finish(succeeded(claimed, json!({"n": 1})))
        .await
        .unwrap();

    let told: Vec<Value> = instances(&world)
        .await
        .into_iter()
        .map(|instance| instance.payload)
        .collect();
    let texts: Vec<(&Value, &Value, &Value)> = told
        .iter()
        .map(|payload| (&payload["route"], &payload["message"], &payload["data"]))
        .collect();
    let data = json!({"result": "{\"n\": 1}"});
    assert_eq!(
        texts,
        [
            (
                &json!("log"),
                &json!("{{ broken.name }}"),
                &json!({"n": "1", "result": "{\"n\": 1}"})
            ),
            (&json!("slack"), &json!("x by me"), &data),
            (&json!("mail"), &json!("x by me"), &data),
        ]
    );
}

#[tokio::test]
async fn a_success_that_is_not_what_the_action_promises_is_a_failure() {
    let world = World::new().await;
    let port = json!({"type": "integer", "maximum": 65535, "required": true});
    let promised =
        json!({"type": "object", "properties": {"port": port}, "additionalProperties": false});
    let mut with_secret = promised.clone();
    with_secret["properties"]["token"] = json!({"type": "string", "secret": true});
    let old_form = json!({"port": {"type": "integer"}});
    let cases = [
        (&promised, json!({"output": {"port": 22}}), None),
        (
            &promised,
            json!({"output": {"port": "x"}}),
            Some("In `output.port`: 'x' is not of type 'integer'"),
        ),
        (
            &promised,
            json!({"output": {}}),
            Some("In `output.port`: 'port' is a required property"),
        ),
        (
            &promised,
            json!({"output": null}),
            Some("In `output`: None is not of type 'object'"),
        ),
        (
            &promised,
            json!({"errors": []}),
            Some("The result has no `output`"),
        ),
        (
            &with_secret,
            json!({"output": {"port": 1, "token": 777}}),
            Some("In `output.token`: the value is not as `type: 'string'` says"),
        ),
        (&old_form, json!({"output": {"port": "x"}}), None),
    ];
    for (schema, result, fault) in cases {
        let mut action = world.action("act", json!({}));
        action.runner_type = "orquesta".to_owned();
        action.output_schema = object(schema.clone());
        world.store.save(action).await.unwrap();
        let execution = world.request(json!({})).await.unwrap();

        let end = world
            .executions
            .end(succeeded(execution, result.clone()).remove(0));
        let stored = end.await.stored;

        let Some(fault) = fault else {
            assert_eq!(
                (stored.status, stored.result),
                (ExecutionStatus::Succeeded, result)
            );
            continue;
        };
        assert_eq!(stored.status, ExecutionStatus::Failed);
        let error = format!(
            "{fault}: this is not what the `output_schema` of the action \"demo.act\" says."
        );
        assert_eq!(stored.result["error"], error);
        assert!(
            stored.result["message"]
                .as_str()
                .unwrap()
                .starts_with("Error validating output.")
        );
    }
}

#[tokio::test]
async fn of_a_task_nobody_is_told_unless_its_workflow_says_so() {
    let world = World::new().await;
    let of_action = object(json!({"on-complete": {"routes": ["action"]}}));
    let of_workflow = object(json!({"on-complete": {"routes": ["workflow"]}}));
    let none = Object::new();
    let task = ExecutionContext {
        task: Some(from_json(json!({
            "workflow_execution_id": world.ids.next::<model::WorkflowExecutionId>(world.clock.now()),
            "task_execution_id": world.ids.next::<model::TaskExecutionId>(world.clock.now()),
            "task_name": "t", "task_id": "t", "task_route": 0,
        }))),
        ..ExecutionContext::default()
    };
    let by_itself = ExecutionContext::default();
    let cases = [
        // What the action's metadata says, what the request says, and who is told.
        (&of_action, &by_itself, &none, &of_action),
        (&of_action, &by_itself, &of_workflow, &of_workflow),
        (&of_action, &task, &none, &none),
        (&of_action, &task, &of_workflow, &of_action),
        (&none, &task, &of_workflow, &of_workflow),
    ];
    for (metadata, context, given, told) in cases {
        let mut action = world.action("act", json!({}));
        action.notify = metadata.clone();
        world.store.save(action).await.unwrap();
        let mut wanted = request(json!({}));
        wanted.context = context.clone();
        wanted.notify = given.clone();

        let execution = world.executions.request(wanted).await.unwrap();

        assert_eq!(execution.notify, *told);
    }
}
