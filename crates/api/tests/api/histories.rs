//! What one event led to, as each of its histories shows it.

use http::StatusCode;
use model::{
    EnforcedRule, EnforcementStatus, Execution, Rule, RuleEnforcement, RuleOrigin, Trigger,
    TriggerInstanceOrigin, TriggerInstanceStatus,
};
use serde_json::{Value, json};
use store::ProcessedInstance;

use crate::harness::App;

/// One posted event that a rule answered with one execution.
struct Story {
    app: App,
    trigger: Trigger,
    rule: Rule,
    instance: String,
    enforcement: String,
    execution: String,
}

impl Story {
    async fn new() -> Self {
        let app = App::new().await;
        let trigger = app.add_hook("deploy").await;
        app.post("/v1/webhooks/deploy", json!({"kind": "go"})).await;
        let rule: Rule = app.api.store.find("demo.deploy").await.unwrap().unwrap();
        let (enforcement, execution) = fire(&app, &rule).await;
        let instance = enforcement.trigger_instance_id.to_string();
        let (enforcement, execution) = (enforcement.id.to_string(), execution.id.to_string());
        Self {
            app,
            trigger,
            rule,
            instance,
            enforcement,
            execution,
        }
    }

    async fn get(&self, path: String) -> Value {
        let answer = self.app.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        answer.body
    }
}

