//! Waiting for conditions, and finding ports.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How often a condition is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// The ports that are given out: below those that the system takes for outgoing connections, which would otherwise
/// take one between its choice and its use.
const PORTS: std::ops::Range<u32> = 10_000..32_000;
/// How many ports one test process has before it reaches those of the next.
const PORTS_PER_PROCESS: u32 = 127;

/// A port of 127.0.0.1 that nobody listens on, and that nobody else in this process is given.
///
/// # Errors
/// Where all are taken.
pub fn free_port() -> Result<u16> {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let count = PORTS.end - PORTS.start;
    let first = (std::process::id() % count) * PORTS_PER_PROCESS;
    for _ in 0..count {
        let port = PORTS.start + (first + GIVEN.fetch_add(1, Ordering::Relaxed)) % count;
        let port = u16::try_from(port)?;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port on 127.0.0.1 in {PORTS:?}")
}

/// Waits until `condition` gives something. An error of `condition` ends the waiting.
///
/// # Errors
/// That of `condition`, or "... within ..." when `deadline` is over.
pub fn wait_until<T>(
    what: &str,
    deadline: Duration,
    mut condition: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = condition()? {
            return Ok(found);
        }
        if start.elapsed() > deadline {
            bail!("{what} did not happen within {deadline:?}");
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "the harness's one place that polls; its callers are not async"
        )]
        std::thread::sleep(PAUSE);
    }
}
