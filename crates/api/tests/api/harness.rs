//! An API in process.

use std::sync::Arc;

use api::{Api, ApiOptions, ApiParts};
use auth::Authenticator;
use axum::Router;
use axum::body::Body;
use bus::{Bus, BusOptions, DefinitionsChanged, News};
use executions::Executions;
use http::{HeaderMap, Method, Request, StatusCode};
use intake::{Intake, IntakeOptions};
use lifecycle::{Clock, Shutdown, Tasks};
use model::{Action, IdSource, Object, Pack, Rule, RunnerType, Trigger, TriggerType};
use secrets::Vault;
use serde_json::{Value, json};
use store::{RuleDraft, Store, StoreOptions};
use tempfile::TempDir;
use tower::ServiceExt;

/// An API with a store of its own.
pub(crate) struct App {
    pub(crate) api: Api,
    pub(crate) router: Router,
    pub(crate) tasks: Tasks,
    _folder: TempDir,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// JSON, or text, or null.
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn fault(&self) -> &str {
        self.body["faultstring"].as_str().unwrap_or_default()
    }
}

impl App {
    /// Everybody is the administrator `root`.
    pub(crate) async fn new() -> Self {
        Self::with(
            Authenticator::Insecure {
                user: "root".into(),
            },
            ApiOptions::default(),
        )
        .await
    }

    pub(crate) async fn with(authenticator: Authenticator, options: ApiOptions) -> Self {
        Self::with_intake(authenticator, options, IntakeOptions::default()).await
    }

    pub(crate) async fn with_intake(
        authenticator: Authenticator,
        options: ApiOptions,
        intake: IntakeOptions,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual("2026-01-01T12:00:00Z".parse().unwrap());
        let store = Store::connect(&StoreOptions::Sqlite {
            path: folder.path().join("petrel.db"),
        })
        .await
        .unwrap();
        store.migrate(clock.now()).await.unwrap();
        let shutdown = Shutdown::new();
        let tasks = Tasks::new(shutdown.clone());
        let bus = Bus::connect(&BusOptions::InProcess, &tasks).await.unwrap();
        let (ids, vault) = (Arc::new(IdSource::new()), Vault::ephemeral());
        define(&store, &ids, &clock).await;
        let intake = Intake::start(
            store.clone(),
            bus.clone(),
            clock.clone(),
            Arc::clone(&ids),
            &tasks,
            intake,
        )
        .await
        .unwrap();
        let executions = Executions::new(
            store.clone(),
            bus.clone(),
            vault.clone(),
            clock.clone(),
            Arc::clone(&ids),
            intake.clone(),
        );
        let parts = ApiParts {
            store,
            bus,
            clock,
            ids,
            vault,
            executions,
            intake,
            authenticator,
            shutdown,
            metrics: None,
            options,
        };
        let api = Api::new(parts);
        Self {
            router: api::router(api.clone()),
            api,
            tasks,
            _folder: folder,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty(), None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, Body::empty(), None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(
            Method::POST,
            path,
            Body::from(body.to_string()),
            Some("application/json"),
        )
        .await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(
            Method::PUT,
            path,
            Body::from(body.to_string()),
            Some("application/json"),
        )
        .await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Body,
        kind: Option<&str>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        self.call(request.body(body).unwrap()).await
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let body = match text.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
        };
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// A rule that listens to the webhook `url` and runs `core.noop`.
    pub(crate) async fn add_hook(&self, url: &str) -> Trigger {
        self.add_rule("core.st2.webhook", url, json!({"url": url}))
            .await
    }

    /// A pack of which nothing but the name is known.
    pub(crate) async fn add_pack(&self, name: &str) {
        let id: model::PackId = self.api.ids.next(self.api.clock.now());
        let pack: Pack = from(json!({
            "id": id, "ref": name, "name": name, "uid": format!("pack:{name}"),
        }));
        self.api.store.save(pack).await.unwrap();
    }

    /// A rule that listens to this and runs `core.noop`, once this process knows of it.
    pub(crate) async fn add_rule(&self, kind: &str, name: &str, parameters: Value) -> Trigger {
        let now = self.api.clock.now();
        let (trigger_id, rule_id): (model::TriggerId, model::RuleId) =
            (self.api.ids.next(now), self.api.ids.next(now));
        let trigger: Trigger = from(json!({
            "uid": format!("trigger:core:{name}:1"), "ref": format!("core.{name}"), "name": name, "pack": "core",
            "type": kind, "parameters": parameters, "id": trigger_id,
        }));
        let rule: Rule = from(json!({
            "uid": format!("rule:demo:{name}"), "name": name, "ref": format!("demo.{name}"), "pack": "demo",
            "type": {"ref": "standard"}, "enabled": true, "action": {"ref": "core.noop"},
            "trigger": {"type": kind, "parameters": parameters, "ref": trigger.trigger_ref},
            "id": rule_id,
        }));
        let draft = RuleDraft { rule, trigger };
        let rule = self.api.store.create_rule(&draft).await.unwrap();
        let intake = self.api.intake.clone();
        let changed = DefinitionsChanged {
            kind: "rule".to_owned(),
        };
        self.api.bus.tell(News::DefinitionsChanged(changed));
        while !intake.is_wanted(&rule.trigger.trigger_ref) {
            intake.changed().await;
        }
        draft.trigger
    }
}

/// The types and actions that tests use.
async fn define(store: &Store, ids: &IdSource, clock: &Clock) {
    for built_in in model::internal_trigger_types() {
        let id: model::TriggerTypeId = ids.next(clock.now());
        let kind: TriggerType = from(json!({
            "uid": format!("trigger_type:core:{}", built_in.name), "ref": format!("core.{}", built_in.name),
            "name": built_in.name, "pack": "core", "payload_schema": built_in.payload_schema,
            "parameters_schema": built_in.parameters_schema, "id": id,
        }));
        store.save(kind).await.unwrap();
    }
    for built_in in model::built_in_runners() {
        let id: model::RunnerTypeId = ids.next(clock.now());
        let runner: RunnerType = from(json!({
            "uid": format!("runner_type:{}", built_in.name), "name": built_in.name, "enabled": true,
            "description": built_in.description, "runner_package": built_in.runner_package,
            "runner_module": built_in.runner_module, "runner_parameters": built_in.runner_parameters,
            "output_schema": built_in.output_schema, "id": id,
        }));
        store.save(runner).await.unwrap();
    }
    action(store, ids, clock, "noop", "noop", json!({})).await;
    let parameters = json!({
        "message": {"type": "string", "required": true},
        "count": {"type": "integer", "default": 1},
        "password": {"type": "string", "secret": true},
        "cmd": {"immutable": true, "default": "echo {{ message }}"},
    });
    action(store, ids, clock, "echo", "local-shell-cmd", parameters).await;
}

async fn action(
    store: &Store,
    ids: &IdSource,
    clock: &Clock,
    name: &str,
    runner: &str,
    parameters: Value,
) {
    let id: model::ActionId = ids.next(clock.now());
    let parameters: Object = from(parameters);
    let action: Action = from(json!({
        "uid": format!("action:core:{name}"), "name": name, "ref": format!("core.{name}"), "pack": "core",
        "enabled": true, "runner_type": runner, "parameters": parameters, "id": id,
    }));
    store.save(action).await.unwrap();
}

fn from<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}
