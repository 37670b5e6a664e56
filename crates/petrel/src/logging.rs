//! Log lines on standard error.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::args::LogFormat;

/// What is logged, and how.
#[derive(Debug, Clone)]
pub(crate) struct LogOptions {
    pub(crate) filter: String,
    pub(crate) format: LogFormat,
}

/// Starts logging for the process.
pub(crate) fn start(options: &LogOptions) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&options.filter).map_err(|error| {
        anyhow::anyhow!(
            "`{}` is not a log filter ({error}); try `info`",
            options.filter
        )
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match options.format {
        LogFormat::Text => builder.with_target(false).compact().try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging was started twice: {error}"))
}
