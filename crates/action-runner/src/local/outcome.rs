//! What a shell command ended with, in st2's shape. No I/O.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use model::ExecutionStatus;
use nix::sys::signal::Signal as UnixSignal;
use serde_json::{Value, json};

use super::status_of;
use crate::process::{End, Finished};

/// The return code that st2 gives to what ran out of time.
const KILLED: i32 = -9;

/// Status and result; no status where the command was interrupted (the interruption decides).
pub(super) fn outcome(
    finished: &Finished,
    has_password: bool,
    timeout: Option<&Value>,
) -> (Option<ExecutionStatus>, Value) {
    let (status, code, error) = match finished.end {
        End::Exited(exit) => judge(exit, finished, has_password),
        End::TimedOut => {
            let seconds = timeout.map(expr::python::str).unwrap_or_default();
            let error = format!("Action failed to complete in {seconds} seconds");
            (Some(ExecutionStatus::TimedOut), KILLED, Some(error))
        }
        End::Interrupted(_) => (None, KILLED, None),
    };
    (status, result(finished, code, error))
}

fn judge(
    exit: ExitStatus,
    finished: &Finished,
    has_password: bool,
) -> (Option<ExecutionStatus>, i32, Option<String>) {
    if let Some(error) = refused_password(&finished.stderr).filter(|_| has_password) {
        return (Some(ExecutionStatus::Failed), -1, Some(error));
    }
    // As Python has it: a signal's number, negative.
    let code = exit
        .code()
        .or(exit.signal().map(|signal| -signal))
        .unwrap_or(-1);
    let error = exit.signal().map(|signal| {
        let name = UnixSignal::try_from(signal).map_or("unknown", UnixSignal::as_str);
        format!("The command was killed by signal {signal} ({name})")
    });
    (Some(status_of(code)), code, error)
}

fn result(finished: &Finished, code: i32, error: Option<String>) -> Value {
    let mut result = json!({
        "failed": code != 0,
        "succeeded": code == 0,
        "return_code": code,
        "stdout": shown(&finished.stdout),
        "stderr": shown(&finished.stderr),
    });
    if let Some(error) = error {
        result["error"] = error.into();
    }
    result
}

/// A stream in a result: without one line end at its end, and read as JSON where it is JSON (`jsonify.json_loads`).
fn shown(text: &str) -> Value {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// What sudo says of a wrong password.
fn refused_password(stderr: &str) -> Option<String> {
    let attempts = stderr.split("sudo: ").skip(1).any(|said| {
        said.trim_start_matches(|digit: char| digit.is_ascii_digit())
            .starts_with(" incorrect password attempt")
    });
    let user = stderr
        .split_once("[sudo] password for ")
        .and_then(|(_, rest)| rest.split_once(':'));
    attempts.then(|| {
        let user = user.map_or("unknown", |(user, _)| user);
        format!("Invalid sudo password provided or sudo is not configured for this user ({user})")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::held::Wanted;

    fn finished(end: End, stdout: &str, stderr: &str) -> Finished {
        Finished {
            end,
            stdout: stdout.to_owned(),
            stderr: stderr.to_owned(),
        }
    }

    fn exited(code: i32) -> End {
        End::Exited(ExitStatus::from_raw(code << 8))
    }

    #[test]
    fn has_the_shape_that_st2_gives() {
        let (status, result) = outcome(&finished(exited(3), "to-out\n", "to-err\n"), false, None);

        assert_eq!(status, Some(ExecutionStatus::Failed));
        let expected = r#"{"failed":true,"succeeded":false,"return_code":3,"stdout":"to-out","stderr":"to-err"}"#;
        assert_eq!(result.to_string(), expected);
    }

    #[test]
    fn reads_a_stream_that_is_json() {
        let of = |stdout: &str| {
            outcome(&finished(exited(0), stdout, ""), false, None).1["stdout"].clone()
        };

        assert_eq!(of("{\"a\": [1]}\n"), json!({ "a": [1] }));
        assert_eq!(of("10\n"), json!(10));
        assert_eq!(of("null\n"), Value::Null);
        assert_eq!(of("1 2\n"), json!("1 2"));
        assert_eq!(of("[1,\n"), json!("[1,"));
    }

    #[test]
    fn strips_one_line_end_only() {
        assert_eq!(shown("a\n\n"), json!("a\n"));
        assert_eq!(shown("a\r\n"), json!("a"));
        assert_eq!(shown(""), json!(""));
    }

    #[test]
    fn says_how_long_it_was_given() {
        let (status, result) = outcome(
            &finished(End::TimedOut, "before\n", ""),
            false,
            Some(&json!(1)),
        );

        assert_eq!(status, Some(ExecutionStatus::TimedOut));
        assert_eq!(
            result,
            json!({
                "failed": true, "succeeded": false, "return_code": -9, "stdout": "before", "stderr": "",
                "error": "Action failed to complete in 1 seconds",
            })
        );
    }

    #[test]
    fn names_the_signal_that_killed_it() {
        let killed = End::Exited(ExitStatus::from_raw(9));

        let (status, result) = outcome(&finished(killed, "", ""), false, None);

        assert_eq!(status, Some(ExecutionStatus::Failed));
        assert_eq!(result["return_code"], -9);
        assert_eq!(
            result["error"],
            "The command was killed by signal 9 (SIGKILL)"
        );
    }

    #[test]
    fn leaves_the_status_to_whoever_interrupted_it() {
        let (status, _) = outcome(
            &finished(End::Interrupted(Wanted::Cancel), "", ""),
            false,
            None,
        );

        assert_eq!(status, None);
    }

    #[test]
    fn explains_a_wrong_sudo_password() {
        let stderr =
            "[sudo] password for stanley: Sorry, try again.\nsudo: 3 incorrect password attempts\n";

        let (status, result) = outcome(&finished(exited(1), "", stderr), true, None);

        assert_eq!(status, Some(ExecutionStatus::Failed));
        assert_eq!(result["return_code"], -1);
        let expected =
            "Invalid sudo password provided or sudo is not configured for this user (stanley)";
        assert_eq!(result["error"], expected);
    }
}
