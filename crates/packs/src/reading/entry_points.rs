//! Files that actions and sensors point at, and that are not there or do not hold what is looked for.

use std::path::Path;

use serde_json::Value;

use super::Context;
use crate::FileKind;
use crate::layout;
use crate::source::Source;
use crate::suggestion::did_you_mean;

/// Runners that run a file of the action's.
const FILE_RUNNERS: [&str; 7] = [
    "action-chain",
    "local-shell-script",
    "orchestra",
    "orquesta",
    "python-script",
    "remote-shell-script",
    "winrm-ps-script",
];

impl Context<'_> {
    /// Warns of an entry point of the action or sensor that was just judged that is not there, and of a sensor's class
    /// that is not in it. A folder of metadata alone, which has no scripts at all, is spared.
    pub(super) fn warn_of_entry_point(&mut self, source: &Source) {
        let Ok(parsed) = &source.document else {
            return;
        };
        let text = |key: &str| parsed.json.get(key).and_then(Value::as_str);
        let runner = text("runner_type").unwrap_or_default();
        let name = match source.kind {
            FileKind::Action if FILE_RUNNERS.contains(&runner) => "actions",
            FileKind::Sensor => "sensors",
            _ => return,
        };
        let folder = self.folder.join(name);
        let entry_point = text("entry_point").filter(|entry_point| !entry_point.is_empty());
        let Some(entry_point) = entry_point else {
            if source.kind == FileKind::Action {
                let words = format!(
                    "an action of the runner \"{runner}\" needs an \"entry_point\": its file"
                );
                self.warn_last(source.warning_at::<&str>(&[], words));
            }
            return;
        };
        let file = folder.join(entry_point);
        if !file.is_file() {
            let has_scripts = self.scripts.entry(name);
            if *has_scripts.or_insert_with(|| layout::has_scripts(&folder)) {
                let words = format!("the entry point \"{entry_point}\" is not there");
                self.warn_last(source.warning_at(&["entry_point"], words));
            }
        } else if let Some(class) = text("class_name").filter(|_| source.kind == FileKind::Sensor)
            && let Some(words) = missing_class(&file, entry_point, class)
        {
            self.warn_last(source.warning_at(&["class_name"], words));
        }
    }
}

/// What is wrong where a Python file nowhere has the name of a class, whether defined, imported or assigned.
fn missing_class(file: &Path, shown: &str, class: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let is_named = |name: char| name.is_alphanumeric() || name == '_';
    let mut words = text.split(|character| !is_named(character));
    // What comes by `import *` is not named.
    if text.contains("import *") || words.any(|word| word == class) {
        return None;
    }
    let classes = text.lines().filter_map(|line| line.strip_prefix("class "));
    let classes = classes.filter_map(|rest| rest.split(|character| !is_named(character)).next());
    let hint = did_you_mean(class, classes);
    Some(format!("there is no \"{class}\" in {shown}{hint}"))
}
