use super::*;

#[tokio::test]
async fn a_request_is_stored_announced_to_runners_and_told_to_streams() {
    let world = World::new().await;
    world.define(json!({"message": {"type": "string"}})).await;
    let mut worker: Worker<ExecutionsRequested> = world.bus.work(1).await.unwrap();
    let mut streams = world.bus.listen_to_all().await.unwrap();

    let execution = world.request(json!({"message": "hi"})).await.unwrap();

    assert_eq!(
        world.stored(&execution).await.parameters,
        execution.parameters
    );
    let delivery = worker.next().await.unwrap();
    assert_eq!(
        delivery.message.executions,
        std::slice::from_ref(&execution)
    );
    assert_eq!(announced(&mut streams).await.id, execution.id);
    assert_eq!(
        (execution.status, &*execution.context.pack),
        (ExecutionStatus::Requested, "demo")
    );
    assert_eq!(
        execution.context.trace.unwrap().tag,
        format!("execution-{}", execution.id)
    );
}

#[tokio::test]
async fn secrets_are_sealed_before_anything_is_stored_or_announced() {
    let world = World::new().await;
    world
        .define(json!({"login": {"type": "object", "properties": {"token": {"secret": true}}}}))
        .await;
    let mut worker: Worker<ExecutionsRequested> = world.bus.work(1).await.unwrap();
    let mut streams = world.bus.listen_to_all().await.unwrap();

    let given = json!({"login": {"token": "hunter2"}, "sudo_password": "swordfish"});
    let execution = world.request(given.clone()).await.unwrap();

    let stored = serde_json::to_string(&world.stored(&execution).await).unwrap();
    let message = serde_json::to_string(&worker.next().await.unwrap().message).unwrap();
    for text in [stored, message] {
        assert!(
            !text.contains("hunter2") && !text.contains("swordfish"),
            "{text}"
        );
    }
    let shown = announced(&mut streams).await;
    assert_eq!(
        Value::Object(shown.parameters),
        json!({"login": {"token": MASK}, "sudo_password": MASK})
    );
    let opened = world.executions.final_parameters(&execution).await.unwrap();
    assert_eq!(
        (&opened.action["login"], &opened.runner["sudo_password"]),
        (&given["login"], &given["sudo_password"])
    );
}

#[tokio::test]
async fn templates_see_datastore_configuration_context_and_further_variables() {
    let world = World::new().await;
    world.define(json!({"text": {"type": "string"}, "count": {"type": "integer", "default": "{{ config_context.count }}"}})).await;
    world.put_key(KeyScope::System, "a.b", "system").await;
    world
        .put_key(KeyScope::User("me".to_owned()), "mine", "user")
        .await;
    let sealed = world.vault.seal("7");
    let config = PackConfig {
        id: world.ids.next(world.clock.now()),
        pack: "demo".to_owned(),
        values: object(json!({ "count": sealed })),
    };
    world.store.save(config).await.unwrap();
    let text =
        "{{ st2kv.system.a.b }} {{ st2kv.user.mine }} {{ action_context.user }} {{ trigger.x }}";
    let mut asked = request(json!({"text": text}));
    asked
        .variables
        .push(("trigger".to_owned(), Arc::new(json!({"x": 1}))));

    let execution = world.executions.prepare(asked).await.unwrap();

    assert_eq!(
        Value::Object(execution.parameters),
        json!({"text": "system user me 1", "count": 7})
    );
}

#[tokio::test]
async fn refusals_have_the_words_that_clients_know() {
    let world = World::new().await;
    world.define(json!({"n": {"type": "integer", "required": true}, "fixed": {"immutable": true, "default": 1}})).await;
    let refused = async |parameters| world.request(parameters).await.unwrap_err().to_string();

    assert_eq!(refused(json!({})).await, "'n' is a required property");
    assert_eq!(
        refused(json!({"n": 1, "x": 2})).await,
        "Additional properties are not allowed ('x' was unexpected)"
    );
    assert_eq!(
        refused(json!({"n": "{{ y }}"})).await,
        "Dependency unsatisfied in variable \"y\": parameter `n` names it, and it has no value here"
    );
    assert_eq!(
        refused(json!({"n": "{{ fixd }}"})).await,
        "Dependency unsatisfied in variable \"fixd\": parameter `n` names it, and it has no value here; did you mean `fixed`?"
    );
    assert_eq!(
        refused(json!({"n": "1{{ fixed | itn }}"})).await,
        "Failed to render parameter \"n\": `1{{ fixed | itn }}`: there is no filter called `itn` (column 13); did you mean `int`?"
    );
    assert_eq!(
        refused(json!({"n": 1, "fixed": 2})).await,
        "Override of immutable parameter(s) ['fixed'] is unsupported."
    );
    assert_eq!(
        refused(json!({"n": "one"})).await,
        "parameter `n`: invalid literal for int() with base 10: 'one'"
    );
}

#[tokio::test]
async fn a_request_sees_what_was_changed_just_before() {
    let world = World::new().await;
    let mut action = world.define(json!({})).await;
    world.request(json!({})).await.unwrap();

    action.enabled = false;
    world.store.save(action).await.unwrap();

    let error = world.request(json!({})).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "Unable to execute. Action \"demo.act\" is disabled."
    );
    let unknown = ExecutionRequest {
        action: "demo.none".to_owned(),
        ..request(json!({}))
    };
    let error = world.executions.request(unknown).await.unwrap_err();
    assert_eq!(error.to_string(), "Action \"demo.none\" cannot be found.");
}

#[tokio::test]
async fn a_rerun_takes_the_old_parameters_with_their_secrets_and_its_trace() {
    let world = World::new().await;
    world
        .define(json!({"a": {"type": "string"}, "b": {"type": "string", "secret": true}}))
        .await;
    let first = world
        .request(json!({"a": "x", "b": "hunter2"}))
        .await
        .unwrap();

    let options = RerunOptions {
        parameters: object(json!({"a": "y"})),
        user: "you".to_owned(),
        ..RerunOptions::default()
    };
    let second = world.executions.re_run(first.id, options).await.unwrap();

    let parameters = world
        .executions
        .final_parameters(&second)
        .await
        .unwrap()
        .action;
    assert_eq!(Value::Object(parameters), json!({"a": "y", "b": "hunter2"}));
    assert_eq!(second.context.re_run_of, Some(first.id));
    assert_eq!(second.context.trace, first.context.trace);
    assert_eq!(second.context.user, "you");
}

#[tokio::test]
async fn an_action_that_overrides_what_it_may_not_says_so() {
    let world = World::new().await;
    world.define(json!({"timeout": {"type": "string"}})).await;

    let error = world.request(json!({})).await.unwrap_err();

    assert_eq!(
        error.to_string(),
        "The attribute \"type\" for the runner parameter \"timeout\" in action \"demo.act\" cannot be overridden."
    );
}
