//! 2,000 webhooks while processes are killed and servers restarted: nothing is lost, nothing doubled, nothing stuck.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use stories::engine::{Backend, Engine, EngineOptions, Http};
use stories::servers::{Postgres, RabbitMq, wait_until};

const EVENTS: usize = 2_000;
const SENDERS: usize = 8;
const BLOWS: [&str; 5] = ["rules", "runner", "api", "broker", "database"];
const ROUNDS: usize = 4;
/// How long the engine may take to come to rest after the last blow: leases run out in between.
const PATIENCE: Duration = Duration::from_mins(3);
/// The rules, and what each runs: one costs nothing, one is a process that may die with its runner.
const RULES: [(&str, &str); 2] = [("quick", "core.noop"), ("slow", "core.local")];

#[test]
fn every_accepted_event_is_enforced_once_whatever_dies() -> Result<()> {
    let (mut postgres, mut rabbitmq) = (Postgres::start()?, RabbitMq::start()?);
    let mut options = EngineOptions::new(Backend::Clustered);
    options.servers = Some((postgres.fresh_database()?, rabbitmq.url()));
    options.copies = 2;
    let mut engine = Engine::start(&options)?;
    make_rules(&engine)?;

    let sending = Sending::start(&engine.http);
    let mut blows = BTreeMap::new();
    for _ in 0..ROUNDS {
        for blow in BLOWS {
            sending.allow(EVENTS / (ROUNDS * BLOWS.len()));
            match blow {
                "broker" => rabbitmq.restart()?,
                "database" => postgres.restart()?,
                role => {
                    let process = engine.process(role);
                    process.kill9()?;
                    process.run()?;
                }
            }
            *blows.entry(blow).or_insert(0) += 1;
            sending.wait_until_used()?;
        }
    }
    let accepted = sending.accepted()?;

    come_to_rest(&engine)?;
    let counts = check(&engine, &accepted)?;
    eprintln!(
        "chaos: {} webhooks accepted; blows {blows:?}; executions by state {counts:?}",
        accepted.len()
    );
    Ok(())
}

fn make_rules(engine: &Engine) -> Result<()> {
    for (name, action) in RULES {
        let parameters = if action == "core.local" {
            json!({"cmd": "sleep 0.05; echo done"})
        } else {
            json!({})
        };
        let rule = json!({
            "name": name, "pack": "default", "enabled": true,
            "trigger": {"type": "core.st2.webhook", "parameters": {"url": "chaos"}},
            "criteria": {"trigger.body.key": {"type": "exists", "pattern": true}},
            "action": {"ref": action, "parameters": parameters},
        });
        engine.http.post("/v1/rules", &rule)?.expect(201)?;
    }
    wait_until("the webhook answering", Duration::from_secs(10), || {
        Ok((engine.http.get("/v1/webhooks/chaos")?.status == 200).then_some(()))
    })
}

/// Threads that send as many events as they are allowed to. An event that got no answer is sent again under a new
/// key: only what was acknowledged counts.
struct Sending {
    shared: Arc<Shared>,
    threads: Vec<thread::JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    allowed: AtomicUsize,
    next: AtomicUsize,
    accepted: Mutex<Vec<String>>,
}

impl Sending {
    fn start(http: &Http) -> Self {
        let shared = Arc::new(Shared::default());
        let threads = (0..SENDERS)
            .map(|_| {
                let (http, shared) = (http.clone(), Arc::clone(&shared));
                thread::spawn(move || send(&http, &shared))
            })
            .collect();
        Self { shared, threads }
    }

    /// Lets so many more events be sent.
    fn allow(&self, more: usize) {
        self.shared.allowed.fetch_add(more, Ordering::SeqCst);
    }

    /// Waits until everything that is allowed was accepted.
    fn wait_until_used(&self) -> Result<()> {
        let allowed = self.shared.allowed.load(Ordering::SeqCst);
        wait_until(
            &format!("{allowed} events being accepted"),
            PATIENCE,
            || Ok((self.shared.count() >= allowed).then_some(())),
        )
    }

    fn accepted(self) -> Result<Vec<String>> {
        for thread in self.threads {
            thread
                .join()
                .map_err(|_| anyhow::anyhow!("a sender panicked"))?;
        }
        let shared = Arc::into_inner(self.shared).context("the senders have ended")?;
        shared
            .accepted
            .into_inner()
            .map_err(|_| anyhow::anyhow!("a sender panicked"))
    }
}

