//! The action runner on a real store, a real bus and real processes.

use std::path::Path;
use std::time::Duration;

use bus::BusOptions;
use intake::{Intake, IntakeOptions};
use model::{
    ExecutionContext, ExecutionId, ExecutionStatus, IdSource, LogEntry, Object, OutputStream, Pack,
};
use secrets::Vault;
use serde_json::{Value, json};
use store::{StatusChange, StoreOptions};
use tempfile::TempDir;

use super::*;
use crate::run::testing::{execution, snapshot};

mod python;

/// Long enough for the slowest machine; nothing waits so long when all is well.
const PATIENCE: Duration = Duration::from_secs(30);

struct Bench {
    store: Store,
    bus: Bus,
    executions: Executions,
    clock: Clock,
    tasks: Tasks,
    ids: Arc<IdSource>,
    folder: TempDir,
}

async fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let (clock, tasks, ids) = (Clock::system(), Tasks::default(), Arc::new(IdSource::new()));
    let store = Store::connect(&StoreOptions::Sqlite {
        path: folder.path().join("petrel.db"),
    })
    .await
    .unwrap();
    store.migrate(clock.now()).await.unwrap();
    let bus = Bus::connect(&BusOptions::InProcess, &Tasks::default())
        .await
        .unwrap();
    let options = IntakeOptions::default();
    let intake = Intake::start(
        store.clone(),
        bus.clone(),
        clock.clone(),
        Arc::clone(&ids),
        &tasks,
        options,
    )
    .await;
    let executions = Executions::new(
        store.clone(),
        bus.clone(),
        Vault::ephemeral(),
        clock.clone(),
        Arc::clone(&ids),
        intake.unwrap(),
    );
    Bench {
        store,
        bus,
        executions,
        clock,
        tasks,
        ids,
        folder,
    }
}

/// Options that make a test short.
fn quick() -> RunnerOptions {
    RunnerOptions {
        renew_every: Duration::from_millis(100),
        sweep_every: Duration::from_millis(100),
        sweep_after: Duration::ZERO,
        kill_grace: Duration::from_millis(200),
        output_every: Duration::from_millis(20),
        ..RunnerOptions::default()
    }
}

impl Bench {
    fn start(&self, options: RunnerOptions) {
        start(
            self.store.clone(),
            self.bus.clone(),
            self.executions.clone(),
            self.clock.clone(),
            &self.tasks,
            options,
        );
    }

    /// What claims for a runner of its own.
    fn claimer(&self) -> Claimer {
        let (output, _source) = output::channel();
        let bench = Workbench {
            packs: PackFolders::new(self.store.clone()),
            http: HttpClients::default(),
            python: Parents::new(quick()),
            user: current_user(),
            info: runner_info(),
            store: self.store.clone(),
            executions: self.executions.clone(),
            clock: self.clock.clone(),
            options: quick(),
            output,
        };
        Claimer {
            holder: holder(&bench.info),
            bench: Arc::new(bench),
            bus: self.bus.clone(),
            held: Held::new(),
        }
    }

    /// An execution that is stored, but that nobody was told of.
    async fn stored(&self, runner: &str, entry_point: &str, parameters: Value) -> Execution {
        let mut known = snapshot(runner);
        known.action.entry_point = entry_point.to_owned();
        if runner == "local-shell-script" {
            known.action.parameters = json!({ "name": { "type": "string", "position": 0 } })
                .as_object()
                .unwrap()
                .clone();
        }
        let known = self
            .store
            .snapshot_of(&known.action, &known.runner)
            .await
            .unwrap();
        let now = self.clock.now();
        let execution = Execution {
            id: self.ids.next(now),
            runner: runner.to_owned(),
            snapshot: known.key,
            parameters: parameters.as_object().unwrap().clone(),
            context: ExecutionContext {
                user: "me".into(),
                pack: "core".into(),
                ..ExecutionContext::default()
            },
            start_timestamp: now,
            log: vec![LogEntry {
                timestamp: now,
                status: ExecutionStatus::Requested,
            }],
            notify: Object::new(),
            ..execution()
        };
        self.store
            .request_executions(std::slice::from_ref(&execution))
            .await
            .unwrap();
        execution
    }

    async fn requested(&self, runner: &str, parameters: Value) -> ExecutionId {
        let execution = self.stored(runner, "", parameters).await;
        let id = execution.id;
        self.bus.announce(ExecutionsRequested {
            executions: vec![execution],
        });
        id
    }

    async fn command(&self, command: &str) -> ExecutionId {
        self.requested("local-shell-cmd", json!({ "cmd": command }))
            .await
    }

    async fn now_is(&self, id: ExecutionId) -> Execution {
        self.store.execution(id).await.unwrap().unwrap()
    }

