//! What a Python action ended with, in st2's shape. No I/O.

use model::ExecutionStatus;
use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::options::PythonLimits;
use crate::python::fork::{Answer, Left};
use crate::run::{Ended, Failure};
use crate::supervise::End;

/// The exit code that st2 gives to what ran out of time.
const KILLED: i32 = -9;
/// The exit code that says: the action gave back a pair without a status (`PYTHON_RUNNER_INVALID_ACTION_STATUS_EXIT_CODE`).
const INVALID_STATUS: i32 = 220;
/// What stands in place of a result that there is none of.
const NOTHING: &str = "None";
/// How deep a result may be nested. Whoever reads the execution with all that is around it bears 127 levels.
const DEEPEST: usize = 120;

/// How a fork ended, what it gave back and what it printed.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) end: End<Left>,
    pub(super) answer: Answer,
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) limits: PythonLimits,
}

/// Status and result.
pub(super) fn outcome(finished: Finished, timeout: Option<&Value>) -> Result<Ended, Failure> {
    let Finished {
        end,
        answer,
        stdout,
        stderr,
        limits,
    } = finished;
    let (code, error) = match end {
        End::Exited(Left::With(INVALID_STATUS)) if answer == Answer::None => {
            return Err(Failure::new(stderr));
        }
        End::Exited(Left::With(code)) => (code, killed(code, limits)),
        End::Exited(Left::Lost) => (KILLED, Some(LOST.to_owned())),
        End::TimedOut => {
            let seconds = timeout.map(expr::python::str).unwrap_or_default();
            let why = if answer == Answer::None { "" } else { STAYS };
            let error = format!("Action failed to complete in {seconds} seconds{why}");
            (KILLED, Some(error))
        }
        End::Interrupted(_) => (KILLED, None),
    };
    let (given, result, unfit) = read(answer);
    let mut whole =
        json!({ "stdout": stdout, "stderr": stderr, "exit_code": code, "result": result });
    let is_unfit = unfit.is_some();
    if let Some(error) = error.or(unfit) {
        whole["error"] = error.into();
    }
    let status = match end {
        End::Interrupted(_) => return Ok(Ended::Interrupted(whole)),
        End::TimedOut => ExecutionStatus::TimedOut,
        End::Exited(_) if code == 0 && given != Some(false) && !is_unfit => {
            ExecutionStatus::Succeeded
        }
        End::Exited(_) => ExecutionStatus::Failed,
    };
    Ok(Ended::Told(status, whole))
}

/// What is said of a process that a signal has ended.
fn killed(code: i32, limits: PythonLimits) -> Option<String> {
    let signal = Signal::try_from(code.checked_neg()?).ok()?;
    Some(match (signal, limits.cpu_seconds) {
        (Signal::SIGXCPU, Some(seconds)) => format!(
            "the action may use {seconds} seconds of CPU time, and wanted more (`max_cpu_seconds` of `[python]`)"
        ),
        (Signal::SIGKILL, _) => {
            "the action's process was killed (SIGKILL): by somebody, or the machine is out of memory"
                .to_owned()
        }
        _ => format!("the action's process was ended by {signal}"),
    })
}

const STAYS: &str = ": `run` has returned, but its process goes on, with a thread that is no daemon or what is \
                     registered with `atexit`";
const LOST: &str = "the Python process that the action was a fork of has ended: it was killed, or the machine is out \
                    of memory";

/// The status that the action gave, its result, and why there is none.
fn read(answer: Answer) -> (Option<bool>, Value, Option<String>) {
    let json = match answer {
        Answer::None => return (None, NOTHING.into(), None),
        Answer::TooLarge(length) => {
            let error = format!("the result is too large: {length} bytes of JSON");
            return (None, NOTHING.into(), Some(error));
        }
        Answer::Json(json) => json,
    };
    match serde_json::from_slice::<Value>(&json) {
        Ok(answer) if is_deeper(&answer["result"], DEEPEST) => {
            (None, NOTHING.into(), Some(too_deep()))
        }
        Ok(mut answer) => {
            let status = answer.get("status").and_then(Value::as_bool);
            (status, answer["result"].take(), None)
        }
        Err(error) => (None, NOTHING.into(), Some(unfit(&error))),
    }
}

