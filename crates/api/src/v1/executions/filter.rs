//! The filters of the list of executions.

use std::str::FromStr;

use chrono::{DateTime, Duration, Utc};
use model::Reference;
use store::ExecutionFilter;

use crate::extract::{Order, Params, parse_time};
use crate::{Api, ApiError};

/// What a query asks for; `None` where nothing can fit, such as an unknown status.
///
/// As in StackStorm `rule`, `trigger` and `trigger_type` are names without a pack.
pub(super) fn read(
    api: &Api,
    params: &Params,
    with_results: bool,
) -> Result<Option<ExecutionFilter>, ApiError> {
    let (after, before) = range(params)?.unzip();
    let mut filter = ExecutionFilter {
        action: params.owned("action"),
        pack: params.owned("pack"),
        runner: params.owned("runner"),
        user: params.owned("user"),
        rule_name: params.owned("rule"),
        started_after: params.time("timestamp_gt")?.or(after),
        started_before: params.time("timestamp_lt")?.or(before),
        oldest_first: Order::of(params, "timestamp").is_oldest_first(),
        with_results,
        ..ExecutionFilter::default()
    };
    Ok(narrow(api, params, &mut filter).ok().map(|()| filter))
}

/// A value that names nothing, so that nothing fits.
#[derive(Debug, PartialEq, Eq)]
struct NamesNothing;

/// The filters whose values may name nothing.
fn narrow(api: &Api, params: &Params, filter: &mut ExecutionFilter) -> Result<(), NamesNothing> {
    filter.statuses = all(params, "status")?;
    filter.ids = all(params, "id")?.or(all(params, "liveaction")?);
    filter.trace = params
        .parsed("trace")
        .transpose()
        .map_err(|_| NamesNothing)?;
    filter.trigger_instance = params
        .parsed("trigger_instance")
        .transpose()
        .map_err(|_| NamesNothing)?;
    filter.parent = match params.get("parent") {
        Some("null" | "None") => Some(None),
        Some(id) => Some(Some(id.parse().map_err(|_| NamesNothing)?)),
        None => None,
    };
    if let Some(name) = params.get("trigger") {
        let table = api.intake.triggers();
        filter.trigger = Some(named(table.triggers.keys(), name).ok_or(NamesNothing)?);
    }
    if let Some(name) = params.get("trigger_type") {
        let table = api.intake.triggers();
        filter.trigger_type = Some(named(table.types.keys(), name).ok_or(NamesNothing)?);
    }
    Ok(())
}

/// The values of a comma-separated parameter that mean something.
fn all<T: FromStr>(params: &Params, name: &str) -> Result<Option<Vec<T>>, NamesNothing> {
    let words = params.words(name);
    if words.is_empty() {
        return Ok(None);
    }
    let read: Vec<T> = words
        .into_iter()
        .filter_map(|word| word.parse().ok())
        .collect();
    if read.is_empty() {
        Err(NamesNothing)
    } else {
        Ok(Some(read))
    }
}

/// The reference whose name is this.
fn named<'a>(mut references: impl Iterator<Item = &'a String>, name: &str) -> Option<String> {
    references
        .find(|reference| {
            reference
                .parse::<Reference>()
                .is_ok_and(|parsed| parsed.name() == name)
        })
        .cloned()
}

/// Two times, the first and the last.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// `timestamp=FROM..TO`, both included; the store's bounds are not.
fn range(params: &Params) -> Result<Option<Span>, ApiError> {
    let Some(text) = params.get("timestamp") else {
        return Ok(None);
    };
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (parse_time(from)?, parse_time(to)?);
    let (from, to) = (from.min(to), from.max(to));
    let step = Duration::microseconds(1);
    Ok(Some((from - step, to + step)))
}

#[cfg(test)]
mod tests {
    use model::ExecutionStatus;

    use super::*;

    #[test]
    fn a_range_of_time_includes_both_its_ends() {
        let time = "2026-01-01T00:00:00.000000Z";

        let (after, before) = range(&Params::parse(&format!("timestamp={time}..{time}")))
            .unwrap()
            .unwrap();

        let time: DateTime<Utc> = time.parse().unwrap();
        assert!(after < time && time < before);
    }

    #[test]
    fn an_unknown_status_fits_nothing_and_a_known_one_beside_it_counts() {
        let read = |query: &str| all::<ExecutionStatus>(&Params::parse(query), "status");

        assert_eq!(read("status=nothing"), Err(NamesNothing));
        assert_eq!(
            read("status=failed,nothing"),
            Ok(Some(vec![ExecutionStatus::Failed]))
        );
        assert_eq!(read(""), Ok(None));
    }

    #[test]
    fn triggers_are_named_without_their_pack() {
        let references = ["core.st2.webhook".to_owned()];

        assert_eq!(
            named(references.iter(), "st2.webhook"),
            Some("core.st2.webhook".to_owned())
        );
        assert_eq!(named(references.iter(), "core.st2.webhook"), None);
    }
}
