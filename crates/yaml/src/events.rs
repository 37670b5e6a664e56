//! libyaml's events, guarded against its port's faults.
//!
//! libyaml-safer 0.3.0 panics when a block scalar ends the text without a line break. A break is therefore added, and
//! taken off that scalar again where libyaml would not have had one. Whatever else panics is caught one level up.

use libyaml_safer::{Error, EventData, Mark, Parser, ScalarStyle};

use crate::error::explain;
use crate::{Position, Span, YamlError};

/// What the composer needs of an event.
pub(crate) enum Event {
    Start,
    DocumentStart,
    DocumentEnd,
    End,
    Alias(String),
    Scalar(Scalar),
    ListStart {
        anchor: Option<String>,
        tag: Option<String>,
    },
    ListEnd,
    MappingStart {
        anchor: Option<String>,
        tag: Option<String>,
    },
    MappingEnd,
}

/// A scalar before its type is known.
pub(crate) struct Scalar {
    pub(crate) anchor: Option<String>,
    pub(crate) tag: Option<String>,
    pub(crate) text: String,
    /// Whether its form may imply a type.
    pub(crate) is_plain: bool,
}

/// The text as libyaml is given it, and what was done to it.
pub(crate) struct Source {
    text: String,
    added: Option<AddedBreak>,
    /// The length of the original text in characters.
    length: u64,
}

/// How the last line looked before a break was added to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AddedBreak {
    AfterContent,
    AfterBlanks,
}

impl Source {
    pub(crate) fn new(text: &str) -> Self {
        let is_broken =
            text.is_empty() || text.ends_with(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
        let last_line = text.rsplit('\n').next().unwrap_or(text);
        let added = match (is_broken, last_line.chars().all(|c| c == ' ')) {
            (true, _) => None,
            (false, true) => Some(AddedBreak::AfterBlanks),
            (false, false) => Some(AddedBreak::AfterContent),
        };
        let mut owned = text.to_owned();
        if added.is_some() {
            owned.push('\n');
        }
        let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
        Self {
            text: owned,
            added,
            length,
        }
    }

    /// Takes the added break off a block scalar that reaches the end.
    fn without_added_break(&self, text: &mut String, style: ScalarStyle, end: Mark) {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        if !is_block || end.index < self.length || !text.ends_with('\n') {
            return;
        }
        let strip = match self.added {
            None => false,
            Some(AddedBreak::AfterContent) => true,
            Some(AddedBreak::AfterBlanks) => {
                text == "\n" || text.ends_with("\n\n") || text.ends_with(" \n")
            }
        };
        if strip {
            text.pop();
        }
    }

    /// Hands each event to `take` until it, or libyaml, has had enough.
    pub(crate) fn each(
        &self,
        mut take: impl FnMut(Event, Span) -> Result<(), YamlError>,
    ) -> Result<(), YamlError> {
        let mut bytes = self.text.as_bytes();
        let mut parser = Parser::new();
        parser.set_input_string(&mut bytes);
        loop {
            let event = parser.parse().map_err(|error| self.error(&error))?;
            let span = Span {
                start: position(event.start_mark),
                end: position(event.end_mark),
            };
            let event = self.convert(event.data, event.end_mark);
            let is_last = matches!(event, Event::End);
            take(event, span)?;
            if is_last {
                return Ok(());
            }
        }
    }

    fn convert(&self, data: EventData, end: Mark) -> Event {
        match data {
            EventData::StreamStart { .. } => Event::Start,
            EventData::StreamEnd => Event::End,
            EventData::DocumentStart { .. } => Event::DocumentStart,
            EventData::DocumentEnd { .. } => Event::DocumentEnd,
            EventData::Alias { anchor } => Event::Alias(anchor),
            EventData::Scalar {
                anchor,
                tag,
                value,
                plain_implicit,
                style,
                ..
            } => {
                let mut text = value;
                self.without_added_break(&mut text, style, end);
                Event::Scalar(Scalar {
                    anchor,
                    tag: stated(tag),
                    text,
                    is_plain: plain_implicit,
                })
            }
            EventData::SequenceStart { anchor, tag, .. } => Event::ListStart {
                anchor,
                tag: stated(tag),
            },
            EventData::SequenceEnd => Event::ListEnd,
            EventData::MappingStart { anchor, tag, .. } => Event::MappingStart {
                anchor,
                tag: stated(tag),
            },
            EventData::MappingEnd => Event::MappingEnd,
        }
    }

    fn error(&self, error: &Error) -> YamlError {
        let place = match (error.problem(), error.problem_mark()) {
            // A quoted text that never ends is best shown where it starts.
            ("found unexpected end of stream", Some(mark)) => {
                position(error.context_mark().unwrap_or(mark))
            }
            (_, Some(mark)) => position(mark),
            (_, None) => self.unacceptable_character(),
        };
        YamlError::at(place, explain(error.problem(), error.context()))
    }

    /// The reader tells only a byte offset in its buffer, so the character is looked for.
    fn unacceptable_character(&self) -> Position {
        let mut place = Position { line: 1, column: 1 };
        for c in self.text.chars() {
            let is_acceptable = matches!(c, '\t' | '\n' | '\r' | '\u{85}' | ' '..='~' | '\u{A0}'..);
            if !is_acceptable || matches!(c, '\u{FFFE}' | '\u{FFFF}') {
                break;
            }
            if c == '\n' {
                place = Position {
                    line: place.line + 1,
                    column: 1,
                };
            } else {
                place.column += 1;
            }
        }
        place
    }
}

/// `!` alone states nothing.
fn stated(tag: Option<String>) -> Option<String> {
    tag.filter(|tag| tag != "!")
}

fn position(mark: Mark) -> Position {
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX - 1) + 1;
    Position {
        line: count(mark.line),
        column: count(mark.column),
    }
}
