//! The shares that have to be reached, and the honesty of the list of differences.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use conformance::{Case, Differences, Report, SETS, Set, files, replay};

/// The recordings; `None`, said aloud, where they are not here.
fn recordings() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: there are no recordings in ../shared/conformance");
    None
}

fn cases(paths: &[PathBuf]) -> Vec<Case> {
    let texts = paths
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a recording can be read"));
    texts
        .flat_map(|text| {
            text.lines()
                .map(|line| Case::parse(line).expect("a line is a case"))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Every set that is there, with what came of it.
fn reports() -> Option<Vec<(&'static Set, Report)>> {
    let found = files(&recordings()?).expect("the folder can be read");
    let there = SETS
        .iter()
        .filter_map(|set| Some((set, found.get(set.name)?)));
    Some(
        there
            .map(|(set, paths)| (set, replay(set, cases(paths))))
            .collect(),
    )
}

fn share(report: &Report) -> f64 {
    let count =
        |number: usize| f64::from(u32::try_from(number).expect("recordings are not that long"));
    100.0 * count(report.passed()) / count(report.total)
}

#[test]
fn every_set_reaches_its_share_and_every_difference_is_listed() {
    let Some(reports) = reports() else { return };
    let differences = Differences::kept().expect("the list is well-formed");
    let kept = differences.by_case();

    let mut complaints = Vec::new();
    let mut failed = HashSet::new();
    for (set, report) in &reports {
        eprintln!("{} {}/{}", set.name, report.passed(), report.total);
        if share(report) < set.threshold {
            complaints.push(format!(
                "{}: {:.2} % of {} %",
                set.name,
                share(report),
                set.threshold
            ));
        }
        for wrong in &report.wrong {
            failed.insert(wrong.case.id());
            if !kept.contains_key(wrong.case.id()) {
                complaints.push(format!(
                    "{} {} is not listed: {}",
                    wrong.case.id(),
                    wrong.case.inputs(),
                    wrong.actual()
                ));
            }
        }
    }
    let unfounded = kept.keys().filter(|case| !failed.contains(*case));
    complaints
        .extend(unfounded.map(|case| format!("{case} is listed as a difference, and is none")));

    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_recorded_set_is_known() {
    let Some(folder) = recordings() else { return };

    let found = files(&folder).expect("the folder can be read");

    let missing: Vec<_> = SETS
        .iter()
        .map(|set| set.name)
        .filter(|name| !found.contains_key(name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_difference_is_told_in_the_documentation() {
    let page = include_str!("../../../docs/differences-from-stackstorm.md");
    let differences = Differences::kept().expect("the list is well-formed");

    let untold: Vec<_> = differences
        .all
        .iter()
        .map(|difference| difference.reason.as_str())
        .filter(|reason| !page.contains(reason))
        .collect();

    assert!(untold.is_empty(), "{untold:?}");
}
