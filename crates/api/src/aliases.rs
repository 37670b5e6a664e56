//! The aliases that are heard, compiled, and which of them a chat line means.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use alias::{Aliases, Format, MatchError, Message, Parameters, Representation};
use model::ActionAlias;
use store::{DefinitionFilter, Kind, Revision};

use crate::{Api, ApiError};

/// What is held of the store's aliases: compiled once, and again after a change.
#[derive(Debug, Default)]
pub(crate) struct LiveAliases {
    heard: RwLock<Option<Arc<Heard>>>,
    /// Held by the one that compiles them.
    compiling: tokio::sync::Mutex<()>,
}

/// The aliases that are switched on, as of one revision.
#[derive(Debug)]
struct Heard {
    aliases: Aliases<Arc<ActionAlias>>,
    revision: Revision,
}

/// What a chat line means.
#[derive(Debug)]
pub(crate) struct Meant {
    /// The alias.
    pub(crate) alias: Arc<ActionAlias>,
    /// Which of its representations the line fits.
    pub(crate) representation: Representation,
    /// A set of parameters for each execution that the line asks for.
    pub(crate) parameters: Vec<Parameters>,
}

impl LiveAliases {
    fn known(&self) -> Option<Arc<Heard>> {
        let heard = self.heard.read().unwrap_or_else(PoisonError::into_inner);
        heard.clone()
    }

    fn as_of(&self, revision: Revision) -> Option<Arc<Heard>> {
        self.known().filter(|heard| heard.revision >= revision)
    }
}

impl Api {
    /// What a chat line means, by the aliases that the store has now; 400 where it means none, or several.
    pub(crate) async fn meaning(&self, command: &str) -> Result<Meant, ApiError> {
        let heard = self.heard().await?;
        let message = Message::new(command);
        blocking(move || {
            let found = heard.aliases.match_message(&message).map_err(unmatched)?;
            Ok(Meant {
                alias: Arc::clone(found.key),
                representation: found.representation.clone(),
                parameters: found.parameters,
            })
        })
        .await
    }

    async fn heard(&self) -> Result<Arc<Heard>, ApiError> {
        // The revision first: a change between the two reads is then seen as a change later.
        let revision = self.store.revision(Kind::Alias).await?;
        let live = self.live_aliases();
        if let Some(heard) = live.as_of(revision) {
            return Ok(heard);
        }
        let _compiling = live.compiling.lock().await;
        if let Some(heard) = live.as_of(revision) {
            return Ok(heard);
        }
        let enabled = DefinitionFilter {
            enabled: Some(true),
            ..DefinitionFilter::default()
        };
        let aliases: Vec<ActionAlias> = self.store.all(&enabled).await?;
        let before = live.known();
        let heard = blocking(move || Heard::compile(aliases, revision, before.as_deref())).await;
        let heard = Arc::new(heard);
        *live.heard.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&heard));
        Ok(heard)
    }
}

impl Heard {
    /// Formats that cannot be used are passed over; the log says which and why. `before` lends those that did not
    /// change.
    fn compile(aliases: Vec<ActionAlias>, revision: Revision, before: Option<&Self>) -> Self {
        let formats = before
            .into_iter()
            .flat_map(|before| before.aliases.formats());
        let known: HashMap<&str, &Format> =
            formats.map(|format| (format.source(), format)).collect();
        let compile = |text: &str| match known.get(text) {
            Some(format) => Ok((*format).clone()),
            None => Format::compile(text),
        };
        let mut compiled = Aliases::default();
        for alias in aliases {
            let alias = Arc::new(alias);
            for rejected in compiled.insert_compiled(Arc::clone(&alias), &alias.formats, compile) {
                let alias = &alias.alias_ref;
                tracing::warn!(alias.r#ref = %alias, "nobody can say a format of the alias `{alias}`: {rejected}");
            }
        }
        Self {
            aliases: compiled,
            revision,
        }
    }
}

/// Runs what may take a while beside the tasks that answer requests.
pub(crate) async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}

/// StackStorm's words, which chat adapters know, and what they leave out.
fn unmatched(error: MatchError) -> ApiError {
    ApiError::BadRequest(match error {
        MatchError::NoMatch { message, nearest } => {
            let hint = nearest.map(|format| format!("; did you mean `{format}`?"));
            format!(
                "Command '{message}' matched no patterns{}",
                hint.unwrap_or_default()
            )
        }
        MatchError::Ambiguous { message, formats } => format!(
            "Command '{message}' matched more than 1 pattern: `{}`",
            formats.join("`, `")
        ),
        other => other.to_string(),
    })
}
