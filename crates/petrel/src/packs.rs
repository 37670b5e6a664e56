//! `petrel pack lint` and `petrel pack register`.

use std::path::PathBuf;
use std::process::ExitCode;

use lifecycle::Clock;
use model::IdSource;
use packs::{FileResult, Report};
use secrets::Vault;
use store::StoreOptions;

use crate::args::{Common, PackCommand, StoreArgs};
use crate::client::print;
use crate::configuration::Configuration;
use crate::server::{Registering, open_store};

/// Runs a command on packs. Failure if a file is refused.
pub(crate) async fn run(common: &Common, command: PackCommand) -> anyhow::Result<ExitCode> {
    match command {
        PackCommand::Lint { paths, json } => {
            let results = packs::lint(&paths);
            if json {
                print(&json_lines(&results)?)?;
            } else {
                print(&packs::render(&results))?;
            }
            Ok(code(!results.iter().any(FileResult::is_refused)))
        }
        PackCommand::Test(args) => Box::pin(crate::pack_test::run(common, &args)).await,
        PackCommand::Register { paths, store, json } => {
            register(common, &paths, &store, json).await
        }
    }
}

async fn register(
    common: &Common,
    paths: &[PathBuf],
    store: &StoreArgs,
    json: bool,
) -> anyhow::Result<ExitCode> {
    if let Some(path) = paths.iter().find(|path| !path.is_dir()) {
        anyhow::bail!(
            "`{}` is no folder: a pack's folder, or a folder of packs, is expected",
            path.display()
        );
    }
    let configuration = Configuration::for_migrate(common, store)?;
    let new_file = match &configuration.store {
        StoreOptions::Sqlite { path } if !path.exists() => Some(path.clone()),
        _ => None,
    };
    let (store, _) = open_store(&configuration).await?;
    let vault = Vault::open_or_create(&configuration.key_file)?;
    let (ids, clock) = (IdSource::new(), Clock::system());
    let registering = Registering {
        configuration: &configuration,
        store: &store,
        vault: &vault,
        ids: &ids,
        clock: &clock,
    };
    let report = registering.folders(paths).await?;
    store.close().await;
    if json {
        print(&json_lines(&report.results)?)?;
    } else {
        print(&summary(&report))?;
        if let Some(path) = new_file {
            print(&format!(
                "`{}` is new: an engine with another data folder sees nothing of this; name it with --data-dir",
                path.display()
            ))?;
        }
    }
    Ok(code(report.failures().next().is_none()))
}

/// What was refused, what is odd, and how much was registered.
fn summary(report: &Report) -> String {
    let excerpts = report.failures().filter_map(|one| one.excerpt.as_ref());
    let warnings = report.warnings().map(|(_, warning)| &warning.excerpt);
    let mut lines: Vec<String> = excerpts.chain(warnings).cloned().collect();
    let counts = report.counts.iter();
    let counts: Vec<_> = counts
        .map(|(kind, count)| format!("{count} {}", kind.name()))
        .collect();
    lines.push(format!(
        "{} registered ({}), {} files refused, {} warnings",
        match report.packs.len() {
            1 => "1 pack".to_owned(),
            many => format!("{many} packs"),
        },
        counts.join(", "),
        report.failures().count(),
        report.warnings().count()
    ));
    lines.join("\n")
}

/// One JSON object a file, a line each.
fn json_lines(results: &[FileResult]) -> anyhow::Result<String> {
    let lines: Result<Vec<String>, _> = results.iter().map(serde_json::to_string).collect();
    Ok(lines?.join("\n"))
}

fn code(all_well: bool) -> ExitCode {
    if all_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
