//! Python actions, in real interpreters.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::Command;

use model::PackConfig;
use python_worker::Pythons;

use super::*;
use crate::options::{PythonLimits, PythonOptions};

const ACTION: &str = "from st2common.runners.base_action import Action\n";

/// A pack `core` in a folder, and a runner's options for it.
struct PythonBench {
    bench: Bench,
    options: RunnerOptions,
}

async fn python_bench() -> PythonBench {
    let bench = bench().await;
    let folder = bench.folder.path().join("core");
    std::fs::create_dir_all(folder.join("actions")).unwrap();
    let pack = json!({
        "id": "0123456789abcdef01234567", "ref": "core", "uid": "pack:core", "name": "core", "path": folder,
    });
    let pack = serde_json::from_value::<Pack>(pack).unwrap();
    bench.store.save(pack).await.unwrap();
    let options = RunnerOptions {
        python: PythonOptions {
            pythons: Pythons {
                virtualenvs: vec![bench.folder.path().join("virtualenvs")],
                ..Pythons::in_folder(bench.folder.path())
            },
            ..PythonOptions::default()
        },
        ..quick()
    };
    PythonBench { bench, options }
}

/// An action of this body.
fn action(body: &str) -> String {
    let mut source = format!("{ACTION}class Act(Action):\n    def run(self, **given):\n");
    for line in body.lines() {
        source = format!("{source}        {line}\n");
    }
    source
}

impl PythonBench {
    fn start(&self) {
        self.bench.start(self.options.clone());
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.bench.folder.path().join("core").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        // Executions may be reading what stands there already.
        if std::fs::read_to_string(&path).ok().as_deref() != Some(text) {
            std::fs::write(&path, text).unwrap();
        }
        path
    }

    /// Requests an action of this source.
    async fn request(&self, source: &str, parameters: Value) -> ExecutionId {
        self.write("actions/act.py", source);
        let Bench { store, bus, .. } = &self.bench;
        let mut known = snapshot("python-script");
        known.action.entry_point = "act.py".to_owned();
        known.action.parameters =
            json!({ "text": { "type": "string" }, "password": { "type": "string", "secret": true } })
                .as_object()
                .unwrap()
                .clone();
        let known = store
            .snapshot_of(&known.action, &known.runner)
            .await
            .unwrap();
        let now = self.bench.clock.now();
        let requested = Execution {
            id: self.bench.ids.next(now),
            runner: "python-script".to_owned(),
            snapshot: known.key,
            parameters: parameters.as_object().unwrap().clone(),
            start_timestamp: now,
            ..execution()
        };
        let id = requested.id;
        store
            .request_executions(std::slice::from_ref(&requested))
            .await
            .unwrap();
        bus.announce(ExecutionsRequested {
            executions: vec![requested],
        });
        id
    }

    /// Runs an action of this body to its end.
    async fn run(&self, body: &str) -> Execution {
        let id = self.request(&action(body), json!({})).await;
        self.bench.ended(id).await
    }

    /// What an action of this body gives back.
    async fn result(&self, body: &str) -> Value {
        let ended = self.run(body).await;
        let result = ended.result.unwrap();
        assert_eq!(ended.status, ExecutionStatus::Succeeded, "{result}");
        result["result"].clone()
    }
}

#[tokio::test]
async fn runs_a_class_and_stores_its_result_and_output() {
    let python = python_bench().await;
    python.start();

    let id = python
        .request(
            &action("print('to out')\nself.logger.info('to err')\nreturn given"),
            json!({ "text": "x" }),
        )
        .await;

    let ended = python.bench.ended(id).await;
    let stderr = "st2.actions.python.Act: INFO     to err\n";
    let expected = json!({
        "stdout": "to out\n", "stderr": stderr, "exit_code": 0, "result": { "text": "x", "password": null },
    });
    assert_eq!(ended.result, Some(expected));
    assert_eq!(ended.status, ExecutionStatus::Succeeded);
    let lines = python.bench.store.output(id, None, 0, 10).await.unwrap();
    let mut lines: Vec<&str> = lines.iter().map(|line| line.data.as_str()).collect();
    lines.sort_unstable();
    assert_eq!(lines, [stderr, "to out\n"]);
}

