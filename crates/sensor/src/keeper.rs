//! Keeps one sensor alive: starts its process, and starts it again when it has failed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use intake::{Event, Intake, Target};
use model::{Object, Sensor, SensorState};
use parking_lot::Mutex;
use python_worker::Interpreter;
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::SensorOptions;
use crate::backoff::Backoff;
use crate::calls::{Calls, Tenure, chain};
use crate::conversation::{Conversation, Left};
use crate::installation::Installation;
use crate::masking::Masking;
use crate::process::{Process, Program, arguments};
use crate::report::Report;
use crate::service::SensorResources;
use crate::triggers::Told;
use crate::wanted::Wanted;
use crate::workshop::Workshop;

/// Whose configuration is read (st2's system user).
const SYSTEM_USER: &str = "stanley";

/// What a sensor is told to do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Orders {
    /// End, cleanly.
    pub(crate) stop: CancellationToken,
    /// End at once: somebody else runs the sensor.
    pub(crate) kill: CancellationToken,
}

impl Orders {
    async fn any(&self) {
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = self.kill.cancelled() => {}
        }
    }
}

/// One sensor that runs here.
#[derive(Debug)]
pub(crate) struct Keeper {
    pub(crate) wanted: Wanted,
    pub(crate) resources: SensorResources,
    pub(crate) options: Arc<SensorOptions>,
    pub(crate) orders: Orders,
    pub(crate) report: Arc<Report>,
    pub(crate) tenure: Tenure,
    pub(crate) workshop: Arc<Workshop>,
    /// The virtualenv that its process runs from.
    pub(crate) installation: Arc<Mutex<Option<Installation>>>,
}

impl Keeper {
    /// Until it is told to end.
    pub(crate) async fn keep(self) {
        let sensor_ref = self.wanted.known_by();
        let mut backoff = Backoff::new(&self.options);
        loop {
            let began = Instant::now();
            let left = self.run(&sensor_ref).await;
            if left.was_stopped {
                break;
            }
            if left.code == 0 {
                tracing::warn!(sensor.ref = sensor_ref, "the sensor has ended by itself; it is not started again");
                self.report.ended(SensorState::Ended);
                self.orders.any().await;
                break;
            }
            let pause = backoff.after(began.elapsed());
            let error = left
                .error
                .unwrap_or_else(|| format!("its process has ended with code {}", left.code));
            tracing::error!(
                sensor.ref = sensor_ref,
                "the sensor has failed, next try in {} s: {error}",
                pause.as_secs_f64()
            );
            self.report.failed(&error);
            self.report.ended(SensorState::Failed);
            tokio::select! {
                () = tokio::time::sleep(pause) => self.report.restarts(),
                () = self.orders.any() => break,
            }
        }
        self.report.ended(SensorState::Stopped);
    }

    /// From the start of a process to its end; what prevents the start is an end too.
    async fn run(&self, sensor_ref: &str) -> Left {
        let failed = |error: String| Left {
            code: 1,
            error: Some(error),
            was_stopped: false,
        };
        let start = async {
            let ready = self.prepare().await?;
            let turn = self.workshop.turn().await;
            let program = Program {
                sensor_ref,
                interpreter: &ready.interpreter,
                worker: &ready.worker,
                pack_folder: &ready.folder,
            };
            let process = Process::start(&program, &self.options).map_err(|error| chain(&error))?;
            let command = std::iter::once(ready.interpreter.program.display().to_string());
            let command: Vec<String> = command.chain(arguments(&program)).collect();
            Ok::<_, String>((ready, process, command.join(" "), turn))
        };
        let started = tokio::select! {
            started = start => started,
            () = self.orders.any() => return Left { was_stopped: true, ..Left::default() },
        };
        let (ready, (mut process, streams), command, turn) = match started {
            Ok(started) => started,
            Err(error) => return failed(error),
        };
        let pid = process.id();
        self.report.started(pid);
        self.emit("spawn", &[("pid", json!(pid)), ("cmd", json!(command))])
            .await;
        let (told, frame, intake) = self.first_frame(&ready);
        let has_started = CancellationToken::new();
        let hold = async {
            match process.tell(frame.to_string()).await {
                Ok(()) => {
                    let conversation = Conversation {
                        sensor: &self.wanted.sensor,
                        calls: Calls {
                            sensor_ref,
                            resources: &self.resources,
                            report: &self.report,
                            tenure: &self.tenure,
                            is_lost: &self.orders.kill,
                        },
                        masking: &ready.masking,
                        orders: &self.orders,
                        has_started: &has_started,
                        stop_grace: self.options.stop_grace,
                        told,
                        intake,
                    };
                    Box::pin(conversation.hold(process, streams)).await
                }
                Err(error) => Err(error),
            }
        };
        let left = taking_its_turn(hold, turn, &has_started, self.options.start_turn).await;
        let left = left.unwrap_or_else(|error| failed(chain(&error)));
        self.emit("exit", &[("exit_code", json!(left.code))]).await;
        left
    }

