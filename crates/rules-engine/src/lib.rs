//! Matches trigger instances with rules and requests their actions.
//!
//! The matching is a library without I/O ([`RuleSet`], [`CompiledRule`], [`explain`](fn@explain)), so that rule tests
//! and backtests run the very code that runs live. The service takes batches of trigger instances from the bus, and
//! stores what came of each batch in one transaction.

pub mod criteria;
mod criterion;
mod enforce;
pub mod explain;
mod files;
#[cfg(test)]
mod fixture;
mod index;
mod items;
mod live;
mod lookup;
mod metrics;
mod options;
mod outcome;
mod pattern;
mod process;
mod rule;
mod service;
mod subject;

pub use criterion::test_operator;
pub use explain::{Explanation, explain};
pub use files::{InstanceFile, SourceError, SourceFile, explain_files, read_instance, read_rule};
pub use index::{Evaluation, RuleSet};
pub use options::RulesOptions;
pub use rule::{CompiledRule, RuleError, Verdict};
pub use service::{RulesEngine, RulesResources};
pub use subject::Subject;