#[tokio::test]
async fn an_exception_fails_with_its_traceback() {
    let python = python_bench().await;
    python.start();

    let ended = python.run("raise ValueError('boom')").await;

    let result = ended.result.unwrap();
    assert_eq!(ended.status, ExecutionStatus::Failed);
    assert_eq!(
        (&result["exit_code"], &result["result"]),
        (&json!(1), &json!("None"))
    );
    let stderr = result["stderr"].as_str().unwrap();
    assert!(stderr.starts_with("Traceback (most recent call last):\n"));
    assert!(stderr.ends_with("ValueError: boom\n"), "{stderr}");
}

#[tokio::test]
async fn a_pair_says_whether_it_went_well() {
    let python = python_bench().await;
    python.start();

    let refused = python.run("return (False, {'reason': 1})").await;
    let wrong = python.run("return (1, 2)").await;

    assert_eq!(refused.status, ExecutionStatus::Failed);
    assert_eq!(refused.result.unwrap()["result"], json!({ "reason": 1 }));
    assert_eq!(wrong.status, ExecutionStatus::Failed);
    let error = wrong.result.unwrap()["error"].clone();
    let expected =
        "Status returned from the action run() method must either be True or False, got: 1";
    assert!(error.as_str().unwrap().starts_with(expected), "{error}");
}

#[tokio::test]
async fn kills_all_of_an_action_that_runs_out_of_time() {
    let python = python_bench().await;
    python.start();
    let body =
        "import subprocess, time\nprint(subprocess.Popen(['sleep', '1000']).pid)\ntime.sleep(1000)";

    let id = python.request(&action(body), json!({ "timeout": 1 })).await;

    let ended = python.bench.ended(id).await;
    let result = ended.result.unwrap();
    assert_eq!(ended.status, ExecutionStatus::TimedOut);
    assert_eq!(result["error"], "Action failed to complete in 1 seconds");
    assert_eq!(result["exit_code"], -9);
    until_gone(result["stdout"].as_str().unwrap().trim()).await;
}

#[tokio::test]
async fn kills_an_action_that_is_canceled_and_serves_on() {
    let python = python_bench().await;
    python.start();
    let body = "import os, time\nprint(os.getpid(), os.getppid())\ntime.sleep(1000)";
    let id = python.request(&action(body), json!({})).await;
    let printed = python.bench.printed(id).await;
    let (pid, parent) = printed.split_once(' ').unwrap();

    python.bench.executions.cancel(id, "me").await.unwrap();

    let ended = python.bench.ended(id).await;
    assert_eq!(ended.status, ExecutionStatus::Canceled);
    until_gone(pid).await;
    let next = python.result("import os\nreturn str(os.getppid())").await;
    assert_eq!(next, parent);
}

#[tokio::test]
async fn an_action_that_waits_for_its_process_is_canceled_and_never_runs() {
    let python = python_bench().await;
    python.start();
    let parent = python.result("import os\nreturn os.getppid()").await;
    let parent = nix::unistd::Pid::from_raw(i32::try_from(parent.as_i64().unwrap()).unwrap());
    let file = python.bench.folder.path().join("it ran");
    let body = format!("open({file:?}, 'w').close()\nimport time\ntime.sleep(1000)");

    nix::sys::signal::kill(parent, nix::sys::signal::Signal::SIGSTOP).unwrap();
    let id = python.request(&action(&body), json!({})).await;
    let is_running = async || python.bench.now_is(id).await.status == ExecutionStatus::Running;
    while !is_running().await {
        tokio::task::yield_now().await;
    }
    python.bench.executions.cancel(id, "me").await.unwrap();
    let ended = python.bench.ended(id).await;
    nix::sys::signal::kill(parent, nix::sys::signal::Signal::SIGCONT).unwrap();

    assert_eq!(ended.status, ExecutionStatus::Canceled);
    let next = python.result("import os\nreturn os.getppid()").await;
    assert_eq!(next, parent.as_raw());
    assert!(!file.exists());
}

