//! What is secret stays so in records, results and errors.

use model::ExecutionStatus as S;
use model::{KeyScope, KeyValue};
use serde_json::json;

use crate::service::testing::{World, attentive, object, restless};

const SECRET: &str = "hunter2-and-more";

#[tokio::test]
async fn secret_inputs_are_sealed_in_records() {
    let (mut world, _role) = World::conducted(attentive()).await;
    let text = r"
version: 1.0
input: [password]
vars: [copy: <% ctx(password) %>]
tasks:
  a:
    action: demo.act
";
    let parameters = json!({ "password": { "type": "string", "secret": true } });
    world
        .define_as("secretive", "orquesta", text, parameters)
        .await;
    let workflow = world
        .request("secretive", json!({ "password": SECRET }))
        .await;
    world.succeed("a", json!({})).await;
    world.until(workflow, S::Succeeded).await;

    let records = world.records(workflow).await;
    assert!(!records.contains(SECRET), "{records}");
}

/// A datastore item that is encrypted.
async fn keep_secret(world: &World) {
    let now = world.clock.now();
    let item = KeyValue {
        id: model::IdSource::new().next(now),
        scope: KeyScope::System,
        name: "password".to_owned(),
        value: world.vault.seal(&json!(SECRET).to_string()),
        is_secret: true,
        expires_at: None,
        updated_at: now,
    };
    world.store.put_key(&item).await.unwrap();
}

#[tokio::test]
async fn decrypted_datastore_items_are_sealed_in_records() {
    let (mut world, _role) = World::conducted(attentive()).await;
    keep_secret(&world).await;
    let text = r"
version: 1.0
vars:
  - password: <% st2kv('system.password', decrypt => true) %>
tasks:
  a:
    action: demo.act
";
    world.define("reads", text).await;
    let workflow = world.request("reads", json!({})).await;
    world.succeed("a", json!({})).await;
    world.until(workflow, S::Succeeded).await;

    let records = world.records(workflow).await;
    assert!(!records.contains(SECRET), "{records}");
}

#[tokio::test]
async fn a_chain_seals_decrypted_datastore_items() {
    let (mut world, _role) = World::conducted(attentive()).await;
    keep_secret(&world).await;
    let text = r#"
vars: {password: "{{ st2kv.system.password | decrypt_kv }}"}
chain:
  - {name: one, ref: demo.act}
"#;
    world
        .define_as("chain", "action-chain", text, json!({}))
        .await;
    let workflow = world.request("chain", json!({})).await;
    world.succeed("one", json!({})).await;
    world.until(workflow, S::Succeeded).await;

    let records = world.records(workflow).await;
    assert!(!records.contains(SECRET), "{records}");
}

/// `demo.tell`, whose result is secret.
async fn define_teller(world: &World) {
    let mut action = world.action("tell", "noop", "", json!({})).await;
    action.output_schema = object(json!({
        "type": "object", "properties": { "word": { "type": "string", "secret": true } },
    }));
    world.store.save(action).await.unwrap();
}

#[tokio::test]
async fn secret_results_are_sealed_in_records_and_kept_out_of_errors() {
    let (mut world, _role) = World::conducted(attentive()).await;
    define_teller(&world).await;
    let text = r"
version: 1.0
tasks:
  a:
    action: demo.tell
    next: [{publish: word=<% result().word %>, do: b}]
  b:
    action: demo.tell
";
    world.define("tells", text).await;
    let workflow = world.request("tells", json!({})).await;
    world.succeed("a", json!({ "word": SECRET })).await;
    let last = world.task("b").await;
    world.end(last, S::Failed, json!({ "word": SECRET })).await;

    let ended = world.until(workflow, S::Failed).await;
    let result = ended.result.unwrap().to_string();
    assert!(!result.contains(SECRET), "{result}");
    let records = world.records(workflow).await;
    assert!(!records.contains(SECRET), "{records}");
}

#[tokio::test]
async fn a_chain_that_was_taken_over_still_seals_what_it_learnt() {
    let mut world = World::new().await;
    let first = world.process(attentive()).await;
    define_teller(&world).await;
    let text = r"
chain:
  - {name: one, ref: demo.tell, publish: {word: '{{ one.word }}'}, on-success: two}
  - {name: two, ref: demo.act, publish: {copy: '{{ word }}'}, on-success: three}
  - {name: three, ref: demo.act}
";
    world
        .define_as("chain", "action-chain", text, json!({}))
        .await;
    let workflow = world.request("chain", json!({})).await;
    world.succeed("one", json!({ "word": SECRET })).await;
    let second = world.task("two").await;

    first.kill();
    world.clock.advance(std::time::Duration::from_secs(11));
    let _role = world.role(restless());
    world.end(second, S::Succeeded, json!({})).await;
    world.task("three").await;

    let records = world.records(workflow).await;
    assert!(!records.contains(SECRET), "{records}");
}
