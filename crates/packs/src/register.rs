//! Registers packs: reads them, and stores what each brings in one transaction.

mod kept;
mod kinds;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use model::{IdSource, PackConfig};
use secrets::Vault;
use store::{PackContent, Store, StoreError};

use crate::built_in::ensure_trigger;
use crate::definition::check_config;
use crate::layout::find_packs;
use crate::seal::seal_secrets;
use crate::source::Source;
use crate::{Catalog, FileKind, FileResult, PackReading, Reader};

pub use kinds::{Kinds, UnknownKind};

/// What to register, and by what means.
#[derive(Debug, Clone, Copy)]
pub struct RegisterOptions<'a> {
    /// Which kinds of files.
    pub kinds: &'a Kinds,
    /// Only packs with these refs; all where absent.
    pub packs: Option<&'a [String]>,
    /// The folder of `NAME.yaml` files that configure packs.
    pub configs: Option<&'a Path>,
    /// Seals the secrets of configurations.
    pub vault: &'a Vault,
    /// Where ids come from.
    pub ids: &'a IdSource,
    /// Now.
    pub now: DateTime<Utc>,
}

/// What registering did.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The refs of the packs that were registered.
    pub packs: Vec<String>,
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
    let mut report = Report::default();
    let mut catalog = Catalog::of_store(store).await?;
    for reading in read_all(folders, &mut catalog, options, &mut report) {
        let pack = reading.definitions.pack.pack_ref.clone();
        let (content, results) = content(store, reading, options).await?;
        store.register_pack(&content).await?;
        for one in content.trigger_types.iter().flatten() {
            ensure_trigger(store, one, options.ids, options.now).await?;
        }
        tracing::debug!(pack, "pack registered");
        report.take(results, options.kinds);
        report.packs.push(pack);
    }
    Ok(report)
}

fn read_all(
    folders: &[PathBuf],
    catalog: &mut Catalog,
    options: &RegisterOptions<'_>,
    report: &mut Report,
) -> Vec<PackReading> {
    let packs: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| find_packs(folder))
        .collect();
    let mut reader = Reader {
        catalog,
        ids: options.ids,
        now: options.now,
    };
    for folder in &packs {
        reader.learn(folder);
    }
    let mut first: HashMap<String, PathBuf> = HashMap::new();
    let mut readings = Vec::new();
    for folder in packs {
        let reading = reader.read(&folder);
        let pack = &reading.definitions.pack.pack_ref;
        if options.packs.is_some_and(|wanted| !wanted.contains(pack)) {
            continue;
        }
        match first.get(pack) {
            Some(earlier) if *earlier == reading.folder => {}
            Some(earlier) => report.results.push(claimed_twice(reading, earlier)),
            None => {
                first.insert(pack.clone(), reading.folder.clone());
                readings.push(reading);
            }
        }
    }
    readings
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
    options: &RegisterOptions<'_>,
) -> Result<(PackContent, Vec<FileResult>), StoreError> {
    let PackReading {
        mut results,
        definitions,
        ..
    } = reading;
    let kinds = options.kinds;
    let has = |kind: FileKind| kinds.includes(kind);
    let attributes = definitions
        .config_schema
        .as_ref()
        .map(|schema| &schema.attributes);
    let pack = &definitions.pack.pack_ref;
    let config = options.configs.filter(|_| has(FileKind::Config));
    let config =
        config.and_then(|folder| read_config(folder, pack, attributes, options, &mut results));
    let (actions, rules, aliases) = (
        has(FileKind::Action),
        has(FileKind::Rule),
        has(FileKind::Alias),
    );
    let (sensors, policies) = (has(FileKind::Sensor), has(FileKind::Policy));
    let mut content = PackContent {
        pack: definitions.pack,
        config_schema: definitions.config_schema.filter(|_| has(FileKind::Config)),
        config,
        trigger_types: Some(definitions.trigger_types)
            .filter(|_| has(FileKind::Trigger) || sensors),
        sensors: Some(definitions.sensors).filter(|_| sensors),
        actions: Some(definitions.actions).filter(|_| actions),
        rules: Some(definitions.rules).filter(|_| rules),
        aliases: Some(definitions.aliases).filter(|_| aliases),
        policies: Some(definitions.policies).filter(|_| policies),
    };
    kept::keep_stored(store, &results, &mut content).await?;
    Ok((content, results))
}

fn read_config(
    folder: &Path,
    pack: &str,
    attributes: Option<&model::Object>,
    options: &RegisterOptions<'_>,
    results: &mut Vec<FileResult>,
) -> Option<PackConfig> {
    let path = folder.join(format!("{pack}.yaml"));
    if !path.is_file() {
        return None;
    }
    let mut source = Source::read(folder, &path, FileKind::Config);
    source.file = path.display().to_string();
    let reference = Some(pack.to_owned());
    let (message, position) = match &source.document {
        Err(unreadable) => (unreadable.message.clone(), unreadable.position),
        Ok(parsed) => match check_config(&parsed.json, attributes) {
            Err(complaint) => (
                complaint.message.clone(),
                Some(complaint.position(&parsed.root)),
            ),
            Ok(values) => {
                results.push(FileResult::accepted(pack, &source, reference));
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
