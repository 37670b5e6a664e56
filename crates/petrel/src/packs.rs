//! `petrel pack lint` and `petrel pack register`.

use std::path::PathBuf;
use std::process::ExitCode;

use lifecycle::Clock;
use model::IdSource;
use packs::FileResult;
use secrets::Vault;

use crate::args::{Common, PackCommand, StoreArgs};
use crate::configuration::Configuration;
use crate::server::{open_store, register_packs};

/// Runs a command on packs. Failure if a file is refused.
pub(crate) async fn run(common: &Common, command: PackCommand) -> anyhow::Result<ExitCode> {
    match command {
        PackCommand::Lint { paths, json } => {
            let results = packs::lint(&paths);
            say(&results.iter().collect::<Vec<_>>(), json)?;
            if !json {
                print!("{}", packs::render(&results));
            }
            Ok(code(!results.iter().any(FileResult::is_refused)))
        }
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
    for path in paths.iter().filter(|path| !path.is_dir()) {
        anyhow::bail!(
            "`{}` is no folder: a pack's folder, or a folder of packs, is expected",
            path.display()
        );
    }
    let configuration = Configuration::for_migrate(common, store)?;
    let (store, _) = open_store(&configuration).await?;
    let vault = Vault::open_or_create(&configuration.key_file)?;
    let (ids, clock) = (IdSource::new(), Clock::system());
    packs::register_built_in(&store, &ids, clock.now()).await?;
    let report = register_packs(&configuration, paths, &store, &vault, &ids, &clock).await?;
    store.close().await;
    say(&report.results.iter().collect::<Vec<_>>(), json)?;
    let failed = report.failures().count();
    if !json {
        report
            .failures()
            .filter_map(|failure| failure.excerpt.as_ref())
            .for_each(|excerpt| println!("{excerpt}"));
        let counts: Vec<_> = report
            .counts
            .iter()
            .map(|(kind, count)| format!("{count} {}", kind.name()))
            .collect();
        println!(
            "{} packs registered ({}), {failed} files refused",
            report.packs.len(),
            counts.join(", ")
        );
    }
    Ok(code(failed == 0))
}

/// Prints one JSON object a file, if JSON is asked for.
fn say(results: &[&FileResult], json: bool) -> anyhow::Result<()> {
    if json {
        for result in results {
            println!("{}", serde_json::to_string(result)?);
        }
    }
    Ok(())
}

fn code(all_well: bool) -> ExitCode {
    if all_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
