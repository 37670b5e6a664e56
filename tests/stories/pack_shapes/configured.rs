//! Packs that are configured: with secrets, nested, and with values out of the datastore.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use stories::engine::{Answer, Backend};

use super::world::{World, holds};

crate::on_both_backends![
    secrets_are_configured_and_shown_to_nobody,
    what_is_nested_has_defaults_and_values_of_the_datastore,
];

const PASSWORD: &str = "correct-horse-4711";
const TOKEN: &str = "battery-staple-0815";
const MASK: &str = "********";

/// What the actions make of a secret, so that they need not show it.
fn mark(text: &str) -> Result<String> {
    let script = "import hashlib, sys; print(hashlib.sha256(sys.argv[1].encode()).hexdigest())";
    let output = std::process::Command::new("python3")
        .args(["-c", script, text])
        .output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// What is said of a request that makes no sense.
fn fault(answer: Answer) -> Result<String> {
    let body = answer.expect(400)?;
    Ok(body["faultstring"].as_str().unwrap_or_default().to_owned())
}

fn secrets_are_configured_and_shown_to_nobody(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let safebox = world.publish("safebox")?;

    world.install(&safebox, "1.0.0")?;
    let unconfigured = world.run(&["safebox.login"])?;
    assert_eq!(unconfigured["status"], "failed");
    let values = json!({
        "url": "https://safe.example.com", "password": PASSWORD,
        "accounts": { "ada": { "user": "ada", "token": TOKEN } },
    });
    let wrong = json!({ "url": 7, "password": PASSWORD });
    let refused = world.engine.http.put("/v1/configs/safebox", &wrong)?;
    let said = fault(refused)?;
    ensure!(said.contains("\"url\" must be text, not 7"), "{said}");
    ensure!(!said.contains(PASSWORD), "{said}");
    let stored = world
        .engine
        .http
        .put("/v1/configs/safebox", &values)?
        .expect(200)?;
    assert_eq!(stored["values"]["password"], MASK);
    assert_eq!(
        stored["values"]["accounts"]["ada"]["token"], MASK,
        "{stored}"
    );

    let expected = json!({
        "who": ["https://safe.example.com", "stackstorm"], "password": mark(PASSWORD)?,
        "accounts": { "ada": ["ada", "north", mark(TOKEN)?] },
    });
    assert_eq!(world.returned(&["safebox.login"])?, expected);

    world.install(&safebox, "1.1.0")?;
    let mut expected = expected;
    expected["timeout"] = json!(30);
    assert_eq!(world.returned(&["safebox.login"])?, expected);

    for path in [
        "/v1/configs",
        "/v1/configs/safebox",
        "/v1/executions?include_attributes=result,parameters,context&limit=100",
    ] {
        let shown = world.get(path)?.to_string();
        ensure!(
            !shown.contains(PASSWORD) && !shown.contains(TOKEN),
            "{shown}"
        );
    }
    let stored = world.stored()?;
    ensure!(
        holds(&stored, "safe.example.com"),
        "this is not the database"
    );
    ensure!(
        !holds(&stored, PASSWORD) && !holds(&stored, TOKEN),
        "the database"
    );
    let logs = world.engine.logs();
    ensure!(!logs.contains(PASSWORD) && !logs.contains(TOKEN), "{logs}");

    world.remove("safebox")?;
    world.install(&safebox, "1.1.0")?;
    let config = world.engine.http.get("/v1/configs/safebox")?;
    assert_eq!(config.status, 404, "a removed pack's configuration is gone");
    a_person_is_asked(&world)?;
    world.remove("safebox")
}

/// A person at a terminal is asked for each value.
fn a_person_is_asked(world: &World) -> Result<()> {
    let shown = world.at_terminal(
        &[
            ("url: ", "https://other.example.com"),
            ("username [stackstorm]: ", ""),
            ("password (secret): ", PASSWORD),
            ("accounts (JSON): ", ""),
            ("account.user: ", "nobody"),
            ("account.token (secret): ", ""),
            ("account.region [north]: ", ""),
            ("timeout (whole number) [30]: ", "soon"),
            ("timeout (whole number) [30]: ", "7"),
        ],
        &["pack", "config", "safebox"],
    )?;
    ensure!(shown.contains("pack safebox is configured"), "{shown}");
    ensure!(!shown.contains(PASSWORD), "it was shown while it was typed");
    let expected = json!({
        "who": ["https://other.example.com", "stackstorm"], "password": mark(PASSWORD)?,
        "accounts": {}, "timeout": 7,
    });
    assert_eq!(world.returned(&["safebox.login"])?, expected);
    Ok(())
}

fn what_is_nested_has_defaults_and_values_of_the_datastore(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let fleet = world.publish("fleet")?;
    let config = json!({
        "harbour": { "name": "Kiel", "radio": { "code": "{{ st2kv.system.radio_code }}" } },
        "ships": [{ "name": "Gorch" }, { "name": "Fock", "papers": "{{st2kv.system.papers}}", "crew": 9 }],
        "limits": { "north": {}, "south": { "tons": 7 } },
        "captain": "{{ st2kv.user.captain }}",
    });
    world.st2(&["key", "set", "--encrypt", "radio_code", "1234"])?;
    world.st2(&["key", "set", "--encrypt", "papers", TOKEN])?;
    world.st2(&["key", "set", "--scope", "user", "captain", "Ada"])?;

    world.install(&fleet, "1.0.0")?;
    let refused = world
        .engine
        .http
        .put("/v1/configs/fleet", &json!({ "harbour": {} }))?;
    let said = fault(refused)?;
    ensure!(
        said.contains("\"name\" is missing in \"harbour\""),
        "{said}"
    );
    world
        .engine
        .http
        .put("/v1/configs/fleet", &config)?
        .expect(200)?;
    let mut expected = json!({
        "flag": "blue",
        "harbour": { "name": "Kiel", "depth": 12, "radio": { "channel": 16, "code": mark("1234")? } },
        "ships": [{ "name": "Gorch", "crew": 3 }, { "name": "Fock", "crew": 9, "papers": mark(TOKEN)? }],
        "limits": { "north": { "tons": 100 }, "south": { "tons": 7 } },
        "captain": "Ada",
    });
    let report = |expected: &Value| -> Result<()> {
        let reported = world.returned(&["fleet.report"])?;
        assert_eq!(reported["config"], *expected);
        assert_eq!(reported["hail"], "Kiel, channel 16");
        Ok(())
    };
    report(&expected)?;

    world.install(&fleet, "1.1.0")?;
    expected["harbour"]["depth"] = json!(14);
    expected["ships"][0]["crew"] = json!(5);
    report(&expected)?;

    // What is not there is nothing; what cannot be is said with its place.
    world.tried(&["key", "delete", "--scope", "user", "captain"])?;
    expected["captain"] = Value::Null;
    report(&expected)?;
    let mut broken = config;
    broken["ships"][0]["papers"] = json!("{{ st2kv.system.flag | decrypt_it }}");
    world
        .engine
        .http
        .put("/v1/configs/fleet", &broken)?
        .expect(200)?;
    let failed = json!({ "action": "fleet.report" });
    let failed = world.engine.http.post("/v1/executions", &failed)?;
    let said = fault(failed)?;
    ensure!(
        said.contains("`ships.0.papers` in the pack's configuration"),
        "{said}"
    );
    ensure!(said.contains("decrypt_it"), "{said}");
    world.remove("fleet")
}
