//! `petrel rule test`: would a rule fire for a trigger instance, and why.
//!
//! The very code that runs live decides. Files need no server; references and ids are asked for at one.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use lifecycle::Clock;
use rules_engine::{Explanation, SourceFile, explain_files};

use crate::client::{Client, Style, get_text, print, print_json};
use crate::surrounding_pack;

/// Which rule, and what happens.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit code 0 if the rule fires, 1 if it does not, 2 if the command line makes no sense."
)]
pub(crate) struct RuleTestArgs {
    /// A rule's file (needs no server), or the reference of a rule at the server.
    #[arg(short, long, value_name = "FILE|REF")]
    rule: String,
    /// A file with `trigger` and `payload` (needs no server), or the id of a trigger instance at the server.
    #[arg(short = 't', long, value_name = "FILE|ID")]
    trigger_instance: String,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

/// Explains every criterion. Exit code 0 if the rule fires, 1 if it does not.
pub(crate) async fn run(args: RuleTestArgs) -> anyhow::Result<ExitCode> {
    let rule = Source::of(&args.rule, "/v1/rules").await?;
    let instance = Source::of(&args.trigger_instance, "/v1/triggerinstances").await?;
    let mut explanation = explain_files(rule.file(), instance.file(), Clock::system().now())?;
    if let Some(reference) = rule.reference_in_its_pack() {
        explanation.rule = reference;
    }
    if args.json {
        print_json(&serde_json::to_value(&explanation)?)?;
    } else {
        print(&shown(&explanation, Style::of_stdout()))?;
    }
    Ok(if explanation.fires {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A rule or a trigger instance as text, and how messages name it.
struct Source {
    name: String,
    text: String,
}

impl Source {
    /// The file of this name, or what the server has under it.
    async fn of(name: &str, path: &str) -> anyhow::Result<Self> {
        let text = if is_file(name) {
            std::fs::read_to_string(name)
                .with_context(|| format!("file `{name}` cannot be read"))?
        } else {
            get_text(&Client::from_environment()?, path, name).await?
        };
        Ok(Self {
            name: name.to_owned(),
            text,
        })
    }

    /// The reference of a rule that leaves it to its folder which pack it belongs to; `None` for others.
    fn reference_in_its_pack(&self) -> Option<String> {
        let rule = yaml::to_json(&self.text).ok()?;
        if !is_file(&self.name) || !rule["pack"].is_null() {
            return None;
        }
        let pack = surrounding_pack::of_file(Path::new(&self.name))?;
        Some(format!("{pack}.{}", rule["name"].as_str()?))
    }

    fn file(&self) -> SourceFile<'_> {
        SourceFile {
            name: &self.name,
            text: &self.text,
        }
    }
}

/// Whether a name means a file: there is one, or it looks like one (so that a missing file is said to be missing).
fn is_file(name: &str) -> bool {
    let extensions = ["yaml", "yml", "json"];
    let has_extension = Path::new(name)
        .extension()
        .is_some_and(|found| extensions.iter().any(|known| found == *known));
    has_extension || name.contains('/') || Path::new(name).is_file()
}

/// The explanation; on a terminal its verdict stands out.
fn shown(explanation: &Explanation, style: Style) -> String {
    let text = explanation.to_string();
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    format!("{}\n{rest}", style.verdict(first, explanation.fires))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "name: on_alert\npack: demo\ntrigger: {type: demo.alert}\n\
                        criteria: {trigger.kind: {type: equals, pattern: fire}}\naction: {ref: core.noop}\n";

    async fn tested(rule: &str, instance: &str) -> anyhow::Result<Explanation> {
        let folder = tempfile::tempdir()?;
        let (rule_path, instance_path) = (
            folder.path().join("rule.yaml"),
            folder.path().join("event.json"),
        );
        std::fs::write(&rule_path, rule)?;
        std::fs::write(&instance_path, instance)?;
        let rule = Source::of(&rule_path.to_string_lossy(), "/v1/rules").await?;
        let instance = Source::of(&instance_path.to_string_lossy(), "/v1/triggerinstances").await?;
        Ok(explain_files(
            rule.file(),
            instance.file(),
            Clock::system().now(),
        )?)
    }

    #[tokio::test]
    async fn explains_files_without_a_server() {
        let explanation = tested(
            RULE,
            r#"{"trigger": "demo.alert", "payload": {"kind": "smoke"}}"#,
        )
        .await
        .unwrap();

        assert!(!explanation.fires);
        let text = shown(&explanation, Style::Plain);
        assert!(
            text.starts_with(
                "demo.on_alert does not fire: criterion `trigger.kind` does not match\n"
            ),
            "{text}"
        );
    }

    #[tokio::test]
    async fn a_rule_in_a_pack_has_its_reference() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pack.yaml"), "name: hello\n").unwrap();
        std::fs::create_dir(folder.path().join("rules")).unwrap();
        let path = folder.path().join("rules/greet.yaml");
        std::fs::write(&path, "name: greet\n").unwrap();

        let rule = Source::of(&path.to_string_lossy(), "/v1/rules").await;

        let reference = rule.unwrap().reference_in_its_pack();
        assert_eq!(reference.as_deref(), Some("hello.greet"));
        std::fs::write(&path, RULE).unwrap();
        let rule = Source::of(&path.to_string_lossy(), "/v1/rules").await;
        assert_eq!(rule.unwrap().reference_in_its_pack(), None);
    }

    #[tokio::test]
    async fn names_the_place_of_a_mistake() {
        let error = tested("name: r\ntrigger: x\n", "payload: {}")
            .await
            .unwrap_err()
            .to_string();

        assert!(
            error.contains("rule.yaml:2:10: `trigger` must be a mapping"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn says_that_a_file_is_missing_without_asking_a_server() {
        let error = Source::of("rules/nowhere.yaml", "/v1/rules")
            .await
            .err()
            .unwrap();

        assert_eq!(
            error.to_string(),
            "file `rules/nowhere.yaml` cannot be read"
        );
    }

    #[test]
    fn tells_files_from_references() {
        assert!(is_file("on_hook.yaml") && is_file("rules/on_hook"));
        assert!(!is_file("gold.on_hook") && !is_file("6560f0a1b2c3d4e5f6a7b8c9"));
    }
}