    async fn ended(&self, id: ExecutionId) -> Execution {
        let ended = async {
            loop {
                let execution = self.now_is(id).await;
                if execution.status.is_final() {
                    return execution;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.unwrap()
    }

    /// The first line that an execution prints.
    async fn printed(&self, id: ExecutionId) -> String {
        let printed = async {
            loop {
                let lines = self
                    .store
                    .output(id, Some(OutputStream::Stdout), 0, 1)
                    .await
                    .unwrap();
                if let Some(line) = lines.into_iter().next() {
                    return line.data.trim().to_owned();
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, printed).await.unwrap()
    }
}

/// Whether a process is there and is no zombie.
fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid).join("stat"));
    stat.is_ok_and(|stat| {
        !stat
            .rsplit_once(") ")
            .is_some_and(|(_, rest)| rest.starts_with('Z'))
    })
}

async fn until_gone(pid: &str) {
    let gone = async {
        while is_alive(pid) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.unwrap();
}

fn statuses(execution: &Execution) -> Vec<&'static str> {
    execution
        .log
        .iter()
        .map(|entry| entry.status.as_str())
        .collect()
}

#[tokio::test]
async fn runs_a_command_and_stores_its_result_and_output() {
    let bench = bench().await;
    bench.start(quick());

    let id = bench
        .command("echo hi; echo $ST2_ACTION_EXECUTION_ID $ST2_ACTION_PACK_NAME")
        .await;

    let ended = bench.ended(id).await;
    assert_eq!(ended.status, ExecutionStatus::Succeeded);
    let stdout = format!("hi\n{id} core");
    let expected = json!({ "failed": false, "succeeded": true, "return_code": 0, "stdout": stdout, "stderr": "" });
    assert_eq!(ended.result, Some(expected));
    assert_eq!(
        statuses(&ended),
        ["requested", "scheduled", "running", "succeeded"]
    );
    let lines = bench.store.output(id, None, 0, 10).await.unwrap();
    let lines: Vec<&str> = lines.iter().map(|line| line.data.as_str()).collect();
    assert_eq!(lines, ["hi\n".to_owned(), format!("{id} core\n")]);
}

#[tokio::test]
async fn runs_a_script_of_a_pack_with_its_arguments() {
    let bench = bench().await;
    let actions = bench.folder.path().join("actions");
    std::fs::create_dir(&actions).unwrap();
    std::fs::write(actions.join("greet.sh"), "#!/bin/sh\necho \"hello $1\"\n").unwrap();
    let pack = json!({
        "id": "0123456789abcdef01234567", "ref": "core", "uid": "pack:core", "name": "core",
        "path": bench.folder.path(),
    });
    bench
        .store
        .save(serde_json::from_value::<Pack>(pack).unwrap())
        .await
        .unwrap();
    let execution = bench
        .stored(
            "local-shell-script",
            "greet.sh",
            json!({ "name": "it's me" }),
        )
        .await;

    bench.start(quick());

    let ended = bench.ended(execution.id).await;
    assert_eq!(ended.result.unwrap()["stdout"], "hello it's me");
    assert_eq!(ended.status, ExecutionStatus::Succeeded);
}

#[tokio::test]
async fn says_which_script_is_missing() {
    let bench = bench().await;
    let execution = bench
        .stored("local-shell-script", "greet.sh", json!({ "name": "x" }))
        .await;

    bench.start(quick());

    let ended = bench.ended(execution.id).await;
    assert_eq!(ended.status, ExecutionStatus::Failed);
    let error = "pack `core` is not registered: register it again, or remove the action";
    assert_eq!(
        ended.result,
        Some(json!({ "error": error, "traceback": "" }))
    );
}

#[tokio::test]
async fn says_which_runner_is_not_there_yet() {
    let bench = bench().await;
    bench.start(quick());

    let id = bench.requested("winrm-cmd", json!({})).await;

    let ended = bench.ended(id).await;
    assert_eq!(ended.status, ExecutionStatus::Failed);
    let error = "runner `winrm-cmd` is not available in this version of Petrel";
    assert_eq!(ended.result.unwrap()["error"], error);
}

#[tokio::test]
async fn a_command_that_does_not_exist_ends_as_the_shell_says() {
    let bench = bench().await;
    bench.start(quick());

    let result = bench
        .ended(bench.command("no_such_command_here").await)
        .await
        .result
        .unwrap();

    assert_eq!(
        (&result["return_code"], &result["failed"]),
        (&json!(127), &json!(true))
    );
    assert!(
        result["stderr"].as_str().unwrap().contains("not found"),
        "{result}"
    );
}

#[tokio::test]
async fn ends_what_runs_out_of_time() {
    let bench = bench().await;
    bench.start(quick());

    let id = bench
        .requested(
            "local-shell-cmd",
            json!({ "cmd": "echo before; sleep 100", "timeout": 1 }),
        )
        .await;

    let ended = bench.ended(id).await;
    assert_eq!(ended.status, ExecutionStatus::TimedOut);
    let expected = json!({
        "failed": true, "succeeded": false, "return_code": -9, "stdout": "before", "stderr": "",
        "error": "Action failed to complete in 1 seconds",
    });
    assert_eq!(ended.result, Some(expected));
}

#[tokio::test]
async fn ends_many_noops_together() {
    let bench = bench().await;
    let mut all = Vec::new();
    for _ in 0..300 {
        all.push(bench.stored(NOOP, "", json!({})).await);
    }
    bench.start(RunnerOptions {
        max_concurrent: 1,
        ..quick()
    });

    bench.bus.announce(ExecutionsRequested {
        executions: all.clone(),
    });

    for execution in all {
        let ended = bench.ended(execution.id).await;
        assert_eq!(
            ended.result,
            Some(json!({ "failed": false, "succeeded": true, "return_code": 0 }))
        );
    }
}

#[tokio::test]
async fn finds_what_was_announced_to_nobody() {
    let bench = bench().await;
    let execution = bench
        .stored("local-shell-cmd", "", json!({ "cmd": "true" }))
        .await;

    bench.start(quick());

    assert_eq!(
        bench.ended(execution.id).await.status,
        ExecutionStatus::Succeeded
    );
}

#[tokio::test]
async fn runs_no_more_at_once_than_it_may() {
    let bench = bench().await;
    let folder = bench.folder.path().join("lock");
    // Only one at a time can make the folder.
    let command = format!("mkdir {0} && sleep 0.05 && rmdir {0}", folder.display());
    bench.start(RunnerOptions {
        max_concurrent: 1,
        ..quick()
    });

    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(bench.command(&command).await);
    }

    for id in ids {
        assert_eq!(bench.ended(id).await.status, ExecutionStatus::Succeeded);
    }
}

#[tokio::test]
async fn kills_what_is_canceled() {
    let bench = bench().await;
    bench.start(quick());
    let id = bench
        .command("trap '' TERM; echo $$; sleep 1000 & wait; sleep 1000")
        .await;
    let pid = bench.printed(id).await;

    let canceling = bench.executions.cancel(id, "somebody").await.unwrap();

    assert_eq!(canceling.status, ExecutionStatus::Canceling);
    let ended = bench.ended(id).await;
    assert_eq!(ended.status, ExecutionStatus::Canceled);
    assert_eq!(
        ended.result,
        Some(json!({ "message": "Action canceled by user.", "user": "somebody" }))
    );
    until_gone(&pid).await;
}

#[tokio::test]
async fn kills_what_was_ended_by_somebody_else() {
    let bench = bench().await;
    bench.start(quick());
    let id = bench.command("echo $$; exec sleep 1000").await;
    let pid = bench.printed(id).await;

    let change = StatusChange {
        id,
        expected: vec![ExecutionStatus::Running],
        next: ExecutionStatus::Abandoned,
        at: bench.clock.now(),
        result: Some(json!({ "error": "taken for lost" })),
        follow_ups: Vec::new(),
    };
    bench.store.change_status(&change).await.unwrap().unwrap();

    until_gone(&pid).await;
    assert_eq!(
        bench.now_is(id).await.result,
        Some(json!({ "error": "taken for lost" }))
    );
}

#[tokio::test]
async fn lets_what_runs_come_to_its_end_when_it_drains() {
    let bench = bench().await;
    bench.start(quick());
    let id = bench.command("echo started; sleep 0.3; echo ended").await;
    bench.printed(id).await;

    bench.tasks.shutdown().drain();

    assert!(
        tokio::time::timeout(PATIENCE, bench.tasks.finished())
            .await
            .unwrap()
    );
    let ended = bench.now_is(id).await;
    assert_eq!(ended.status, ExecutionStatus::Succeeded);
    assert_eq!(ended.result.unwrap()["stdout"], "started\nended");
}

#[tokio::test]
async fn abandons_what_still_runs_when_it_must_stop_and_says_why() {
    let bench = bench().await;
    bench.start(quick());
    let id = bench
        .command("trap '' TERM; echo $$; while :; do sleep 0.05; done")
        .await;
    let pid = bench.printed(id).await;

    bench.tasks.shutdown().stop();

    tokio::time::timeout(PATIENCE, bench.tasks.finished())
        .await
        .unwrap();
    let ended = bench.now_is(id).await;
    assert_eq!(ended.status, ExecutionStatus::Abandoned);
    let error = ended.result.unwrap()["error"].as_str().unwrap().to_owned();
    assert!(
        error.ends_with("was shut down before the action had ended"),
        "{error}"
    );
    until_gone(&pid).await;
}

#[tokio::test]
async fn marks_what_is_not_due_as_delayed() {
    let bench = bench().await;
    let mut execution = bench
        .stored("local-shell-cmd", "", json!({ "cmd": "true" }))
        .await;
    execution.id = bench.ids.next(bench.clock.now());
    execution.delay_ms = Some(3_600_000);
    bench
        .store
        .request_executions(std::slice::from_ref(&execution))
        .await
        .unwrap();
    bench.start(quick());

    bench.bus.announce(ExecutionsRequested {
        executions: vec![execution.clone()],
    });

    let delayed = async {
        while bench.now_is(execution.id).await.status != ExecutionStatus::Delayed {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, delayed).await.unwrap();
}

#[tokio::test]
async fn runs_what_was_requested_by_a_clock_that_is_ahead() {
    let bench = bench().await;
    let mut execution = bench
        .stored("local-shell-cmd", "", json!({ "cmd": "true" }))
        .await;
    execution.id = bench.ids.next(bench.clock.now());
    execution.start_timestamp += chrono::TimeDelta::hours(1);
    bench
        .store
        .request_executions(std::slice::from_ref(&execution))
        .await
        .unwrap();
    bench.start(quick());

    bench.bus.announce(ExecutionsRequested {
        executions: vec![execution.clone()],
    });

    let ended = bench.ended(execution.id).await;
    assert_eq!(ended.status, ExecutionStatus::Succeeded);
}

#[tokio::test]
async fn knows_as_its_own_what_a_claim_won_whose_answer_was_lost() {
    let bench = bench().await;
    let claimer = bench.claimer();
    let id = bench.stored(NOOP, "", json!({})).await.id;
    let now = bench.clock.now();
    let lease = keeper::lease(&claimer.holder, now, Duration::from_secs(10));
    // The answer to this one never arrives.
    claimer.try_to_win(&[id], &lease, now, false).await.unwrap();

    let if_sure = claimer.try_to_win(&[id], &lease, now, false).await;
    let if_unsure = claimer.try_to_win(&[id], &lease, now, true).await;

    assert_eq!(if_sure.unwrap(), []);
    assert_eq!(if_unsure.unwrap(), [id]);
}

#[tokio::test]
async fn two_runners_share_the_work_and_run_nothing_twice() {
    let bench = bench().await;
    let file = bench.folder.path().join("ran");
    bench.start(quick());
    bench.start(quick());

    let mut ids = Vec::new();
    for _ in 0..40 {
        let command = format!("echo $ST2_ACTION_EXECUTION_ID >> {}", file.display());
        let execution = bench
            .stored("local-shell-cmd", "", json!({ "cmd": command }))
            .await;
        ids.push(execution.id.to_string());
        for _ in 0..3 {
            bench.bus.announce(ExecutionsRequested {
                executions: vec![execution.clone()],
            });
        }
    }

    for id in &ids {
        assert_eq!(
            bench.ended(id.parse().unwrap()).await.status,
            ExecutionStatus::Succeeded
        );
    }
    let mut ran: Vec<String> = std::fs::read_to_string(file)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    ran.sort();
    ids.sort();
    assert_eq!(ran, ids);
}

#[tokio::test]
async fn keeps_secrets_out_of_live_output_and_results() {
    let bench = bench().await;
    bench.start(quick());

    let parameters = json!({ "cmd": "cat; echo hunter2-hunter2", "sudo_password": "hunter2" });
    let id = bench.requested("local-shell-cmd", parameters).await;

    let ended = bench.ended(id).await;
    assert!(!ended.result.unwrap().to_string().contains("hunter2"));
    let lines = bench.store.output(id, None, 0, 10).await.unwrap();
    let lines: Vec<&str> = lines.iter().map(|line| line.data.as_str()).collect();
    assert_eq!(lines, ["********\n", "********-********\n"]);
}

#[tokio::test]
async fn gives_up_on_a_server_that_does_not_answer() {
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let bench = bench().await;
    // Connections are taken by the system, and answered by nobody.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let mut known = snapshot("http-request");
    known.action.parameters = json!({ "timeout": { "type": "number", "default": 0.2 } })
        .as_object()
        .unwrap()
        .clone();
    let known = bench
        .store
        .snapshot_of(&known.action, &known.runner)
        .await
        .unwrap();
    let mut execution = bench
        .stored("http-request", "", json!({ "url": url }))
        .await;
    execution.id = bench.ids.next(bench.clock.now());
    execution.snapshot = known.key;
    bench
        .store
        .request_executions(std::slice::from_ref(&execution))
        .await
        .unwrap();

    bench.start(quick());

    let ended = bench.ended(execution.id).await;
    assert_eq!(ended.status, ExecutionStatus::TimedOut);
    let error = "the request to `127.0.0.1` timed out: no answer within 0.2 seconds";
    assert_eq!(ended.result, Some(json!({ "error": error })));
}
