//! Reads, checks and registers packs; says what is wrong, and where.
//!
//! The reference is `StackStorm` 3.9: what its registrars accept is accepted here, unmodified, and means the same.
//! Better than there: a broken file never stops its neighbours, every complaint has file, line and column, and two
//! packs that claim one name are told apart. Where we disagree on purpose is listed in `differences.json`.
//!
//! - [`read_pack`] reads one folder, without a store;
//! - [`lint`] and [`render`] are behind `petrel pack lint`;
//! - [`register`] and [`register_built_in`] put what was read into the store;
//! - [`examine`] and [`put_in_force`] install packs that come from elsewhere; [`Index`] says which there are;
//! - [`definition`] checks single definitions that come as JSON, as through the API.

mod built_in;
mod catalog;
mod complaint;
mod cron;
pub mod definition;
mod expressions;
mod fingerprint;
mod form;
mod index;
mod install;
mod layout;
mod lint;
mod overrides;
mod parallel;
mod policy_type;
mod reading;
mod register;
mod result;
mod seal;
mod sensor_classes;
mod source;
mod suggestion;
mod workflow;

pub use built_in::register_built_in;
pub use catalog::Catalog;
pub use complaint::{Complaint, Place};
pub use cron::{CronComplaint, check_cron};
pub use expressions::{ExpressionFinding, check_expressions};
pub use index::{Index, IndexStatus};
pub use install::{
    COMPATIBLE_WITH, InstallError, check_compatible, examine, installed_at, put_in_force,
};
pub use layout::{find_packs, pack_of_file};
pub use lint::{lint, render};
pub use policy_type::{PolicyType, policy_types};
pub use reading::{Definitions, PackReading, Reader};
pub use register::{Kinds, RegisterOptions, Report, UnknownKind, register};
pub use result::{FileKind, FileResult, FileWarning};
pub use seal::seal_secrets;
pub use sensor_classes::unknown_sensor_classes;

/// Reads the pack in `folder` and checks all of its files. Trigger types that it brings are added to `catalog`, so
/// that rules of this and of later packs can refer to them.
#[must_use]
pub fn read_pack(
    folder: &std::path::Path,
    catalog: &mut Catalog,
    ids: &model::IdSource,
    now: chrono::DateTime<chrono::Utc>,
) -> PackReading {
    catalog.learn(&[folder], ids, now);
    Reader {
        catalog,
        ids,
        now,
        overrides: None,
    }
    .read(folder)
}
