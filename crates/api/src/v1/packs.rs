//! `/v1/packs`: what is registered, registering again, installing and removing.

use auth::Permission;
use utoipa_axum::routes;

use crate::operations::Operations;
use crate::projection::Attributes;

mod archive;
mod delete;
mod fetch;
mod file;
mod files;
mod forget;
mod get;
mod index;
mod index_health;
mod index_search;
mod install;
mod installed;
mod list;
mod pins;
mod register;
mod request;
mod uninstall;

const ATTRIBUTES: Attributes = Attributes {
    names: &[
        "id",
        "uid",
        "ref",
        "name",
        "description",
        "keywords",
        "version",
        "stackstorm_version",
        "python_versions",
        "author",
        "email",
        "contributors",
        "files",
        "path",
        "dependencies",
        "system",
    ],
    excludable: None,
    whole: &[],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::PackList, routes!(list::handle))
        .add(Permission::PackView, routes!(get::handle))
        .add(Permission::PackView, routes!(files::handle))
        .add(Permission::PackView, routes!(file::handle))
        .add(Permission::PackDelete, routes!(delete::handle))
        .add(Permission::PackRegister, routes!(register::handle))
        .add(Permission::PackInstall, routes!(archive::handle))
        .add(Permission::PackView, routes!(fetch::handle))
        .add(Permission::PackInstall, routes!(pins::handle))
        .add(Permission::PackDelete, routes!(forget::handle))
        .add(Permission::PackInstall, routes!(install::handle))
        .add(Permission::PackUninstall, routes!(uninstall::handle))
        .add(Permission::PackSearch, routes!(index::handle))
        .add(Permission::PackSearch, routes!(index_search::handle))
        .add(
            Permission::PackViewsIndexHealth,
            routes!(index_health::handle),
        )
}
