//! What a failure of the database means to callers.

use sqlx::Error;

use crate::StoreError;

/// Sorts a failure by what a caller can do about it.
pub(crate) fn fault(error: Error) -> StoreError {
    match &error {
        Error::Io(_)
        | Error::Tls(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        | Error::Protocol(_)
        | Error::BeginFailed => StoreError::Unavailable(error),
        Error::Database(refusal) => {
            let code = refusal.code().unwrap_or_default().into_owned();
            let text = refusal.message().to_owned();
            match verdict(&code) {
                Verdict::TryAgain => StoreError::Unavailable(error),
                Verdict::CannotWrite => StoreError::CannotWrite(text, error),
                Verdict::Refused => StoreError::Refused(error),
            }
        }
        _ => StoreError::Refused(error),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    TryAgain,
    CannotWrite,
    Refused,
}

/// PostgreSQL's codes have five characters; SQLite's are numbers whose low byte is the primary code.
fn verdict(code: &str) -> Verdict {
    if code.len() == 5 && !code.starts_with('-') {
        return match code {
            // disk full; out of memory and the like
            "53100" | "25006" => Verdict::CannotWrite,
            // connections, shutdown, too many clients, deadlock, serialisation, locks, starting up
            _ if ["08", "57P", "53", "40", "55P03"]
                .iter()
                .any(|class| code.starts_with(class)) =>
            {
                Verdict::TryAgain
            }
            _ => Verdict::Refused,
        };
    }
    match code.parse::<u32>().map(|code| code & 0xff) {
        // busy, locked
        Ok(5 | 6) => Verdict::TryAgain,
        // readonly, disk I/O, full, cannot open
        Ok(8 | 10 | 13 | 14) => Verdict::CannotWrite,
        _ => Verdict::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_may_pass_from_what_needs_an_operator() {
        for (code, expected) in [
            ("53100", Verdict::CannotWrite),
            ("25006", Verdict::CannotWrite),
            ("57P01", Verdict::TryAgain),
            ("57P03", Verdict::TryAgain),
            ("08006", Verdict::TryAgain),
            ("40P01", Verdict::TryAgain),
            ("23505", Verdict::Refused),
            ("5", Verdict::TryAgain),
            ("517", Verdict::TryAgain),
            ("13", Verdict::CannotWrite),
            ("778", Verdict::CannotWrite),
            ("2067", Verdict::Refused),
        ] {
            assert_eq!(verdict(code), expected, "{code}");
        }
    }
}
