//! `petrel alias test`: which format of an alias's file a chat line fits, without a server.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use alias::{Aliases, MatchError, Message, Parameters, representations, with_immutable};
use anyhow::Context;
use clap::Args;
use lifecycle::Clock;
use model::{ActionAlias, IdSource};
use packs::definition::Origin;
use serde::Serialize;
use serde_json::json;

use crate::client::{Style, details, print, print_json, read_document};
use crate::surrounding_pack;

/// Which alias, and what is said.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Exit code 0 if a format fits, 1 if none or several do, 2 if the command line makes no sense."
)]
pub(crate) struct AliasTestArgs {
    /// The alias's file; `-` is standard input.
    file: PathBuf,
    /// What is said in chat.
    text: String,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

/// What a chat line means to one alias.
#[derive(Debug, Default, Serialize)]
struct Verdict {
    matches: bool,
    alias: String,
    action: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    display: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    representation: Option<String>,
    /// A set for each execution that the line asks for.
    parameters: Vec<Parameters>,
    #[serde(skip_serializing_if = "Parameters::is_empty")]
    immutable_parameters: Parameters,
    /// Why it does not match.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The formats that were tried in vain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    formats: Vec<String>,
    /// What else the author should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

/// Prints the verdict. Exit code 0 if a format fits, 1 if not.
pub(crate) fn run(args: &AliasTestArgs) -> anyhow::Result<ExitCode> {
    let verdict = Verdict::of(&read(&args.file)?, &args.text);
    if args.json {
        print_json(&serde_json::to_value(&verdict)?)?;
    } else {
        print(&verdict.shown(Style::of_stdout()))?;
    }
    Ok(if verdict.matches {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn read(file: &Path) -> anyhow::Result<ActionAlias> {
    let document = read_document(file)?;
    let said = document["pack"].as_str().map(str::to_owned);
    let pack = said.or_else(|| surrounding_pack::of_file(file));
    let origin = Origin {
        pack: pack.as_deref().unwrap_or("default"),
        metadata_file: "",
        ids: &IdSource::new(),
        now: Clock::system().now(),
    };
    packs::definition::alias(&document, &origin)
        .map_err(|complaint| anyhow::anyhow!(complaint.message))
        .with_context(|| format!("file `{}` is no alias", file.display()))
}

impl Verdict {
    fn of(alias: &ActionAlias, text: &str) -> Self {
        let message = Message::new(text);
        let mut aliases = Aliases::default();
        let rejected = aliases.insert((), &alias.formats);
        let mut verdict = Self {
            alias: alias.alias_ref.to_string(),
            action: alias.action_ref.clone(),
            immutable_parameters: alias.immutable_parameters.clone(),
            notes: rejected
                .iter()
                .map(|error| format!("{:#}", anyhow::anyhow!(error.clone())))
                .collect(),
            ..Self::default()
        };
        match aliases.match_message(&message) {
            Ok(found) => {
                verdict.display.clone_from(&found.representation.display);
                verdict
                    .representation
                    .clone_from(&found.representation.format);
                verdict.parameters.clone_from(&found.parameters);
                let merged = with_immutable(found.parameters, &alias.immutable_parameters);
                verdict.reason = merged.err().map(|error| error.to_string());
            }
            Err(error) => {
                verdict.reason = Some(verdict.refusal(&error));
                verdict.formats = texts(alias);
                verdict.notes.extend(pairs_note(&message));
            }
        }
        verdict.matches = verdict.reason.is_none();
        if !alias.enabled {
            let note = "the alias is disabled: a server does not hear it";
            verdict.notes.push(note.to_owned());
        }
        verdict
    }

    fn refusal(&self, error: &MatchError) -> String {
        match error {
            MatchError::NoMatch { message, nearest } => {
                let hint = nearest
                    .as_ref()
                    .map(|format| format!("; did you mean `{format}`?"));
                let alias = &self.alias;
                format!(
                    "`{message}` fits no format of {alias}{}",
                    hint.unwrap_or_default()
                )
            }
            other => other.to_string(),
        }
    }

    fn shown(&self, style: Style) -> String {
        let first = match (&self.reason, &self.representation, &self.display) {
            (Some(reason), ..) => style.verdict(reason, false),
            (None, Some(format), _) | (None, None, Some(format)) => {
                style.verdict(&format!("{} fits `{format}`", self.alias), true)
            }
            (None, None, None) => style.verdict(&format!("{} fits", self.alias), true),
        };
        let parameters = match self.parameters.as_slice() {
            [only] => json!(only),
            several => json!(several),
        };
        let mut members = json!({ "notes": self.notes, "formats": self.formats });
        if self.representation.is_some() || self.display.is_some() {
            members["action"] = json!(self.action);
            members["parameters"] = parameters;
            members["immutable_parameters"] = json!(self.immutable_parameters);
        }
        let order = [
            "action",
            "parameters",
            "immutable_parameters",
            "formats",
            "notes",
        ];
        let rest = details(&members, &order, style);
        [first, rest].join("\n").trim_end().to_owned()
    }
}

fn texts(alias: &ActionAlias) -> Vec<String> {
    let all = representations(&alias.formats).unwrap_or_default();
    all.into_iter().filter_map(|one| one.format).collect()
}

/// What surprises authors: pairs at the end are no part of what formats are compared with.
fn pairs_note(message: &Message) -> Option<String> {
    let names: Vec<_> = message
        .pairs()
        .iter()
        .map(|(name, _)| format!("`{name}=`"))
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "{} at the end of the line is a parameter by itself: formats are matched without it",
            names.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn alias(text: &str) -> ActionAlias {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alias.yaml");
        std::fs::write(&path, text).unwrap();
        read(&path).unwrap()
    }

    fn tested(formats: &Value, text: &str) -> String {
        let alias = alias(&format!(
            "name: say\npack: demo\naction_ref: core.echo\nimmutable_parameters: {{channel: c}}\nformats: {formats}"
        ));
        Verdict::of(&alias, text).shown(Style::Plain)
    }

    #[test]
    fn says_which_format_fits_and_with_which_parameters() {
        assert_eq!(
            tested(
                &json!(["say {{ message }}", "shout {{ message }} {{ times=2 }}"]),
                "shout hello loud=yes"
            ),
            "demo.say fits `shout {{ message }} {{ times=2 }}`\n\
             action: core.echo\n\
             parameters:\n  message: hello\n  times: 2\n  loud: yes\n\
             immutable_parameters:\n  channel: c"
        );
    }

    #[test]
    fn says_why_no_format_fits_and_which_was_meant() {
        assert_eq!(
            tested(
                &json!(["say {{ message }} n={{ n }}", "hush"]),
                "say hello n=3"
            ),
            "`say hello n=3` fits no format of demo.say; did you mean `say {{ message }} n={{ n }}`?\n\
             formats:\n  - say {{ message }} n={{ n }}\n  - hush\n\
             notes:\n  - `n=` at the end of the line is a parameter by itself: formats are matched without it"
        );
    }

    #[test]
    fn says_what_is_wrong_with_the_alias() {
        let text = tested(&json!(["say (", "hush {{ what }}"]), "hush now channel=d");

        assert!(
            text.starts_with("the alias fixes `channel`; leave it out\naction: core.echo\n"),
            "{text}"
        );
        assert!(
            text.contains("format `say (` is no valid regular expression: "),
            "{text}"
        );
    }

    #[test]
    fn a_disabled_alias_is_said_to_be_so() {
        let alias =
            alias("name: hush\npack: demo\naction_ref: core.noop\nenabled: false\nformats: [hush]");

        let verdict = Verdict::of(&alias, "hush");

        assert!(verdict.matches);
        assert_eq!(
            verdict.notes,
            ["the alias is disabled: a server does not hear it"]
        );
    }
}
