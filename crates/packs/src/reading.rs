//! Reads a whole pack: every file is checked, and none stops another.

mod below_actions;
mod entry_points;
mod formats;
mod own_actions;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use model::{Action, ActionAlias, IdSource, Pack, PackConfigSchema, Policy, Sensor, TriggerType};
use serde_json::Value;
use store::RuleDraft;

use self::below_actions::ActionOutline;
use self::own_actions::OwnActions;
use crate::definition::{self, Origin};
use crate::form::{Form, PACK, SENSOR, TRIGGER_TYPE};
use crate::layout;
use crate::overrides::Overrides;
use crate::source::Source;
use crate::{
    Catalog, Complaint, FileKind, FileResult, FileWarning, check_expressions, sensor_classes,
};

/// What a pack's files define, so far as they are accepted.
#[derive(Debug, Clone)]
pub struct Definitions {
    /// The pack. Where `pack.yaml` is refused it holds the ref alone, so that the rest can still be used.
    pub pack: Pack,
    /// Its `config.schema.yaml`.
    pub config_schema: Option<PackConfigSchema>,
    /// Of `triggers/`, and those that sensors state.
    pub trigger_types: Vec<TriggerType>,
    /// Of `sensors/`.
    pub sensors: Vec<Sensor>,
    /// Of `actions/`.
    pub actions: Vec<Action>,
    /// Of `rules/`.
    pub rules: Vec<RuleDraft>,
    /// Of `aliases/`.
    pub aliases: Vec<ActionAlias>,
    /// Of `policies/`.
    pub policies: Vec<Policy>,
}

/// A pack that was read.
#[derive(Debug, Clone)]
pub struct PackReading {
    /// Its folder.
    pub folder: PathBuf,
    /// One for each file that means something.
    pub results: Vec<FileResult>,
    /// What they define.
    pub definitions: Definitions,
}

/// Reads packs.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// The runners and trigger types that are known; a pack's own are known to it whether they are in here or not.
    pub catalog: &'a Catalog,
    /// Where ids come from.
    pub ids: &'a IdSource,
    /// Now.
    pub now: DateTime<Utc>,
    /// The folder of files that override what packs say, where they count.
    pub overrides: Option<&'a Path>,
}

/// The pack that is being read.
struct Context<'a> {
    folder: &'a Path,
    pack: String,
    ids: &'a IdSource,
    now: DateTime<Utc>,
    results: Vec<FileResult>,
    overrides: Overrides,
    /// Known once actions are read.
    own: OwnActions,
    /// Whether a folder of the pack has scripts, once somebody asked.
    scripts: HashMap<&'static str, bool>,
}

impl Reader<'_> {
    /// Reads the pack in `folder` and checks all of its files.
    #[must_use]
    pub fn read(&self, folder: &Path) -> PackReading {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let (mut context, mut pack) = Context::open(&folder, self.ids, self.now);
        context.overrides = Overrides::read(self.overrides, &context.pack);
        let config_schema = context.config_schema();
        let (trigger_types, sensors) = context.trigger_types_and_sensors();
        context.config_examples(config_schema.as_ref(), &sensors, self.catalog);
        let catalog = self.catalog.with(&trigger_types);
        let (actions, outlines) = context.actions(&catalog);
        context.own = OwnActions::new(&context.results, &actions, &catalog);
        let rules = context.each(FileKind::Rule, Some(&catalog), |document, origin| {
            definition::rule(document, origin, &catalog)
        });
        let aliases = context.each(FileKind::Alias, Some(&catalog), definition::alias);
        let policies = context.each(FileKind::Policy, None, definition::policy);
        context.workflows(&outlines);
        let results = std::mem::take(&mut context.results);
        pack.files = layout::all_files(&folder);
        pack.path = Some(folder.display().to_string());
        let definitions = Definitions {
            pack,
            config_schema,
            trigger_types,
            sensors,
            actions,
            rules,
            aliases,
            policies,
        };
        PackReading {
            folder,
            results,
            definitions,
        }
    }
}

/// The trigger types of the pack in `folder`; nothing is said about its files.
pub(crate) fn trigger_types(folder: &Path, ids: &IdSource, now: DateTime<Utc>) -> Vec<TriggerType> {
    let (mut context, _) = Context::open(folder, ids, now);
    context.trigger_types_and_sensors().0
}

