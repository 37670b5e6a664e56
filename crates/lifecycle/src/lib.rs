//! Named tasks, two-step shutdown, and the clock.
//!
//! Whatever lives long is started here under a name, so that shutdown can wait for it and a task that dies is
//! noticed. Deliberately absent: channels, queues and retries, which belong to those who use them.

mod clock;
mod shutdown;
mod tasks;

pub use clock::Clock;
pub use shutdown::Shutdown;
pub use tasks::{OnError, Tasks};
