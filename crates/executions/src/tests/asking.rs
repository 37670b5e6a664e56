use bus::TasksChanged;
use chrono::TimeDelta;
use model::TaskOrigin;

use super::ending::{instances, listen_to};
use super::*;

const USERS: [&str; 1] = ["ada"];

fn schema() -> Value {
    json!({ "type": "object", "properties": {
        "approved": { "type": "boolean", "required": true },
        "password": { "type": "string", "secret": true },
    } })
}

fn ada() -> Responder<'static> {
    Responder {
        user: "ada",
        roles: None,
    }
}

/// An inquiry with these parameters that is about to ask, as its runner has it.
async fn claimed(world: &World, context: ExecutionContext, parameters: Value) -> Execution {
    let action = Action {
        runner_type: INQUIRER.to_owned(),
        ..world.action("ask", json!({}))
    };
    world.store.save(action).await.unwrap();
    let request = ExecutionRequest {
        action: "demo.ask".to_owned(),
        context,
        ..request(parameters)
    };
    let execution = world.executions.request(request).await.unwrap();
    world.claim(&execution).await
}

async fn ask(world: &World, execution: &Execution) {
    let parameters = world.executions.final_parameters(execution).await.unwrap();
    let outcome = Outcome {
        execution: execution.clone(),
        status: ExecutionStatus::Pending,
        result: question(&parameters.runner).unwrap(),
    };
    world.executions.finish(vec![outcome]).await.unwrap();
}

async fn asked(world: &World, parameters: Value) -> Execution {
    let execution = claimed(world, request(json!({})).context, parameters).await;
    ask(world, &execution).await;
    world.stored(&execution).await
}

async fn respond(world: &World, asked: &Execution, response: Value) -> Result<Value, RespondError> {
    world
        .executions
        .respond(asked.id, object(response), ada())
        .await
}

#[tokio::test]
async fn a_question_is_stored_without_a_lease_and_rules_hear_of_it() {
    let world = World::new().await;
    listen_to(&world, "st2.generic.inquiry").await;

    let asked = asked(
        &world,
        json!({ "schema": schema(), "users": USERS, "route": "ops", "ttl": 5 }),
    )
    .await;

    assert_eq!(asked.status, ExecutionStatus::Pending);
    assert_eq!(asked.lease, None);
    let passed: Vec<_> = asked
        .log
        .iter()
        .map(|entry| entry.status.as_str())
        .collect();
    assert_eq!(passed, ["requested", "scheduled", "running", "pending"]);
    let question = json!({
        "schema": schema(), "roles": [], "users": USERS, "route": "ops", "ttl": 5,
    });
    assert_eq!(asked.result, Some(question));
    assert_eq!(
        inquiry_view(&asked),
        json!({ "id": asked.id, "schema": schema(), "roles": [], "users": USERS, "route": "ops", "ttl": 5 })
    );
    let told = instances(&world).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].payload, json!({ "id": asked.id, "route": "ops" }));
    assert_eq!(told[0].caused_by, Some(asked.id));
}

#[tokio::test]
async fn an_answer_ends_it_and_its_secrets_are_sealed() {
    let world = World::new().await;
    let asked = asked(&world, json!({ "schema": schema() })).await;
    let mut streams = world.bus.listen_to_all().await.unwrap();

    let shown = respond(
        &world,
        &asked,
        json!({ "approved": true, "password": "hunter2" }),
    )
    .await
    .unwrap();

    assert_eq!(shown, json!({ "approved": true, "password": MASK }));
    let stored = world.stored(&asked).await;
    assert_eq!(stored.status, ExecutionStatus::Succeeded);
    assert!(stored.end_timestamp.is_some());
    let result = stored.result.unwrap();
    assert_eq!(result["response"]["approved"], true);
    assert_eq!(result["schema"], schema());
    let sealed = &result["response"]["password"];
    assert_eq!(world.vault.open_value(sealed).unwrap(), "hunter2");
    assert!(!result.to_string().contains("hunter2"));
    let told = announced(&mut streams).await;
    assert_eq!(told.status, ExecutionStatus::Succeeded);
    assert_eq!(told.result.unwrap()["response"]["password"], MASK);
}

