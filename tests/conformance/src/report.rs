//! Runs cases, and counts.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use crate::{Answer, Case, Failure, Set, Verdict, Wish, judge};

/// What came of a set.
#[derive(Debug, Default)]
pub struct Report {
    /// Cases that count.
    pub total: usize,
    /// Cases that were answered otherwise, in order.
    pub wrong: Vec<Wrong>,
    /// Numbers by feature.
    pub features: BTreeMap<String, Feature>,
    /// What cases would like to be the same, by name.
    pub wishes: BTreeMap<&'static str, Wishes>,
}

/// Numbers of something that cases would like to be the same.
#[derive(Debug, Default)]
pub struct Wishes {
    /// All of them.
    pub total: usize,
    /// Those that are not the same, with the name of their case.
    pub unmet: Vec<(String, Wish)>,
}

/// A case that was answered otherwise.
#[derive(Debug)]
pub struct Wrong {
    /// The case.
    pub case: Case,
    /// Our answer.
    pub answer: Answer,
}

/// Numbers of a feature.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// Cases answered as recorded.
    pub passed: usize,
    /// All of them.
    pub total: usize,
}

impl Report {
    /// Cases answered as recorded.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.total - self.wrong.len()
    }

    fn count_wishes(&mut self, case: &str, wishes: Vec<Wish>) {
        for wish in wishes {
            let numbers = self.wishes.entry(wish.name).or_default();
            numbers.total += 1;
            if wish.recorded != wish.ours {
                numbers.unmet.push((case.to_owned(), wish));
            }
        }
    }

    fn count(&mut self, case: Case, answer: Answer) {
        let is_same = judge(&case, &answer) == Verdict::Same;
        self.total += 1;
        for feature in case.features() {
            let numbers = self.features.entry(feature.to_owned()).or_default();
            numbers.total += 1;
            numbers.passed += usize::from(is_same);
        }
        if !is_same {
            self.wrong.push(Wrong { case, answer });
        }
    }
}

impl Wrong {
    /// Our answer in the recordings' form.
    #[must_use]
    pub fn actual(&self) -> Value {
        match &self.answer {
            Ok(value) => serde_json::json!({ "result": value }),
            Err(failure) => {
                serde_json::json!({ "error": { "kind": failure.kinds.first(), "message": failure.message, "place": failure.place } })
            }
        }
    }
}

/// Runs the cases of a set, those left out by the format excepted.
///
/// A panic is an answer of its own: it is never what was recorded.
pub fn replay(set: &Set, cases: impl IntoIterator<Item = Case>) -> Report {
    let mut report = Report::default();
    for case in cases {
        if case.is_left_out() {
            continue;
        }
        let answer = catch_unwind(AssertUnwindSafe(|| (set.answer)(&case)));
        let answer = answer.unwrap_or_else(|_| Err(Failure::new(&["panic"], "it panicked")));
        if answer.is_ok() {
            report.count_wishes(case.id(), set.wishes(&case));
        }
        report.count(case, answer);
    }
    report
}
