//! The packs that the bench of sensors generates.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Actions of a generated pack.
const ACTIONS: usize = 25;

/// A sensor that does what a file tells it: dispatches, from so many threads, and writes down how that went.
const FLOOD: &str = r#"
import json
import os
import threading
import time

from st2reactor.sensor.base import Sensor


class Flood(Sensor):
    def setup(self):
        self._folder = self.config["folder"]

    def run(self):
        while True:
            try:
                with open(os.path.join(self._folder, "order.json")) as file:
                    order = json.load(file)
                os.unlink(file.name)
            except FileNotFoundError:
                time.sleep(0.01)
                continue
            self._obey(order)

    def _obey(self, order):
        times = [[] for _ in range(order["threads"])]
        start = time.time()
        threads = [threading.Thread(target=self._dispatch, args=(order, own)) for own in times[1:]]
        for thread in threads:
            thread.start()
        self._dispatch(order, times[0])
        for thread in threads:
            thread.join()
        done = {"seconds": time.time() - start, "times": [taken for own in times for taken in own]}
        draft = os.path.join(self._folder, "done.draft")
        with open(draft, "w") as file:
            json.dump(done, file)
        os.rename(draft, os.path.join(self._folder, "done.json"))

    def _dispatch(self, order, times):
        dispatch = self.sensor_service.dispatch
        for number in range(order["count"] // order["threads"]):
            sent = time.time()
            payload = {"number": number, "sent": sent, "host": "web-17.example.org", "state": "critical"}
            dispatch(trigger=order["trigger"], payload=payload)
            times.append(time.time() - sent)
            if order["pause"]:
                time.sleep(order["pause"])

    def cleanup(self):
        pass

    def add_trigger(self, trigger):
        pass

    def update_trigger(self, trigger):
        pass

    def remove_trigger(self, trigger):
        pass
"#;

/// Written as most published polling sensors are.
const POLLER: &str = r#"
from st2reactor.sensor.base import PollingSensor


class NAME(PollingSensor):
    def __init__(self, sensor_service, config=None, poll_interval=None):
        super(NAME, self).__init__(sensor_service=sensor_service, config=config, poll_interval=poll_interval)
        self._logger = self.sensor_service.get_logger(name=self.__class__.__name__)

    def setup(self):
        self._polls = 0

    def poll(self):
        self._polls += 1
        if self._polls == 1:
            self.sensor_service.dispatch(trigger="PACK.seen_by_NAME", payload={"polls": self._polls})

    def cleanup(self):
        pass

    def add_trigger(self, trigger):
        pass

    def update_trigger(self, trigger):
        pass

    def remove_trigger(self, trigger):
        pass
"#;

/// The pack `flood`, with its one sensor.
pub(super) fn flood(packs: &Path) -> Result<()> {
    let pack = packs.join("flood");
    manifest(&pack, "flood")?;
    let metadata = "class_name: Flood\nentry_point: flood.py\ntrigger_types:\n  - name: heard\n  - name: unheard\n";
    write(&pack.join("sensors/flood.py"), FLOOD)?;
    write(&pack.join("sensors/flood.yaml"), metadata)
}

/// So many packs of 25 actions and 2 polling sensors each.
pub(super) fn pollers(packs: &Path, count: usize) -> Result<()> {
    for number in 0..count {
        let name = format!("polls{number:03}");
        let pack = packs.join(&name);
        manifest(&pack, &name)?;
        for class in ["First", "Second"] {
            let stem = class.to_lowercase();
            let code = POLLER.replace("NAME", class).replace("PACK", &name);
            let metadata = format!(
                "class_name: {class}\nentry_point: {stem}.py\npoll_interval: 10\ntrigger_types:\n  - name: seen_by_{class}\n"
            );
            write(&pack.join(format!("sensors/{stem}.py")), &code)?;
            write(&pack.join(format!("sensors/{stem}.yaml")), &metadata)?;
        }
        for action in 0..ACTIONS {
            let metadata = format!(
                "name: act{action}\nrunner_type: python-script\nentry_point: act{action}.py\nparameters:\n  host:\n    type: string\n    required: true\n"
            );
            let code = "from st2common.runners.base_action import Action\n\n\nclass Act(Action):\n    def run(self, host):\n        return host\n";
            write(&pack.join(format!("actions/act{action}.yaml")), &metadata)?;
            write(&pack.join(format!("actions/act{action}.py")), code)?;
        }
    }
    Ok(())
}

fn manifest(pack: &Path, name: &str) -> Result<()> {
    let text = format!(
        "ref: {name}\nname: {name}\ndescription: Generated\nversion: 1.0.0\nauthor: Petrel\nemail: petrel@example.com\npython_versions: [\"3\"]\n"
    );
    write(&pack.join("pack.yaml"), &text)
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::create_dir_all(path.parent().context("it lies in a folder")?)?;
    Ok(fs::write(path, text)?)
}