impl Shared {
    fn count(&self) -> usize {
        self.accepted.lock().map_or(0, |accepted| accepted.len())
    }
}

/// Sends until all events were accepted. What is accepted beyond the allowance, by senders that were already at it,
/// counts as well.
fn send(http: &Http, shared: &Shared) {
    loop {
        let leave = wait_until("leave to send", PATIENCE, || {
            let count = shared.count();
            let leave = count < shared.allowed.load(Ordering::SeqCst);
            Ok((leave || count >= EVENTS).then_some(leave))
        });
        let Ok(true) = leave else { return };
        let key = format!("event-{}", shared.next.fetch_add(1, Ordering::Relaxed));
        let body = json!({ "key": key });
        if http
            .post("/v1/webhooks/chaos", &body)
            .is_ok_and(|answer| answer.status == 202)
        {
            let Ok(mut accepted) = shared.accepted.lock() else {
                return;
            };
            accepted.push(key);
        }
    }
}

/// Waits until nothing is pending, requested or running any more.
fn come_to_rest(engine: &Engine) -> Result<()> {
    let open = ["requested", "delayed", "scheduled", "running", "canceling"];
    wait_until("the engine coming to rest", PATIENCE, || {
        let total =
            |path: String| Ok::<_, anyhow::Error>(engine.http.get(&path)?.total.unwrap_or(1));
        if total("/v1/triggerinstances?status=pending&limit=1".to_owned())? > 0 {
            return Ok(None);
        }
        for status in open {
            if total(format!("/v1/executions?status={status}&limit=1"))? > 0 {
                return Ok(None);
            }
        }
        Ok(Some(()))
    })
    .with_context(|| engine.logs())
}

/// Every accepted event has one enforcement a rule, and each of those one execution that has ended.
fn check(engine: &Engine, accepted: &[String]) -> Result<BTreeMap<String, usize>> {
    let instances = all(engine, "/v1/triggerinstances?trigger_type=core.st2.webhook")?;
    let by_key: HashMap<&str, &str> = instances
        .iter()
        .filter_map(|instance| {
            Some((
                instance["payload"]["body"]["key"].as_str()?,
                instance["id"].as_str()?,
            ))
        })
        .collect();
    let executions = all(engine, "/v1/executions?include_attributes=status,result")?;
    let ended: HashMap<&str, &Value> = executions
        .iter()
        .filter_map(|execution| Some((execution["id"].as_str()?, execution)))
        .collect();
    let mut counts = BTreeMap::new();
    for (rule, _) in RULES {
        let enforcements = all(
            engine,
            &format!("/v1/ruleenforcements?rule_ref=default.{rule}"),
        )?;
        let mut of_instance: HashMap<&str, Vec<&str>> = HashMap::new();
        for enforcement in &enforcements {
            let instance = enforcement["trigger_instance_id"]
                .as_str()
                .context("an enforcement has an instance")?;
            let execution = enforcement["execution_id"]
                .as_str()
                .context("an enforcement has an execution")?;
            of_instance.entry(instance).or_default().push(execution);
        }
        for key in accepted {
            let instance = by_key
                .get(key.as_str())
                .with_context(|| format!("{key} was accepted and is lost"))?;
            let of = of_instance
                .get(instance)
                .with_context(|| format!("{key} was not enforced by {rule}"))?;
            ensure!(
                of.len() == 1,
                "{key} was enforced {} times by {rule}",
                of.len()
            );
            let execution = ended
                .get(of[0])
                .with_context(|| format!("the execution of {key} is lost"))?;
            let status = execution["status"].as_str().unwrap_or_default();
            let explained = status == "abandoned" && execution["result"]["error"].is_string();
            ensure!(
                status == "succeeded" || explained,
                "the execution of {key} ended so: {execution}"
            );
            *counts.entry(status.to_owned()).or_insert(0) += 1;
        }
    }
    Ok(counts)
}

/// All members of a listing, page by page.
fn all(engine: &Engine, path: &str) -> Result<Vec<Value>> {
    let mut members = Vec::new();
    loop {
        let page = engine
            .http
            .get(&format!("{path}&limit=100&offset={}", members.len()))?
            .expect(200)?;
        let page = page.as_array().context("a listing is an array")?.clone();
        let is_last = page.len() < 100;
        members.extend(page);
        if is_last {
            return Ok(members);
        }
    }
}