/// Whether a value is nested deeper than so many levels.
fn is_deeper(value: &Value, levels: usize) -> bool {
    let inner = |value| is_deeper(value, levels - 1);
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(inner),
        Value::Object(members) => levels == 0 || members.values().any(inner),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn too_deep() -> String {
    format!("the result cannot be kept: it is nested more than {DEEPEST} levels deep")
}

/// Why JSON that Python has written is none for us.
fn unfit(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with("recursion limit") {
        too_deep()
    } else if text.starts_with("number out of range") {
        "the result cannot be kept: a number in it is beyond 1.8e308; give it back as text"
            .to_owned()
    } else {
        format!("the result cannot be read as JSON: {text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::held::Wanted;

    fn told(end: End<Left>, answer: &str) -> (ExecutionStatus, Value) {
        let finished = Finished {
            end,
            answer: if answer.is_empty() {
                Answer::None
            } else {
                Answer::Json(answer.into())
            },
            stdout: "out\n".into(),
            stderr: String::new(),
            limits: PythonLimits::default(),
        };
        match outcome(finished, Some(&json!(5))).unwrap() {
            Ended::Told(status, result) => (status, result),
            Ended::Interrupted(result) => panic!("interrupted with {result}"),
        }
    }

    fn exited(code: i32) -> End<Left> {
        End::Exited(Left::With(code))
    }

    #[test]
    fn has_the_shape_that_st2_gives() {
        let (status, result) = told(exited(0), r#"{"status": null, "result": {"a": 1}}"#);

        assert_eq!(status, ExecutionStatus::Succeeded);
        let expected = r#"{"stdout":"out\n","stderr":"","exit_code":0,"result":{"a":1}}"#;
        assert_eq!(result.to_string(), expected);
    }

    #[test]
    fn takes_the_status_that_the_action_gives() {
        assert_eq!(
            told(exited(0), r#"{"status": false, "result": 1}"#).0,
            ExecutionStatus::Failed
        );
        assert_eq!(
            told(exited(0), r#"{"status": true, "result": 1}"#).0,
            ExecutionStatus::Succeeded
        );
        assert_eq!(
            told(exited(3), r#"{"status": true, "result": 1}"#).0,
            ExecutionStatus::Failed
        );
    }

    #[test]
    fn says_none_where_there_is_no_result() {
        let (status, result) = told(exited(1), "");

        assert_eq!(status, ExecutionStatus::Failed);
        assert_eq!(result["result"], "None");
        assert_eq!(told(exited(0), "").0, ExecutionStatus::Succeeded);
        assert_eq!(
            told(exited(0), r#"{"status": null, "result": null}"#).1["result"],
            Value::Null
        );
    }

    #[test]
    fn says_how_long_it_was_given() {
        let (status, result) = told(End::TimedOut, "");

        assert_eq!(status, ExecutionStatus::TimedOut);
        assert_eq!(result["error"], "Action failed to complete in 5 seconds");
        assert_eq!(result["exit_code"], -9);
    }

    #[test]
    fn says_that_run_had_returned_when_time_was_up() {
        let (_, result) = told(End::TimedOut, r#"{"status": null, "result": 1}"#);

        let error = result["error"].as_str().unwrap();
        let expected = "Action failed to complete in 5 seconds: `run` has returned, ";
        assert!(error.starts_with(expected), "{error}");
        assert_eq!(result["result"], 1);
    }

    #[test]
    fn says_which_signal_ended_it() {
        let (status, result) = told(exited(-11), "");
        assert_eq!(status, ExecutionStatus::Failed);
        assert_eq!(result["exit_code"], -11);
        assert_eq!(result["error"], "the action's process was ended by SIGSEGV");

        let (_, result) = told(exited(-9), "");
        let expected = "the action's process was killed (SIGKILL): by somebody, or the machine is out of memory";
        assert_eq!(result["error"], expected);
        assert_eq!(told(exited(3), "").1.get("error"), None);
    }

    #[test]
    fn says_why_a_result_cannot_be_kept() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        let kept = format!(r#"{{"status": null, "result": {}}}"#, nested(DEEPEST));
        assert_eq!(told(exited(0), &kept).0, ExecutionStatus::Succeeded);
        for (result, expected) in [
            (nested(DEEPEST + 1), "nested more than 120 levels deep"),
            (nested(DEEPEST + 80), "nested more than 120 levels deep"),
            ("9".repeat(400), "a number in it is beyond 1.8e308"),
        ] {
            let (status, told) = told(
                exited(0),
                &format!(r#"{{"status": null, "result": {result}}}"#),
            );

            assert_eq!(status, ExecutionStatus::Failed);
            let error = told["error"].as_str().unwrap();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn says_that_its_process_was_lost() {
        let (status, result) = told(End::Exited(Left::Lost), "");

        assert_eq!(status, ExecutionStatus::Failed);
        assert!(
            result["error"]
                .as_str()
                .unwrap()
                .contains("was a fork of has ended")
        );
    }

    #[test]
    fn a_result_that_cannot_be_kept_is_a_failure() {
        let finished = Finished {
            end: exited(0),
            answer: Answer::TooLarge(99),
            stdout: String::new(),
            stderr: String::new(),
            limits: PythonLimits::default(),
        };

        let Ok(Ended::Told(status, result)) = outcome(finished, None) else {
            panic!("it has ended by itself");
        };
        assert_eq!(status, ExecutionStatus::Failed);
        assert_eq!(result["error"], "the result is too large: 99 bytes of JSON");
    }

    #[test]
    fn a_pair_without_a_status_fails_with_what_was_said() {
        let finished = Finished {
            end: exited(220),
            answer: Answer::None,
            stdout: String::new(),
            stderr: "no status".into(),
            limits: PythonLimits::default(),
        };

        assert_eq!(
            outcome(finished, None).unwrap_err().to_string(),
            "no status"
        );
    }

    #[test]
    fn leaves_the_status_to_whoever_interrupted_it() {
        let finished = Finished {
            end: End::Interrupted(Wanted::Cancel),
            answer: Answer::None,
            stdout: "so far".into(),
            stderr: String::new(),
            limits: PythonLimits::default(),
        };

        let Ok(Ended::Interrupted(partial)) = outcome(finished, None) else {
            panic!("it was interrupted");
        };
        assert_eq!(partial["stdout"], "so far");
    }
}
