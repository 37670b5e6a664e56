//! Settings that can be told, and not be wrong by themselves.

use sensor::Partition;

use super::{Finding, good};
use crate::configuration::{Configuration, PythonSettings, RetentionDays, WorkflowLimits};

/// What the configuration says of the work itself.
pub(super) fn settings(configuration: &Configuration) -> Vec<Finding> {
    vec![
        good("actions at once", concurrency(configuration)),
        good("Python actions", python(configuration.python)),
        good("sensors", sensors(&configuration.partition)),
        good("workflows", workflows(configuration)),
        good("pack indexes", or_none(&configuration.pack_indexes)),
        good("history is kept", retention(configuration.retention)),
        good("log", configuration.log.filter.clone()),
    ]
}

fn concurrency(configuration: &Configuration) -> String {
    configuration.concurrency.map_or_else(
        || {
            format!(
                "{} (the default)",
                action_runner::RunnerOptions::default().max_concurrent
            )
        },
        |count| count.to_string(),
    )
}

fn python(settings: PythonSettings) -> String {
    let limits = [
        ("MiB of memory", settings.max_memory_mib),
        ("s of CPU time", settings.max_cpu_seconds),
        ("open files", settings.max_open_files),
        ("processes", settings.max_processes),
    ];
    let limits: Vec<String> = limits
        .iter()
        .filter_map(|(what, limit)| Some(format!("{} {what}", (*limit)?)))
        .collect();
    if limits.is_empty() {
        "no limits".to_owned()
    } else {
        format!("at most {}", limits.join(", "))
    }
}

fn sensors(partition: &Partition) -> String {
    match partition {
        Partition::None => "every one may run here".to_owned(),
        Partition::Hash(_) => "those of `hash_ranges` run here".to_owned(),
        Partition::Listed(sensors) => {
            format!("only these run here: {}", or_none(sensors))
        }
    }
}

fn workflows(configuration: &Configuration) -> String {
    let WorkflowLimits {
        max_task_runs,
        max_depth,
    } = configuration.workflow;
    let limit = |limit: Option<std::num::NonZeroUsize>, what: &str| {
        limit.map_or_else(
            || format!("{what}: the default"),
            |limit| format!("{what}: {limit}"),
        )
    };
    let mut told = vec![
        limit(max_task_runs, "runs of tasks"),
        limit(max_depth, "depth"),
    ];
    if configuration.expressions.reevaluate {
        told.push("data is evaluated as expressions once more".to_owned());
    }
    told.join(", ")
}

fn retention(days: RetentionDays) -> String {
    let kept = |what: &str, days: Option<u32>| {
        days.map_or(format!("{what} for ever"), |days| {
            format!("{what} {days} days")
        })
    };
    [
        kept("events", days.events),
        kept("executions", days.executions),
        kept("audit", days.audit),
    ]
    .join(", ")
}

fn or_none<'a>(words: impl IntoIterator<Item = &'a String>) -> String {
    let words: Vec<&str> = words.into_iter().map(String::as_str).collect();
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn says_how_long_history_is_kept() {
        let days = RetentionDays {
            events: Some(30),
            ..RetentionDays::default()
        };

        assert_eq!(
            retention(days),
            "events 30 days, executions for ever, audit for ever"
        );
    }

    #[test]
    fn says_what_bounds_python_actions() {
        let settings = PythonSettings {
            max_memory_mib: NonZeroU32::new(512),
            max_processes: NonZeroU32::new(64),
            ..PythonSettings::default()
        };

        assert_eq!(python(settings), "at most 512 MiB of memory, 64 processes");
        assert_eq!(python(PythonSettings::default()), "no limits");
    }

    #[test]
    fn says_which_sensors_run_here() {
        let listed = Partition::Listed(["p.A".to_owned(), "p.B".to_owned()].into());

        assert_eq!(sensors(&listed), "only these run here: p.A, p.B");
        assert_eq!(sensors(&Partition::None), "every one may run here");
    }
}