/// Does what the rules engine would do.
async fn fire(app: &App, rule: &Rule) -> (RuleEnforcement, Execution) {
    let page = model::Page {
        limit: 1,
        offset: 0,
    };
    let instances = app
        .api
        .store
        .trigger_instances(&store::TriggerInstanceFilter::default(), page)
        .await
        .unwrap();
    let instance = instances.items.into_iter().next().unwrap();
    let made = app
        .post("/v1/executions", json!({"action": "core.noop"}))
        .await;
    let template = app
        .api
        .store
        .execution(made.body["id"].as_str().unwrap().parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    let now = app.api.clock.now();
    let mut execution = Execution {
        id: app.api.ids.next(now),
        ..template
    };
    let enforcement = RuleEnforcement {
        id: app.api.ids.next(now),
        trigger_instance_id: instance.id,
        execution_id: Some(execution.id),
        rule: EnforcedRule {
            rule_ref: rule.rule_ref.to_string(),
            id: rule.id,
            uid: rule.uid.clone(),
        },
        enforced_at: now,
        status: EnforcementStatus::Succeeded,
        failure_reason: None,
        trace: instance.trace.clone(),
    };
    execution.context.rule = Some(RuleOrigin {
        id: rule.id,
        name: rule.name.clone(),
        rule_ref: rule.rule_ref.to_string(),
    });
    execution.context.trigger_instance = Some(TriggerInstanceOrigin {
        id: instance.id,
        trigger: instance.trigger.clone(),
        trigger_type: instance.trigger_type.clone(),
    });
    execution.context.enforcement = Some(enforcement.id);
    execution.context.trace = Some(instance.trace.clone());
    let processed = ProcessedInstance {
        id: instance.id,
        status: TriggerInstanceStatus::Processed,
        reason: String::new(),
        enforcements: vec![enforcement.clone()],
        executions: vec![execution.clone()],
    };
    app.api
        .store
        .finish_trigger_instances(&[processed])
        .await
        .unwrap();
    (enforcement, execution)
}

#[tokio::test]
async fn an_execution_shows_the_rule_and_the_event_behind_it() {
    let story = Story::new().await;

    let view = story
        .get(format!("/v1/executions/{}", story.execution))
        .await;

    assert_eq!(view["rule"]["ref"], "demo.deploy");
    assert_eq!(view["trigger"]["ref"], story.trigger.trigger_ref.as_str());
    assert_eq!(view["trigger_type"]["ref"], "core.st2.webhook");
    assert_eq!(view["trigger_instance"]["id"], story.instance.as_str());
    assert_eq!(
        view["trigger_instance"]["payload"]["body"],
        json!({"kind": "go"})
    );
    assert_eq!(
        view["context"]["rule"],
        json!({"id": story.rule.id, "name": "deploy"})
    );
    assert_eq!(
        view["context"]["trigger_instance"],
        json!({"id": story.instance, "name": null})
    );
    assert!(
        view["context"]["trace_context"]["trace_tag"]
            .as_str()
            .unwrap()
            .starts_with("webhook-deploy-")
    );
}

#[tokio::test]
async fn executions_are_found_by_what_led_to_them() {
    let story = Story::new().await;

    for query in [
        format!("trigger_instance={}", story.instance),
        "rule=deploy".to_owned(),
        "trigger=deploy".to_owned(),
        "trigger_type=st2.webhook".to_owned(),
    ] {
        let found = story
            .get(format!(
                "/v1/executions?include_attributes=rule.ref&{query}"
            ))
            .await;
        assert_eq!(
            found,
            json!([{"rule": {"ref": "demo.deploy"}, "id": story.execution}]),
            "{query}"
        );
    }
}

#[tokio::test]
async fn an_execution_outlives_its_rule() {
    let story = Story::new().await;
    story.app.delete("/v1/rules/demo.deploy").await;

    let view = story
        .get(format!("/v1/executions/{}", story.execution))
        .await;

    assert_eq!(
        view["rule"],
        json!({"id": story.rule.id, "name": "deploy", "ref": "demo.deploy"})
    );
}

#[tokio::test]
async fn an_enforcement_is_shown_alone_and_with_its_members() {
    let story = Story::new().await;
    let alone = json!({
        "trigger_instance_id": story.instance, "execution_id": story.execution,
        "rule": {"ref": "demo.deploy", "id": story.rule.id, "uid": "rule:demo:deploy"},
        "enforced_at": "2026-01-01T12:00:00.000000Z", "status": "succeeded", "id": story.enforcement,
    });

    assert_eq!(
        story
            .get(format!("/v1/ruleenforcements/{}", story.enforcement))
            .await,
        alone
    );
    for query in [
        "rule_ref=demo.deploy".to_owned(),
        format!("execution={}", story.execution),
        format!("trigger_instance={}", story.instance),
        format!("rule_id={}", story.rule.id),
    ] {
        assert_eq!(
            story.get(format!("/v1/ruleenforcements?{query}")).await,
            json!([alone]),
            "{query}"
        );
    }
    let whole = story
        .get(format!("/v1/ruleenforcements/views/{}", story.enforcement))
        .await;
    assert_eq!(whole["trigger_instance"]["status"], "processed");
    assert_eq!(
        whole["execution"]["action"],
        json!({"ref": "core.noop", "parameters": {}})
    );
    assert_eq!(whole["execution"]["id"], story.execution.as_str());
    assert_eq!(
        story.get("/v1/ruleenforcements/views".to_owned()).await,
        json!([whole])
    );
}

#[tokio::test]
async fn a_trace_joins_event_rule_and_execution() {
    let story = Story::new().await;

    let found = story
        .get(format!("/v1/traces?execution={}", story.execution))
        .await;

    let trace = &found[0];
    assert_eq!(
        trace["trigger_instances"][0]["object_id"],
        story.instance.as_str()
    );
    assert_eq!(trace["trigger_instances"][0]["caused_by"], json!({}));
    assert_eq!(trace["rules"][0]["ref"], "demo.deploy");
    assert_eq!(
        trace["rules"][0]["caused_by"],
        json!({"type": "trigger_instance", "id": story.instance})
    );
    assert_eq!(
        trace["action_executions"][0]["object_id"],
        story.execution.as_str()
    );
    let cause = format!("{}:{}", story.rule.id, story.instance);
    assert_eq!(
        trace["action_executions"][0]["caused_by"],
        json!({"type": "rule", "id": cause})
    );
    assert_eq!(
        story
            .get(format!("/v1/traces/{}", trace["id"].as_str().unwrap()))
            .await,
        *trace
    );
    for query in [
        format!("trigger_instance={}", story.instance),
        format!("rule={}", story.rule.id),
    ] {
        assert_eq!(
            story.get(format!("/v1/traces?{query}")).await,
            found,
            "{query}"
        );
    }
}

#[tokio::test]
async fn histories_of_what_nobody_knows_are_empty_or_not_found() {
    let app = App::new().await;
    let nobody = "000000000000000000000000";

    for list in [
        "ruleenforcements",
        "ruleenforcements/views",
        "traces",
        "triggerinstances",
        "executions",
    ] {
        for query in [
            "",
            "?trigger_instance=nonsense",
            "?limit=1",
            "?id=000000000000000000000000,nonsense",
        ] {
            let answer = app.get(&format!("/v1/{list}{query}")).await;
            assert_eq!(
                (answer.status, answer.body),
                (StatusCode::OK, json!([])),
                "{list}{query}"
            );
        }
        for id in [nobody, "nonsense"] {
            let answer = app.get(&format!("/v1/{list}/{id}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{list}/{id}");
            assert_eq!(
                answer.fault(),
                format!("Unable to identify resource with id \"{id}\".")
            );
        }
    }
    let bad = app.get("/v1/ruleenforcements?enforced_at_gt=never").await;
    assert_eq!(
        (bad.status, bad.fault()),
        (
            StatusCode::BAD_REQUEST,
            "Datetime value does not match expected format."
        )
    );
}
