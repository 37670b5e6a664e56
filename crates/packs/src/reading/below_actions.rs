//! Workflow files below `actions/`.

use std::path::Path;

use yaml::Position;

use super::Context;
use crate::expressions::check_workflow;
use crate::layout;
use crate::source::Source;
use crate::workflow::{self, Engine};
use crate::{FileKind, FileResult};

/// An action's file as its author wrote it, accepted or not: what workflow files are found by.
pub(super) struct ActionOutline {
    pub(super) reference: Option<String>,
    pub(super) runner_type: String,
    pub(super) entry_point: String,
}

impl Context<'_> {
    /// Refuses the workflow that was judged last if something was found in it.
    fn refuse_last(
        &mut self,
        source: &Source,
        reference: Option<String>,
        findings: impl IntoIterator<Item = (String, Position)>,
    ) {
        let mut findings = findings.into_iter();
        let Some((message, position)) = findings.next() else {
            return;
        };
        let mut refused =
            FileResult::refused(&self.pack, source, reference, message, Some(position));
        refused.more_errors = findings
            .map(|(message, position)| source.error(message, position))
            .collect();
        self.results.pop();
        self.results.push(refused);
    }

    /// Judges each workflow file by the engine of the action that refers to it, or by its form.
    pub(super) fn workflows(&mut self, outlines: &[ActionOutline]) {
        for path in layout::files_below_actions(self.folder) {
            let entry_point = path
                .strip_prefix(self.folder.join("actions"))
                .unwrap_or(&path)
                .to_owned();
            let outline = outlines
                .iter()
                .find(|outline| Path::new(&outline.entry_point) == entry_point);
            let source = Source::read(self.folder, &path, FileKind::Workflow);
            let reference = outline.and_then(|outline| outline.reference.clone());
            let engine = match outline {
                Some(outline) => Engine::of_runner(&outline.runner_type),
                None => source
                    .document
                    .as_ref()
                    .ok()
                    .and_then(|parsed| Engine::guess(&parsed.json)),
            };
            if let Some(engine) = engine {
                self.judge(&source, reference.clone(), |_, _| engine.check());
                if let Ok(parsed) = &source.document {
                    let mut findings = check_workflow(&parsed.json, engine);
                    match engine {
                        Engine::Orquesta => {
                            let inspected = workflow::inspect(&source.text);
                            findings.retain(|one| !workflow::is_told(&inspected, &one.diagnostic));
                            let errors = inspected.iter().map(workflow::placed);
                            self.refuse_last(&source, reference, errors);
                        }
                        Engine::ActionChain => {
                            let inspected = workflow::inspect_chain(&source.text);
                            self.refuse_last(&source, reference, inspected.errors);
                            let warnings = inspected.warnings.into_iter();
                            let warnings = warnings
                                .map(|(message, at)| source.warning(message, at.line, at.column));
                            self.warn_last_of(warnings);
                        }
                        Engine::Mistral => {}
                    }
                    self.warn_last_of(source.expression_warnings(&findings));
                    self.warn_of_own_actions(&source, Some(engine));
                }
            } else {
                let accepted = FileResult::accepted(&self.pack, &source, None);
                self.results.push(FileResult {
                    kind: FileKind::Other,
                    ok: None,
                    ..accepted
                });
            }
        }
    }
}
