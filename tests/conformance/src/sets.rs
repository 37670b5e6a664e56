//! The sets that are known, and where their cases are.

mod alias;
mod criteria;
mod jinja;
mod jsonpath;
mod memory;
mod orquesta_conduct;
mod orquesta_expr;
mod orquesta_inspect;
mod params;
mod rule_match;
mod workflow;
mod yaql;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::{Answer, Case};

/// A set of cases.
#[derive(Debug)]
pub struct Set {
    /// The stem of its files.
    pub name: &'static str,
    /// The share that has to be answered as recorded, in percent.
    pub threshold: f64,
    /// How a case is answered.
    pub(crate) answer: fn(&Case) -> Answer,
}

/// All sets, in the order in which they are reported.
pub const SETS: &[Set] = &[
    Set {
        name: "yaql",
        threshold: 99.0,
        answer: yaql::answer,
    },
    Set {
        name: "orquesta_expr",
        threshold: 99.0,
        answer: orquesta_expr::answer,
    },
    Set {
        name: "jinja",
        threshold: 98.5,
        answer: jinja::answer,
    },
    Set {
        name: "criteria",
        threshold: 100.0,
        answer: criteria::answer,
    },
    Set {
        name: "jsonpath",
        threshold: 98.0,
        answer: jsonpath::answer,
    },
    Set {
        name: "rule_match",
        threshold: 100.0,
        answer: rule_match::answer,
    },
    Set {
        name: "alias",
        threshold: 99.5,
        answer: alias::answer,
    },
    Set {
        name: "params",
        threshold: 98.0,
        answer: params::answer,
    },
    Set {
        name: "orquesta_conduct",
        threshold: 100.0,
        answer: orquesta_conduct::answer,
    },
    Set {
        name: "orquesta_inspect",
        threshold: 99.0,
        answer: orquesta_inspect::answer,
    },
];

/// Something that a case would like to be the same, and does not insist on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What is compared.
    pub name: &'static str,
    /// What was recorded.
    pub recorded: String,
    /// What we say.
    pub ours: String,
}

impl Set {
    /// What a case would like to be the same, beyond what it insists on.
    #[must_use]
    pub fn wishes(&self, case: &Case) -> Vec<Wish> {
        match self.name {
            "orquesta_inspect" => orquesta_inspect::wishes(case),
            _ => Vec::new(),
        }
    }
}

/// Files of known sets below a folder, by set, in order of their paths.
pub fn files(folder: &Path) -> io::Result<BTreeMap<&'static str, Vec<PathBuf>>> {
    let mut found = BTreeMap::new();
    collect(folder, &mut found)?;
    Ok(found)
}

fn collect(folder: &Path, found: &mut BTreeMap<&'static str, Vec<PathBuf>>) -> io::Result<()> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, found)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
            && let Some(set) = SETS
                .iter()
                .find(|set| path.file_stem().is_some_and(|stem| stem == set.name))
        {
            found.entry(set.name).or_default().push(path);
        }
    }
    Ok(())
}