#[tokio::test]
async fn hands_over_environment_and_configuration() {
    let python = python_bench().await;
    let config = PackConfig {
        id: python.bench.ids.next(python.bench.clock.now()),
        pack: "core".to_owned(),
        values: json!({ "region": "north" }).as_object().unwrap().clone(),
    };
    python.bench.store.save(config).await.unwrap();
    python.start();
    let body = "import os\nnames = ['ST2_ACTION_PACK_NAME', 'ST2_ACTION_EXECUTION_ID', 'OWN', 'PYTHONPATH']\n\
                return [self.config['region']] + [os.environ[name] for name in names]";

    let parameters =
        json!({ "env": { "OWN": 1, "pythonPath": "/nowhere", "PYTHONPATH": "/nowhere" } });
    let id = python.request(&action(body), parameters).await;

    let result = python.bench.ended(id).await.result.unwrap()["result"].clone();
    assert_eq!(result[0], "north");
    assert_eq!(result[1], "core");
    assert_eq!(result[2], id.to_string());
    assert_eq!(result[3], "1");
    let path = result[4].as_str().unwrap();
    assert!(path.contains("/core/actions/lib:"), "{path}");
    assert!(!path.contains("/nowhere"), "{path}");
}

#[tokio::test]
async fn hides_secrets_in_live_output() {
    let python = python_bench().await;
    python.start();

    let id = python
        .request(
            &action("print('it is ' + given['password'])"),
            json!({ "password": "hunter2" }),
        )
        .await;

    assert_eq!(python.bench.printed(id).await, "it is ********");
}

#[tokio::test]
async fn a_broken_module_harms_nobody() {
    let python = python_bench().await;
    python.start();
    let before = python.result("import os\nreturn os.getppid()").await;

    let id = python
        .request(
            &format!("import no_such_module\n{}", action("return 1")),
            json!({}),
        )
        .await;

    let ended = python.bench.ended(id).await;
    let stderr = ended.result.unwrap()["stderr"].as_str().unwrap().to_owned();
    assert_eq!(ended.status, ExecutionStatus::Failed);
    assert_eq!(
        stderr.matches("No module named 'no_such_module'").count(),
        1
    );
    assert_eq!(
        python.result("import os\nreturn os.getppid()").await,
        before
    );
}

#[tokio::test]
async fn an_action_ends_with_its_killed_parent_and_the_next_one_has_another() {
    let python = python_bench().await;
    python.start();
    let body = "import os, subprocess, time\n\
                print(os.getppid(), subprocess.Popen(['sleep', '1000']).pid)\ntime.sleep(1000)";
    let id = python.request(&action(body), json!({})).await;
    let printed = python.bench.printed(id).await;
    let (parent, started) = printed.split_once(' ').unwrap();

    let parent_id = nix::unistd::Pid::from_raw(parent.parse().unwrap());
    nix::sys::signal::kill(parent_id, nix::sys::signal::Signal::SIGKILL).unwrap();

    let ended = python.bench.ended(id).await;
    assert_eq!(ended.status, ExecutionStatus::Failed);
    let error = ended.result.unwrap()["error"].clone();
    assert!(error.as_str().unwrap().contains("has ended"), "{error}");
    until_gone(started).await;
    assert_ne!(
        python.result("import os\nreturn str(os.getppid())").await,
        parent
    );
}

#[tokio::test]
async fn an_idle_parent_goes() {
    let mut python = python_bench().await;
    python.options.python.idle = Duration::from_millis(50);
    python.start();

    let parent = python.result("import os\nreturn str(os.getppid())").await;

    until_gone(parent.as_str().unwrap()).await;
}

