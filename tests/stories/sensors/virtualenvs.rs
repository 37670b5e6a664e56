//! A pack that wants libraries: its sensors run from a virtualenv that nobody has asked for.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use stories::engine::{Backend, Engine, EngineOptions};
use stories::published::make_wheels;

use super::world::{is_running, until_status_within};

crate::on_both_backends![a_sensors_virtualenv_is_built_and_followed];

/// A virtualenv is minutes of work where a machine has much else to do.
const BUILDING: Duration = Duration::from_mins(5);

const SENSOR: &str = r#"
import shout
from st2reactor.sensor.base import PollingSensor


class Shouter(PollingSensor):
    def setup(self):
        pass

    def poll(self):
        self.sensor_service.dispatch("shouting.shouted", {"text": shout.shout("hello"), "from": shout.__file__})

    def cleanup(self):
        pass

    def add_trigger(self, trigger):
        pass

    def update_trigger(self, trigger):
        pass

    def remove_trigger(self, trigger):
        pass
"#;

/// The library that is not there at first.
const LIBRARY: &str = "VERSION = \"1.0\"\n\n\ndef shout(text):\n    return text.upper()\n";

/// The pack `shouting`, which wants a library that is not there.
fn pack(folder: &Path) -> Result<()> {
    let pack = folder.join("shouting");
    for inside in ["sensors", "vendor"] {
        fs::create_dir_all(pack.join(inside))?;
    }
    let about = "ref: shouting\nname: shouting\ndescription: Shouts\nversion: 1.0.0\nauthor: Petrel\nemail: petrel@example.com\n";
    fs::write(pack.join("pack.yaml"), about)?;
    fs::write(
        pack.join("requirements.txt"),
        "./vendor/gone-1.0-py3-none-any.whl\n",
    )?;
    fs::write(pack.join("sensors/shouter.py"), SENSOR)?;
    let metadata = "class_name: Shouter\nentry_point: shouter.py\npoll_interval: 4\ntrigger_types:\n  - name: shouted\n";
    fs::write(pack.join("sensors/shouter.yaml"), metadata)?;
    let vendor = pack.join("vendor");
    fs::write(vendor.join("shout.py"), LIBRARY)?;
    make_wheels(&vendor)
}

fn a_sensors_virtualenv_is_built_and_followed(backend: Backend) -> Result<()> {
    let packs = tempfile::tempdir()?;
    pack(packs.path())?;
    let engine = Engine::start(&EngineOptions::new(backend).with_packs(packs.path()))?;
    let sensor = "shouting.Shouter";

    // A build that fails says which requirement did, and is tried again.
    let failed = until_status_within(BUILDING, &engine, sensor, |status| {
        status["restarts"].as_u64() >= Some(2)
    })?;
    let error = failed["last_error"].as_str().unwrap_or_default();
    assert!(
        error.contains("the virtualenv of pack `shouting` cannot be built"),
        "{error}"
    );
    assert!(
        error.contains("vendor/gone-1.0-py3-none-any.whl"),
        "{error}"
    );

    // With other requirements it is built, and the sensor runs from it.
    let copy = engine
        .packs
        .last()
        .context("the engine's copy")?
        .join("shouting");
    fs::write(
        copy.join("requirements.txt"),
        "./vendor/shout-1.0-py3-none-any.whl\n",
    )?;
    let lock = engine.folder().join("data/virtualenvs/.shouting/lock");
    let lock = File::options().append(true).open(lock)?;
    // As somebody who builds for a long time.
    lock.lock()?;
    let registered = json!({"types": ["all"], "packs": ["shouting"]});
    engine
        .http
        .post("/v1/packs/register", &registered)?
        .expect(200)?;
    // Not the one before, which may be trying again: it would build as well, and go on counting.
    until_status_within(BUILDING, &engine, sensor, |status| {
        status["state"] == "building" && status["restarts"] == 0
    })?;
    lock.unlock()?;
    let running = until_status_within(BUILDING, &engine, sensor, is_running)?;
    assert_eq!(running["restarts"], 0, "it begins anew: {running}");
    let instances = engine.wait_for_list("/v1/triggerinstances?trigger=shouting.shouted", 1)?;
    let payload = &instances[0]["payload"];
    assert_eq!(payload["text"], "HELLO");
    let from = payload["from"].as_str().unwrap_or_default();
    assert!(
        from.contains("virtualenvs/") && from.contains("site-packages"),
        "{from}"
    );

    // Built anew, it is run from what is there now.
    let request =
        json!({"action": "packs.setup_virtualenv", "parameters": {"packs": ["shouting"]}});
    let asked = engine.http.post("/v1/executions", &request)?.expect(201)?;
    let ended = engine.wait_for_end(asked["id"].as_str().context("an id")?)?;
    assert_eq!(ended["status"], "succeeded", "{ended:#}");
    let again = until_status_within(BUILDING, &engine, sensor, |status: &Value| {
        is_running(status) && status["pid"] != running["pid"]
    })?;
    assert_eq!(again["restarts"], 0, "{again}");
    let logs = engine.logs();
    assert!(
        logs.contains("the pack's virtualenv has changed: the sensor is started anew"),
        "{logs}"
    );
    Ok(())
}
