//! Waiting for conditions, and finding ports.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How often a condition is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// A port of 127.0.0.1 that nobody listened on a moment ago.
///
/// # Errors
/// Where the system has no port left.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

/// Waits until `condition` gives something. An error of `condition` ends the waiting.
///
/// # Errors
/// That of `condition`, or "... within ..." when `deadline` is over.
pub fn wait_until<T>(what: &str, deadline: Duration, mut condition: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = condition()? {
            return Ok(found);
        }
        if start.elapsed() > deadline {
            bail!("{what} did not happen within {deadline:?}");
        }
        #[expect(clippy::disallowed_methods, reason = "the harness's one place that polls; its callers are not async")]
        std::thread::sleep(PAUSE);
    }
}
