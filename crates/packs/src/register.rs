//! Registers packs: reads them, and stores what each brings in one transaction.

mod found;
mod kept;
mod kinds;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use model::{IdSource, PackConfig, Sensor, TriggerType};
use secrets::Vault;
use store::{DefinitionFilter, PackContent, PackFiles, Store, StoreError};

use crate::built_in::ensure_trigger;
use crate::definition::check_config;
use crate::seal::seal_secrets;
use crate::sensor_classes;
use crate::source::Source;
use crate::{
    Catalog, FileKind, FileResult, FileWarning, PackReading, check_expressions, fingerprint,
};

use found::{Found, Search, config_file};

pub use kinds::{Kinds, UnknownKind};

/// What to register, and by what means.
#[derive(Debug, Clone, Copy)]
pub struct RegisterOptions<'a> {
    /// Which kinds of files.
    pub kinds: &'a Kinds,
    /// Only packs with these refs; all where absent.
    pub packs: Option<&'a [String]>,
    /// The folder of `NAME.yaml` files that configure packs. The folder `overrides` beside it has files that override
    /// what packs say of themselves, as with StackStorm.
    pub configs: Option<&'a Path>,
    /// Seals the secrets of configurations.
    pub vault: &'a Vault,
    /// Where ids come from.
    pub ids: &'a IdSource,
    /// Now.
    pub now: DateTime<Utc>,
    /// Passes over packs whose files did not change since they were registered, and leaves alone what was changed by
    /// API since: as at a start. Without it, what the files say is put in force.
    pub keep_unchanged: bool,
    /// The content that the folder was unpacked from, where a pack is installed: [`store::PackArchive::hash`].
    pub installed: Option<&'a str>,
    /// Packs that are passed over, wherever they lie: those that were installed hide those in folders.
    pub without: &'a [String],
    /// The folder of the packs that the engine brings: each counts where no other folder has one of its ref.
    pub brought: Option<&'a Path>,
}

impl RegisterOptions<'_> {
    /// The folder of files that override what packs say.
    fn overrides(&self) -> Option<PathBuf> {
        let beside = self.configs.and_then(Path::parent);
        beside.map(|folder| folder.join("overrides"))
    }
}

/// What registering did.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The refs of the packs that were registered.
    pub packs: Vec<String>,
    /// The refs of those that were passed over, because their files did not change.
    pub unchanged: Vec<String>,
    /// How many files of each kind were accepted.
    pub counts: BTreeMap<FileKind, usize>,
    /// What is said about each file of the kinds asked for.
    pub results: Vec<FileResult>,
}

impl Report {
    /// The files that were refused.
    pub fn failures(&self) -> impl Iterator<Item = &FileResult> {
        self.results.iter().filter(|result| result.is_refused())
    }

    /// What is odd about files that were registered all the same.
    pub fn warnings(&self) -> impl Iterator<Item = (&FileResult, &FileWarning)> {
        self.results.iter().flat_map(|result| {
            let warnings = result.warnings.iter();
            warnings.map(move |warning| (result, warning))
        })
    }

    fn take(&mut self, results: Vec<FileResult>, kinds: &Kinds) {
        for result in results
            .into_iter()
            .filter(|result| kinds.includes(result.kind))
        {
            if result.ok == Some(true) {
                *self.counts.entry(result.kind).or_default() += 1;
            }
            self.results.push(result);
        }
    }
}

/// Registers the packs in these folders (each a pack, or a folder of packs).
///
/// Each pack is one transaction, so many processes may register at once. Files that are refused are in the report and
/// stop nothing; what was registered from such a file before stays. Of two packs with one ref the first counts, and
/// the second is refused with both folders named. Rules may refer to trigger types of any of the packs, and of those
/// registered before.
pub async fn register(
    store: &Store,
    folders: &[PathBuf],
    options: &RegisterOptions<'_>,
) -> Result<Report, StoreError> {
    let brought = options.brought.map(Path::to_owned);
    let folders: Vec<PathBuf> = folders.iter().cloned().chain(brought).collect();
    let found = Search::new(store, folders, options).await?.run().await;
    let mut report = Report::default();
    for (reading, files) in to_register(found, options, &mut report) {
        let pack = reading.definitions.pack.pack_ref.clone();
        let (content, results) = content(store, reading, files, options).await?;
        store.register_pack(&content).await?;
        ensure_triggers(store, &pack, options).await?;
        tracing::debug!(pack, "pack registered");
        report.take(results, options.kinds);
        report.packs.push(pack);
    }
    Ok(report)
}

/// Makes the triggers that stand for a pack's trigger types without parameters.
async fn ensure_triggers(
    store: &Store,
    pack: &str,
    options: &RegisterOptions<'_>,
) -> Result<(), StoreError> {
    let of_pack = DefinitionFilter {
        pack: Some(pack.to_owned()),
        ..DefinitionFilter::default()
    };
    for one in store.all::<TriggerType>(&of_pack).await? {
        ensure_trigger(store, &one, options.ids, options.now).await?;
    }
    Ok(())
}