#[tokio::test]
async fn only_the_first_answer_counts() {
    let world = World::new().await;
    let asked = asked(&world, json!({ "schema": schema() })).await;

    let (first, second) = tokio::join!(
        respond(&world, &asked, json!({ "approved": true })),
        respond(&world, &asked, json!({ "approved": false })),
    );

    let (taken, refused) = match (first, second) {
        (Ok(taken), Err(refused)) | (Err(refused), Ok(taken)) => (taken, refused),
        both => panic!("one of two answers is taken: {both:?}"),
    };
    assert_eq!(
        refused.to_string(),
        format!("Inquiry \"{}\" has already been responded to.", asked.id)
    );
    assert_eq!(
        world.stored(&asked).await.result.unwrap()["response"],
        taken
    );
}

#[tokio::test]
async fn only_those_who_are_asked_may_answer() {
    let world = World::new().await;
    let asked = asked(
        &world,
        json!({ "schema": schema(), "users": USERS, "roles": ["oncall"] }),
    )
    .await;
    let (oncall, other) = (vec!["oncall".to_owned()], vec!["guest".to_owned()]);
    let answer = async |user: &str, roles: Option<&[String]>| {
        let responder = Responder { user, roles };
        let response = object(json!({ "approved": true }));
        world
            .executions
            .respond(asked.id, response, responder)
            .await
    };

    let wrong_user = answer("bob", Some(&oncall)).await.unwrap_err();
    let wrong_role = answer("ada", Some(&other)).await.unwrap_err();

    assert_eq!(
        wrong_user.to_string(),
        format!(
            "User \"bob\" does not have permission to respond to inquiry \"{}\".",
            asked.id
        )
    );
    assert!(matches!(wrong_role, RespondError::Forbidden { .. }));
    assert_eq!(world.stored(&asked).await.status, ExecutionStatus::Pending);
    answer("ada", Some(&oncall)).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_told_where_but_not_its_secrets() {
    let world = World::new().await;
    let open = json!({ "type": "object", "properties": { "count": { "type": "integer" } } });
    let plain = asked(&world, json!({ "schema": open })).await;
    let secret = asked(&world, json!({ "schema": schema() })).await;
    let prefix = |asked: &Execution| {
        format!(
            "Response for inquiry \"{}\" did not pass schema validation. ",
            asked.id
        )
    };

    let wrong = respond(&world, &plain, json!({ "count": "many" })).await;
    let missing = respond(&world, &secret, json!({})).await;
    let leaking = respond(
        &world,
        &secret,
        json!({ "approved": true, "password": 314_159 }),
    )
    .await;

    assert_eq!(
        wrong.unwrap_err().to_string(),
        prefix(&plain) + "In `count`: 'many' is not of type 'integer', 'null'"
    );
    assert_eq!(
        missing.unwrap_err().to_string(),
        prefix(&secret) + "In `approved`: 'approved' is a required property"
    );
    assert_eq!(
        leaking.unwrap_err().to_string(),
        prefix(&secret) + "In `password`: the value is not as `type: ['string', 'null']` says"
    );
}

#[tokio::test]
async fn one_that_nobody_answers_in_time_times_out() {
    let world = World::new().await;
    let minute = asked(&world, json!({ "ttl": 1 })).await;
    let ever = asked(&world, json!({ "ttl": 0 })).await;
    let begun = minute.log.last().unwrap().timestamp;
    let expire = async |after: TimeDelta| {
        let now = begun + after;
        world.executions.expire_inquiries(now, 10).await.unwrap()
    };

    assert_eq!(expire(TimeDelta::seconds(59)).await, 0);
    assert_eq!(expire(TimeDelta::seconds(61)).await, 1);
    assert_eq!(expire(TimeDelta::days(10_000)).await, 0);

    let ended = world.stored(&minute).await;
    assert_eq!(ended.status, ExecutionStatus::TimedOut);
    assert_eq!(ended.result, minute.result, "what was asked stays");
    assert_eq!(world.stored(&ever).await.status, ExecutionStatus::Pending);
    assert_eq!(
        respond(&world, &minute, json!({}))
            .await
            .unwrap_err()
            .to_string(),
        format!(
            "Inquiry \"{}\" timed out and cannot be responded to.",
            minute.id
        )
    );
}

#[tokio::test]
async fn what_does_not_wait_takes_no_answer() {
    let world = World::new().await;
    world.define(json!({})).await;
    let action = world.request(json!({})).await.unwrap();
    let running = claimed(&world, request(json!({})).context, json!({})).await;
    let cancelled = asked(&world, json!({})).await;
    world.executions.cancel(cancelled.id, "me").await.unwrap();
    let nobody: model::ExecutionId = world.ids.next(world.clock.now());
    let refusal = async |id| world.executions.inquiry(id).await.unwrap_err().to_string();

    assert_eq!(
        refusal(action.id).await,
        format!("Action execution \"{}\" is not an inquiry.", action.id)
    );
    assert_eq!(
        refusal(running.id).await,
        format!(
            "Inquiry \"{}\" does not wait for a response yet: it is running.",
            running.id
        )
    );
    assert_eq!(
        refusal(cancelled.id).await,
        format!(
            "Inquiry \"{}\" has ended as canceled and cannot be responded to.",
            cancelled.id
        )
    );
    assert_eq!(
        refusal(nobody).await,
        format!("Inquiry with id \"{nobody}\" not found.")
    );
}

#[tokio::test]
async fn one_that_is_cancelled_before_it_could_ask_is_cancelled() {
    let world = World::new().await;
    let execution = claimed(&world, request(json!({})).context, json!({})).await;
    world.executions.cancel(execution.id, "ada").await.unwrap();

    ask(&world, &execution).await;

    let stored = world.stored(&execution).await;
    assert_eq!(stored.status, ExecutionStatus::Canceled);
    assert_eq!(stored.result.unwrap()["user"], "ada");
}

#[tokio::test]
async fn the_workflow_that_waits_hears_of_the_question_and_of_the_answer() {
    let world = World::new().await;
    let now = world.clock.now();
    let (parent, task) = (
        world.ids.next(now),
        TaskOrigin {
            workflow_execution_id: world.ids.next(now),
            task_execution_id: world.ids.next(now),
            task_name: "approve".to_owned(),
            task_id: "approve".to_owned(),
            task_route: 0,
            item_id: None,
        },
    );
    let context = ExecutionContext {
        parent: Some(parent),
        task: Some(task.clone()),
        ..request(json!({})).context
    };
    let mut workflows = world.bus.work::<TasksChanged>(10).await.unwrap();
    let execution = claimed(&world, context, json!({ "schema": schema() })).await;

    ask(&world, &execution).await;
    respond(&world, &execution, json!({ "approved": true }))
        .await
        .unwrap();

    let mut told = Vec::new();
    while told.len() < 2 {
        let delivery = workflows.next().await.unwrap();
        told.extend(delivery.message.changes.clone());
        delivery.done();
    }
    let states: Vec<_> = told.iter().map(|change| change.status.as_str()).collect();
    assert_eq!(states, ["pending", "succeeded"]);
    assert!(told.iter().all(|change| change.workflow == parent));
    assert!(
        told.iter()
            .all(|change| change.task.as_ref() == Some(&task))
    );
    assert_eq!(
        told[1].result.as_ref().unwrap()["response"],
        json!({ "approved": true })
    );
}

#[test]
fn a_question_that_nobody_could_answer_is_not_asked() {
    let refused = |schema: Value| {
        let parameters = object(json!({ "schema": schema }));
        question(&parameters).unwrap_err().to_string()
    };

    assert_eq!(
        refused(json!("approved")),
        "the parameter `schema` must be an object: a JSON schema of the answer"
    );
    assert!(
        refused(json!({ "type": "object", "properties": { "a": { "type": "bool" } } }))
            .starts_with("the parameter `schema` cannot be used: the schema is malformed at"),
    );
}

#[tokio::test]
async fn a_message_to_the_streams_holds_no_secrets() {
    let world = World::new().await;
    world
        .define(json!({ "message": { "type": "object" }, "token": { "type": "string", "secret": true } }))
        .await;
    let given = json!({ "message": { "text": "the token is abcdef" }, "token": "abcdef" });
    let execution = world.request(given.clone()).await.unwrap();
    let mut streams = world.bus.listen_to_all().await.unwrap();

    let told = world
        .executions
        .broadcast(&execution, "chatops", object(given))
        .await
        .unwrap();

    let masked = json!({ "message": { "text": format!("the token is {MASK}") }, "token": MASK });
    assert_eq!(told, masked);
    let News::Announcement(Announcement::Other { event, body }) = streams.next().await.unwrap()
    else {
        panic!("streams hear a message");
    };
    assert_eq!(event, "st2.announcement__chatops");
    assert_eq!(body["payload"], masked);
    let trace = execution.context.trace.unwrap();
    assert_eq!(body["trace_context"]["id_"], json!(trace.id));
}