#[tokio::test]
async fn keeps_no_more_parents_than_it_may() {
    let mut python = python_bench().await;
    python.options.python.max_parents = 1;
    python.start();
    let body = "import os, sys\nreturn [str(os.getppid()), sys.prefix]";
    let machines = python.result(body).await;

    let virtualenv = python.options.python.pythons.virtualenvs[0].join("core");
    let made = Command::new("python3")
        .args(["-m", "venv", "--without-pip"])
        .arg(&virtualenv)
        .status()
        .unwrap();
    assert!(made.success());
    let own = python.result(body).await;

    assert_eq!(own[1], virtualenv.to_str().unwrap());
    assert_ne!(machines[1], own[1]);
    until_gone(machines[0].as_str().unwrap()).await;
}

#[tokio::test]
async fn an_action_beyond_its_limits_fails_and_its_parent_serves_on() {
    let mut python = python_bench().await;
    python.options.python.limits = PythonLimits {
        memory_mib: NonZeroU32::new(200),
        cpu_seconds: NonZeroU32::new(1),
        ..PythonLimits::default()
    };
    python.start();
    let before = python.result("import os\nreturn os.getppid()").await;

    let greedy = python.run("return len(bytearray(1 << 30))").await;
    let busy = python.run("while True: pass").await;

    assert_eq!(greedy.status, ExecutionStatus::Failed);
    let stderr = greedy.result.unwrap()["stderr"].clone();
    assert!(stderr.as_str().unwrap().contains("may use 200 MiB"));
    assert_eq!(busy.status, ExecutionStatus::Failed);
    let error = busy.result.unwrap()["error"].clone();
    let expected = "the action may use 1 seconds of CPU time, and wanted more (`max_cpu_seconds` of `[python]`)";
    assert_eq!(error, expected);
    let after = python.result("import os\nreturn os.getppid()").await;
    assert_eq!(before, after);
}

#[tokio::test]
async fn runs_the_content_of_another_revision() {
    let mut python = python_bench().await;
    python.options.revisions = python.bench.folder.path().join("revisions");
    python.start();
    let git = |arguments: &[&str]| {
        let ended = Command::new("git")
            .args(["-c", "user.name=A", "-c", "user.email=a@example.com"])
            .args(arguments)
            .current_dir(python.bench.folder.path().join("core"))
            .status();
        assert!(ended.unwrap().success());
    };
    let source = format!("from words import WORD\n{}", action("return WORD"));
    python.write("actions/act.py", &source);
    python.write("actions/lib/words.py", "WORD = 'old'\n");
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "old"]);
    git(&["tag", "v1"]);
    python.write("actions/lib/words.py", "WORD = 'new'\n");

    let new = python.request(&source, json!({})).await;
    let old = python
        .request(&source, json!({ "content_version": "v1" }))
        .await;
    let none = python
        .request(&source, json!({ "content_version": "v2" }))
        .await;

    let result = |ended: Execution| ended.result.unwrap();
    assert_eq!(result(python.bench.ended(new).await)["result"], "new");
    assert_eq!(result(python.bench.ended(old).await)["result"], "old");
    let error = result(python.bench.ended(none).await)["error"].clone();
    let expected =
        "Failed to create git worktree for pack \"core\": Invalid content_version \"v2\"";
    assert!(error.as_str().unwrap().starts_with(expected), "{error}");
}

#[tokio::test]
async fn says_which_python_does_not_work() {
    let mut python = python_bench().await;
    python.options.python.pythons.interpreter = "/bin/false".into();
    python.start();

    let error = python.run("return 1").await.result.unwrap()["error"].clone();

    let expected = "`/bin/false` does not work (exit status: 1): it ended without a word";
    assert!(error.as_str().unwrap().ends_with(expected), "{error}");
}

#[tokio::test]
async fn many_run_at_once() {
    let python = python_bench().await;
    python.start();
    let mut ids = Vec::new();
    for number in 0..40 {
        let text = format!("number {number}");
        let source = action("return given['text']");
        ids.push((python.request(&source, json!({ "text": text })).await, text));
    }

    for (id, text) in ids {
        let ended = python.bench.ended(id).await;
        assert_eq!(ended.result.unwrap()["result"], json!(text));
    }
}