/// Of the packs that were found, those that were read and are wanted; of two with one ref the first.
fn to_register(
    found: Vec<Found>,
    options: &RegisterOptions<'_>,
    report: &mut Report,
) -> Vec<(PackReading, PackFiles)> {
    let mut first: HashMap<String, PathBuf> = HashMap::new();
    let mut chosen = Vec::new();
    for one in found {
        let (reading, files) = match one {
            Found::Read(reading, files) => (*reading, files),
            Found::Unchanged(pack, folder) => {
                if options.without.contains(&pack) {
                    continue;
                }
                if first.insert(pack.clone(), folder).is_none() {
                    report.unchanged.push(pack);
                }
                continue;
            }
        };
        let pack = &reading.definitions.pack.pack_ref;
        let is_wanted = options.packs.is_none_or(|wanted| wanted.contains(pack));
        if !is_wanted || options.without.contains(pack) {
            continue;
        }
        let is_brought = options
            .brought
            .is_some_and(|brought| reading.folder.starts_with(brought));
        match first.get(pack) {
            Some(earlier) if *earlier == reading.folder || is_brought => {}
            Some(earlier) => report.results.push(claimed_twice(reading, earlier)),
            None => {
                first.insert(pack.clone(), reading.folder.clone());
                chosen.push((reading, files));
            }
        }
    }
    chosen
}

fn claimed_twice(reading: PackReading, earlier: &Path) -> FileResult {
    let pack = reading.definitions.pack.pack_ref;
    let message = format!(
        "the pack \"{pack}\" is in {} and in {}; only the first is registered",
        earlier.display(),
        reading.folder.display()
    );
    let source = Source::read(
        &reading.folder,
        &reading.folder.join("pack.yaml"),
        FileKind::Pack,
    );
    let root = source.document.as_ref().ok().map(|parsed| &parsed.root);
    let position = root.map(|root| root.key_position(&["ref"]).unwrap_or(root.span.start));
    FileResult::refused(&pack, &source, Some(pack.clone()), message, position)
}

/// What the store is given: the kinds asked for, with the configuration, and with what stood before where a file is
/// broken now.
async fn content(
    store: &Store,
    reading: PackReading,
    files: PackFiles,
    options: &RegisterOptions<'_>,
) -> Result<(PackContent, Vec<FileResult>), StoreError> {
    let PackReading {
        results,
        definitions,
        ..
    } = reading;
    // Workflows are looked at when they run; until then what is wrong with them is warned of.
    let is_workflow =
        |result: &FileResult| result.kind == FileKind::Workflow && result.is_refused();
    let mut results: Vec<FileResult> = results
        .into_iter()
        .map(|result| {
            if is_workflow(&result) {
                result.tolerated()
            } else {
                result
            }
        })
        .collect();
    let kinds = options.kinds;
    let has = |kind: FileKind| kinds.includes(kind);
    let attributes = definitions
        .config_schema
        .as_ref()
        .map(|schema| &schema.attributes);
    let pack = &definitions.pack.pack_ref;
    let configs = options.configs.filter(|_| has(FileKind::Config));
    let config_mark = configs.map(|folder| fingerprint::of_file(&config_file(folder, pack)));
    let known = (attributes, definitions.sensors.as_slice());
    let config = configs.and_then(|folder| read_config(folder, pack, known, options, &mut results));
    let (actions, rules, aliases) = (
        has(FileKind::Action),
        has(FileKind::Rule),
        has(FileKind::Alias),
    );
    let (sensors, policies) = (has(FileKind::Sensor), has(FileKind::Policy));
    let is_whole = *kinds == Kinds::all() && !results.iter().any(FileResult::is_refused);
    let mut content = PackContent {
        pack: definitions.pack,
        config_schema: definitions.config_schema.filter(|_| has(FileKind::Config)),
        config,
        config_mark: config_mark.unwrap_or_default(),
        trigger_types: Some(definitions.trigger_types)
            .filter(|_| has(FileKind::Trigger) || sensors),
        sensors: Some(definitions.sensors).filter(|_| sensors),
        actions: Some(definitions.actions).filter(|_| actions),
        rules: Some(definitions.rules).filter(|_| rules),
        aliases: Some(definitions.aliases).filter(|_| aliases),
        policies: Some(definitions.policies).filter(|_| policies),
        keep_unchanged: options.keep_unchanged,
        files: Some(files).filter(|_| is_whole),
        installed: options.installed.map(str::to_owned),
    };
    kept::keep_stored(store, &results, &mut content).await?;
    Ok((content, results))
}

fn read_config(
    folder: &Path,
    pack: &str,
    (attributes, sensors): (Option<&model::Object>, &[Sensor]),
    options: &RegisterOptions<'_>,
    results: &mut Vec<FileResult>,
) -> Option<PackConfig> {
    let path = config_file(folder, pack);
    if !path.is_file() {
        return None;
    }
    let mut source = Source::read(folder, &path, FileKind::Config);
    source.file = path.display().to_string();
    let reference = Some(pack.to_owned());
    let (message, position) = match &source.document {
        Err(unreadable) => (unreadable.message.clone(), unreadable.position),
        Ok(parsed) => match check_config(&parsed.json, attributes) {
            Err(complaint) => (complaint.message.clone(), complaint.position(&parsed.root)),
            Ok(values) => {
                let findings = check_expressions(source.kind, &parsed.json, &Catalog::built_in());
                let mut result = FileResult::accepted(pack, &source, reference);
                result
                    .warnings
                    .extend(source.expression_warnings(&findings));
                let unknown = sensor_classes::warnings(&source, &values, attributes, sensors);
                result.warnings.extend(unknown);
                results.push(result);
                let values = attributes.map_or(values.clone(), |schema| {
                    seal_secrets(&values, schema, options.vault)
                });
                return Some(PackConfig {
                    id: options.ids.next(options.now),
                    pack: pack.to_owned(),
                    values,
                });
            }
        },
    };
    results.push(FileResult::refused(
        pack, &source, reference, message, position,
    ));
    None
}
