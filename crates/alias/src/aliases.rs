//! All aliases, compiled, and which of them a message means.

use crate::representation::of_format;
use crate::{
    ExtractError, Format, FormatError, Message, Parameters, Representation, RepresentationError,
};

/// Compiled aliases. `K` is what the caller knows an alias by.
#[derive(Debug, Clone)]
pub struct Aliases<K> {
    candidates: Vec<Candidate<K>>,
}

#[derive(Debug, Clone)]
struct Candidate<K> {
    key: K,
    /// Some format of its alias has `match_multiple`.
    is_of_second_turn: bool,
    representation: Representation,
    format: Format,
}

/// The one format that a message fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Match<'a, K> {
    /// The alias.
    pub key: &'a K,
    /// Which of its representations it was.
    pub representation: &'a Representation,
    /// One set of parameters; for a representation with `match_multiple` one for each place where it fits.
    pub parameters: Vec<Parameters>,
}

/// Why a message means no alias.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum MatchError {
    /// No format fits.
    #[error("`{message}` fits no alias{}", hint(.nearest.as_deref()))]
    NoMatch {
        /// The message.
        message: String,
        /// The format that begins most like it.
        nearest: Option<String>,
    },

    /// Several formats fit, and none is better than another.
    #[error("`{message}` fits more than one format: {}; say more, or make the formats tell apart", list(.formats))]
    Ambiguous {
        /// The message.
        message: String,
        /// The formats, in the order of the aliases.
        formats: Vec<String>,
    },

    /// Nothing else fits, and of one format it cannot be said.
    #[error(transparent)]
    Undecided(ExtractError),
}

/// A format that is left out.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Rejected {
    /// It is neither a text nor an object.
    #[error(transparent)]
    Representation(#[from] RepresentationError),

    /// It is no valid expression.
    #[error(transparent)]
    Format(#[from] FormatError),
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |format| format!("; did you mean `{format}`?"))
}

fn list(formats: &[String]) -> String {
    let formats: Vec<_> = formats.iter().map(|format| format!("`{format}`")).collect();
    formats.join(", ")
}

impl<K> Default for Aliases<K> {
    fn default() -> Self {
        Self {
            candidates: Vec::new(),
        }
    }
}

impl<K: Clone> Aliases<K> {
    /// Adds an alias with its `formats`, and says which of them are left out because they cannot be used.
    ///
    /// Disabled aliases should not be added.
    pub fn insert(&mut self, key: K, formats: &[serde_json::Value]) -> Vec<Rejected> {
        self.insert_compiled(key, formats, Format::compile)
    }

    /// As [`Aliases::insert`], with `compile` in place of [`Format::compile`]: it may lend what was compiled before.
    pub fn insert_compiled(
        &mut self,
        key: K,
        formats: &[serde_json::Value],
        compile: impl Fn(&str) -> Result<Format, FormatError>,
    ) -> Vec<Rejected> {
        let mut rejected = Vec::new();
        let is_of_second_turn = formats
            .iter()
            .any(|format| format["match_multiple"] == true);
        for format in formats {
            let representations = match of_format(format) {
                Ok(representations) => representations,
                Err(error) => {
                    rejected.push(error.into());
                    continue;
                }
            };
            for representation in representations {
                match compile(representation.text()) {
                    Ok(format) => self.candidates.push(Candidate {
                        key: key.clone(),
                        is_of_second_turn,
                        representation,
                        format,
                    }),
                    Err(error) => rejected.push(error.into()),
                }
            }
        }
        rejected
    }

    /// All formats, in the order of the aliases.
    pub fn formats(&self) -> impl Iterator<Item = &Format> {
        self.candidates.iter().map(|candidate| &candidate.format)
    }

    /// The alias that a message means, and what it says.
    ///
    /// Aliases of which a format has `match_multiple` are looked at only where no other fits.
    pub fn match_message(&self, message: &Message) -> Result<Match<'_, K>, MatchError> {
        let mut undecided = None;
        for is_second in [false, true] {
            let mut fitting = Vec::new();
            for candidate in &self.candidates {
                let is_of_this_turn = candidate.is_of_second_turn == is_second;
                if !is_of_this_turn || !candidate.format.may_fit(message) {
                    continue;
                }
                match candidate.format.extract(message) {
                    Ok(parameters) => fitting.push((candidate, parameters)),
                    Err(ExtractError::NoMatch { .. }) => {}
                    Err(error) => undecided = undecided.or(Some(error)),
                }
            }
            if let Some(found) = single(fitting, message)? {
                return Ok(found);
            }
        }
        Err(undecided.map_or_else(|| self.no_match(message), MatchError::Undecided))
    }

    fn no_match(&self, message: &Message) -> MatchError {
        MatchError::NoMatch {
            message: message.text().to_owned(),
            nearest: self.nearest(message.text()).map(str::to_owned),
        }
    }

    /// The format that begins as the message does for the most words, or else one whose first words were mistyped.
    fn nearest(&self, message: &str) -> Option<&str> {
        let words: Vec<&str> = message.split_whitespace().collect();
        let heads: Vec<(String, usize, &Format)> = self
            .candidates
            .iter()
            .map(|candidate| {
                let head: Vec<&str> = candidate.format.head().split_whitespace().collect();
                let alike = head
                    .iter()
                    .zip(&words)
                    .take_while(|(one, other)| one == other)
                    .count();
                (head.join(" "), alike, &candidate.format)
            })
            .collect();
        let begins_alike = heads
            .iter()
            .filter(|(_, alike, _)| *alike > 0)
            .max_by_key(|(_, alike, _)| *alike);
        if let Some((_, _, format)) = begins_alike {
            return Some(format.source());
        }
        let longest = heads
            .iter()
            .map(|(head, _, _)| head.split(' ').count())
            .max()?;
        (1..=longest.min(words.len())).rev().find_map(|count| {
            let beginning = words[..count].join(" ");
            let same_length = heads
                .iter()
                .filter(|(head, _, _)| head.split(' ').count() == count);
            let near =
                diagnostic::nearest(&beginning, same_length.map(|(head, _, _)| head.as_str()))?;
            let (_, _, format) = heads.iter().find(|(head, _, _)| head == near)?;
            Some(format.source())
        })
    }
}

/// The only one of the candidates that fit; none where none does.
fn single<'a, K>(
    mut fitting: Vec<(&'a Candidate<K>, Parameters)>,
    message: &Message,
) -> Result<Option<Match<'a, K>>, MatchError> {
    if fitting.len() > 1 {
        let formats = fitting
            .iter()
            .map(|(candidate, _)| candidate.format.source().to_owned());
        return Err(MatchError::Ambiguous {
            message: message.text().to_owned(),
            formats: formats.collect(),
        });
    }
    let Some((candidate, parameters)) = fitting.pop() else {
        return Ok(None);
    };
    let parameters = if candidate.representation.match_multiple {
        candidate
            .format
            .extract_multiple(message)
            .map_err(MatchError::Undecided)?
    } else {
        vec![parameters]
    };
    Ok(Some(Match {
        key: &candidate.key,
        representation: &candidate.representation,
        parameters,
    }))
}
