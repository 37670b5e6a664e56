#![doc = include_str!("../README.md")]

mod answer;
mod case;
mod compare;
mod differences;
mod report;
mod sets;
mod wire;

pub use answer::{Answer, Failure};
pub use case::{Case, CaseError, Expected};
pub use compare::{Verdict, judge};
pub use differences::{Difference, Differences};
pub use report::{Feature, Report, Wrong, replay};
pub use sets::{SETS, Set, Wish, files};