impl<'a> Context<'a> {
    fn open(folder: &'a Path, ids: &'a IdSource, now: DateTime<Utc>) -> (Self, Pack) {
        let name = folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let mut context = Self {
            folder,
            pack: name,
            ids,
            now,
            results: Vec::new(),
            overrides: Overrides::default(),
            own: OwnActions::default(),
            scripts: HashMap::new(),
        };
        let pack = context.pack_file();
        context.pack.clone_from(&pack.pack_ref);
        (context, pack)
    }
}

impl Context<'_> {
    fn origin<'b>(&'b self, file: &'b str) -> Origin<'b> {
        Origin {
            pack: &self.pack,
            metadata_file: file,
            ids: self.ids,
            now: self.now,
        }
    }

    /// Checks one file and records what is said about it.
    fn judge<T>(
        &mut self,
        source: &Source,
        reference: Option<String>,
        check: impl FnOnce(&Value, &Origin<'_>) -> Result<T, Complaint>,
    ) -> Option<T> {
        let parsed = match &source.document {
            Ok(parsed) => parsed,
            Err(unreadable) => {
                let message = unreadable.message.clone();
                self.results.push(FileResult::refused(
                    &self.pack,
                    source,
                    reference,
                    message,
                    unreadable.position,
                ));
                return None;
            }
        };
        match check(&parsed.json, &self.origin(&source.file)) {
            Ok(made) => {
                self.results
                    .push(FileResult::accepted(&self.pack, source, reference));
                Some(made)
            }
            Err(complaint) => {
                let position = complaint.position(&parsed.root);
                self.results.push(FileResult::refused(
                    &self.pack,
                    source,
                    reference,
                    complaint.message,
                    position,
                ));
                None
            }
        }
    }

    fn pack_file(&mut self) -> Pack {
        let source = Source::read(self.folder, &self.folder.join("pack.yaml"), FileKind::Pack);
        let stated = source
            .document
            .as_ref()
            .ok()
            .and_then(|parsed| parsed.json.get("ref"))
            .and_then(Value::as_str);
        let is_usable = |text: &&str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'))
                && *text != "_global"
        };
        let folder_name = self.pack.clone();
        let pack_ref = stated.filter(is_usable).unwrap_or(&folder_name).to_owned();
        let read = self.judge(&source, Some(pack_ref.clone()), definition::pack);
        self.warn_of_keys(&source, &PACK);
        if let Some(result) = self.results.last_mut() {
            result.pack.clone_from(&pack_ref);
        }
        read.unwrap_or_else(|| self.nameless_pack(&pack_ref))
    }

    fn nameless_pack(&self, pack_ref: &str) -> Pack {
        Pack {
            id: self.ids.next(self.now),
            pack_ref: pack_ref.to_owned(),
            uid: format!("pack:{pack_ref}"),
            name: pack_ref.to_owned(),
            description: None,
            keywords: Vec::new(),
            version: None,
            stackstorm_version: None,
            python_versions: Vec::new(),
            author: None,
            email: None,
            contributors: Vec::new(),
            files: Vec::new(),
            dependencies: Vec::new(),
            system: model::Object::new(),
            path: None,
        }
    }

    fn config_schema(&mut self) -> Option<PackConfigSchema> {
        let path = self.folder.join("config.schema.yaml");
        if !path.is_file() {
            return None;
        }
        let source = Source::read(self.folder, &path, FileKind::ConfigSchema);
        self.judge(&source, Some(self.pack.clone()), definition::config_schema)
    }

    fn config_examples(
        &mut self,
        config_schema: Option<&PackConfigSchema>,
        sensors: &[Sensor],
        catalog: &Catalog,
    ) {
        let attributes = config_schema.map(|schema| &schema.attributes);
        for path in layout::config_examples(self.folder) {
            let source = Source::read(self.folder, &path, FileKind::ConfigExample);
            let reference = Some(self.pack.clone());
            let values = self.judge(&source, reference, |document, _| {
                definition::check_config(document, attributes)
            });
            if let Some(values) = values {
                self.warn_last_of(sensor_classes::warnings(
                    &source, &values, attributes, sensors,
                ));
            }
            self.warn_of_expressions(&source, catalog);
        }
    }

    fn trigger_types_and_sensors(&mut self) -> (Vec<TriggerType>, Vec<Sensor>) {
        let mut trigger_types = self.each(FileKind::Trigger, None, definition::trigger_type);
        let folder = self.folder.to_owned();
        let read = self.each(FileKind::Sensor, None, |document, origin| {
            definition::sensor(document, origin, &folder)
        });
        let mut sensors = Vec::new();
        for (sensor, of_sensor) in read {
            sensors.push(sensor);
            for one in of_sensor {
                // The last that states a type counts, as there.
                trigger_types.retain(|known| known.type_ref != one.type_ref);
                trigger_types.push(one);
            }
        }
        (trigger_types, sensors)
    }

    fn actions(&mut self, catalog: &Catalog) -> (Vec<Action>, Vec<ActionOutline>) {
        let mut outlines = Vec::new();
        let text = |document: &Value, key: &str| {
            document
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let actions = self.each(FileKind::Action, Some(catalog), |document, origin| {
            outlines.push(ActionOutline {
                reference: reference_in(document, origin.pack),
                runner_type: text(document, "runner_type"),
                entry_point: text(document, "entry_point"),
            });
            definition::action(document, origin, catalog)
        });
        (actions, outlines)
    }

    /// Checks all files of a kind, with a catalog also their expressions. Where two have one reference the later
    /// counts, and is told so.
    fn each<T>(
        &mut self,
        kind: FileKind,
        catalog: Option<&Catalog>,
        mut check: impl FnMut(&Value, &Origin<'_>) -> Result<T, Complaint>,
    ) -> Vec<T> {
        let mut made: Vec<(Option<String>, T)> = Vec::new();
        let mut files: HashMap<String, (usize, String)> = HashMap::new();
        for path in layout::metadata_files(self.folder, kind) {
            let source = Source::read(self.folder, &path, kind);
            let document = source.document.as_ref().ok().map(|parsed| &parsed.json);
            let reference = document.and_then(|document| reference_in(document, &self.pack));
            // Taken out, since judging wants the rest of it.
            let overrides = std::mem::take(&mut self.overrides);
            let judged = self.judge(&source, reference.clone(), |document, origin| {
                check(&*overrides.apply(kind, document)?, origin)
            });
            self.overrides = overrides;
            if let Some(catalog) = catalog {
                self.warn_of_expressions(&source, catalog);
            }
            match kind {
                FileKind::Action => self.warn_of_entry_point(&source),
                FileKind::Sensor => {
                    self.warn_of_keys(&source, &SENSOR);
                    self.warn_of_entry_point(&source);
                }
                FileKind::Trigger => self.warn_of_keys(&source, &TRIGGER_TYPE),
                FileKind::Rule | FileKind::Policy => self.warn_of_own_actions(&source, None),
                FileKind::Alias => {
                    self.warn_of_own_actions(&source, None);
                    self.warn_of_formats(&source);
                }
                _ => {}
            }
            let Some(one) = judged else {
                continue;
            };
            let name = reference.clone().unwrap_or_default();
            if let Some((index, earlier)) = files.get(&name) {
                let warning = twice(&name, earlier, &source);
                self.warn_last(warning);
                made[*index] = (reference, one);
            } else {
                files.insert(name, (made.len(), source.file));
                made.push((reference, one));
            }
        }
        made.into_iter().map(|(_, one)| one).collect()
    }

    fn warn_last(&mut self, warning: FileWarning) {
        self.warn_last_of([warning]);
    }

    fn warn_last_of(&mut self, warnings: impl IntoIterator<Item = FileWarning>) {
        if let Some(result) = self.results.last_mut() {
            result.warnings.extend(warnings);
        }
    }

    /// Warns of keys that are ignored though they are much like some that count.
    fn warn_of_keys(&mut self, source: &Source, form: &Form) {
        let Ok(parsed) = &source.document else {
            return;
        };
        let near = form.near_misses(&parsed.json).into_iter();
        let warnings = near.map(|(key, hint)| {
            let words = format!("the unknown key \"{key}\" is ignored{hint}");
            source.warning_at_key(&[key], words)
        });
        self.warn_last_of(warnings.collect::<Vec<_>>());
    }

    /// Says what is odd about the expressions of the file that was just judged.
    fn warn_of_expressions(&mut self, source: &Source, catalog: &Catalog) {
        if let Ok(parsed) = &source.document {
            let findings = check_expressions(source.kind, &parsed.json, catalog);
            self.warn_last_of(source.expression_warnings(&findings));
        }
    }
}

fn twice(name: &str, earlier: &str, source: &Source) -> FileWarning {
    let message = format!("`{name}` is defined in {earlier} too; this file is the one that counts");
    source.warning_at(&["name"], message)
}

/// What a document would register as: `pack.name`, or `pack.Class` for a sensor.
fn reference_in(document: &Value, pack: &str) -> Option<String> {
    let name = document
        .get("class_name")
        .or_else(|| document.get("name"))?
        .as_str()?;
    Some(format!("{pack}.{name}"))
}