    async fn prepare(&self) -> Result<Ready, String> {
        let resources = &self.resources;
        let sensor = &self.wanted.sensor;
        let folder = resources.folders.folder(&sensor.pack).await;
        let folder = folder.map_err(|error| chain(&error))?;
        let config = resources
            .executions
            .current_pack_config(&sensor.pack, SYSTEM_USER)
            .await
            .map_err(|error| chain(&error))?;
        let config = config.as_object().cloned().unwrap_or_default();
        let executions = &resources.executions;
        let secrets = executions.configured_secrets(&sensor.pack, SYSTEM_USER);
        let stored = self.wanted.config.as_ref();
        let masking = Masking::of(stored, &resources.vault, secrets.await);
        self.report.builds();
        let found = self
            .workshop
            .interpreter(&sensor.pack, &folder, resources, &self.options)
            .await;
        let (interpreter, installation) = found.map_err(|error| chain(&error))?;
        *self.installation.lock() = installation;
        let worker = python_worker::written(&self.options.pythons.folder).await;
        Ok(Ready {
            config: self.wanted.own_config(&config)?,
            interpreter,
            worker: worker.map_err(|error| chain(&error))?,
            folder,
            masking,
        })
    }

    /// What the worker needs to begin, and a view on the triggers that tells of what comes after it.
    fn first_frame(&self, ready: &Ready) -> (Told, Value, Intake) {
        let sensor = &self.wanted.sensor;
        let intake = self.resources.intake.clone();
        let mut told = Told::default();
        let triggers: Vec<Value> = told
            .follow(sensor, &intake.triggers())
            .into_iter()
            .map(|change| json!(*change.trigger))
            .collect();
        let frame = json!({
            "file": file(sensor, &ready.folder),
            "class_name": sensor.name,
            "name": self.wanted.name(),
            "pack": sensor.pack,
            "pack_folder": ready.folder,
            "poll_interval": self.wanted.poll_interval(),
            "config": ready.config,
            "triggers": triggers,
        });
        (told, frame, intake)
    }

    /// The triggers `core.st2.sensor.process_*`, with st2's payloads; only where a rule listens.
    async fn emit(&self, what: &str, members: &[(&str, Value)]) {
        let trigger = format!("core.st2.sensor.process_{what}");
        if !self.resources.intake.is_wanted(&trigger) {
            return;
        }
        let mut payload = json!({
            "id": self.wanted.name(),
            "timestamp": self.resources.clock.now().timestamp(),
        });
        for (name, value) in members {
            payload[*name] = value.clone();
        }
        let event = Event {
            target: Target::Reference(trigger),
            payload,
            trace: None,
            caused_by: None,
        };
        if let Err(error) = self.resources.intake.accept(event).await {
            tracing::warn!(
                sensor.ref = self.wanted.known_by(),
                "rules are not told of the sensor's {what}: {error}"
            );
        }
    }
}

/// Keeps the turn until the sensor runs, or has ended, or others have waited long enough.
async fn taking_its_turn<T>(
    conversation: impl Future<Output = T>,
    turn: Option<OwnedSemaphorePermit>,
    has_started: &CancellationToken,
    at_most: Duration,
) -> T {
    let talk = async {
        let left = conversation.await;
        has_started.cancel();
        left
    };
    let give_up = async {
        // Whichever it was.
        drop(tokio::time::timeout(at_most, has_started.cancelled()).await);
        drop(turn);
    };
    tokio::join!(talk, give_up).0
}

/// What was found out before a start.
struct Ready {
    folder: PathBuf,
    config: Object,
    interpreter: Interpreter,
    worker: PathBuf,
    masking: Masking,
}

/// The sensor's file in this node's folder of the pack: it may have been registered through another node.
fn file(sensor: &Sensor, folder: &Path) -> PathBuf {
    let registered = sensor.artifact_uri.trim_start_matches("file://");
    if Path::new(registered).starts_with(folder) {
        return PathBuf::from(registered);
    }
    let inside = registered
        .split_once(&format!("/{}/sensors/", sensor.pack))
        .map_or(registered, |(_, inside)| inside);
    folder.join("sensors").join(inside)
}
