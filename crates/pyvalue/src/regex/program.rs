//! Runs a pattern: compiled for the kind of text at hand, when it is first needed.

use std::sync::OnceLock;

use fancy_regex::{CompileError, RegexBuilder, RegexInput, RuntimeError};

use super::syntax::Node;
use super::write::{self, trait_bits};
use crate::{Class, Error};

/// The whole text must match.
const FULL: u8 = 8;
/// The match must not be empty.
const NOT_EMPTY: u8 = 16;
/// More steps are due to a long text.
const LONG: u8 = 32;

/// Bytes from which a text is long.
const LONG_TEXT: usize = 1 << 18;
/// Steps back that a search may take: patterns are data, and must not hold up the process.
const BACKTRACKS: usize = 1_000_000;
const BACKTRACKS_IN_LONG_TEXTS: usize = 20_000_000;
/// Bytes of the automata of one pattern.
const SIZE_LIMIT: usize = 4 << 20;
/// Instructions for what automata cannot do.
const PROGRAM_LIMIT: usize = 1 << 16;

/// Group spans in bytes; the whole match first.
pub(super) type Spans = Vec<Option<(usize, usize)>>;

type Built = Box<Result<Option<fancy_regex::Regex>, Error>>;

/// A pattern's programs.
#[derive(Debug)]
pub(super) struct Programs {
    node: Node,
    groups: usize,
    /// Traits of texts that its programs differ by.
    asked: u8,
    built: [OnceLock<Built>; 64],
}

/// A text that is searched, with its traits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'t> {
    pub(super) text: &'t str,
    traits: u8,
}

/// Where a match may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// Anywhere from the start on.
    None,
    /// At the start.
    Start,
    /// At the start, taking all up to the end.
    Full,
    /// At the start, taking something.
    NotEmpty,
}

impl<'t> Subject<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut traits = 0;
        for (applies, bit) in [
            (!text.is_ascii(), trait_bits::UNICODE),
            (text.ends_with('\n'), trait_bits::LINE_END),
            (text.is_empty(), trait_bits::EMPTY),
            (text.len() >= LONG_TEXT, LONG),
        ] {
            if applies {
                traits |= bit;
            }
        }
        Self { text, traits }
    }
}

impl Programs {
    /// Compiles the commonest of them, which tells whether the pattern can be compiled at all.
    pub(super) fn new(node: Node, groups: usize) -> Result<Self, Error> {
        let (_, asked) = write::write(&node, u8::MAX);
        let (_, also_asked) = write::write(&node, 0);
        let programs = Self {
            node,
            groups,
            asked: asked | also_asked,
            built: std::array::from_fn(|_| OnceLock::new()),
        };
        programs.program(0)?;
        Ok(programs)
    }

    /// The first match from a byte on.
    pub(super) fn find(
        &self,
        subject: Subject<'_>,
        start: usize,
        anchor: Anchor,
    ) -> Result<Option<Spans>, Error> {
        let Some(program) = self.program_for(subject, anchor)? else {
            return Ok(None);
        };
        let input = RegexInput::new(subject.text)
            .from_pos(start)
            .anchored(anchor != Anchor::None);
        if self.groups == 0 {
            let found = program.find_input(input).map_err(|error| failure(&error))?;
            return Ok(found.map(|found| vec![Some((found.start(), found.end()))]));
        }
        let found = program
            .captures_input(input)
            .map_err(|error| failure(&error))?;
        Ok(found.map(|found| {
            (0..=self.groups)
                .map(|group| found.get(group).map(|group| (group.start(), group.end())))
                .collect()
        }))
    }

    /// Whether there is a match; cheaper than to find its groups.
    pub(super) fn matches(&self, subject: Subject<'_>, anchor: Anchor) -> Result<bool, Error> {
        let Some(program) = self.program_for(subject, anchor)? else {
            return Ok(false);
        };
        let input = RegexInput::new(subject.text).anchored(anchor != Anchor::None);
        // `is_match_input` does not heed the anchor.
        let found = program.find_input(input).map_err(|error| failure(&error))?;
        Ok(found.is_some())
    }

    fn program_for(
        &self,
        subject: Subject<'_>,
        anchor: Anchor,
    ) -> Result<Option<&fancy_regex::Regex>, Error> {
        let of_anchor = match anchor {
            Anchor::None | Anchor::Start => 0,
            Anchor::Full => FULL,
            Anchor::NotEmpty => NOT_EMPTY,
        };
        self.program(subject.traits & (self.asked | LONG) | of_anchor)
    }

    fn program(&self, key: u8) -> Result<Option<&fancy_regex::Regex>, Error> {
        let built = self.built[usize::from(key) % self.built.len()]
            .get_or_init(|| Box::new(self.build(key)));
        match &**built {
            Ok(program) => Ok(program.as_ref()),
            Err(error) => Err(error.clone()),
        }
    }

    /// None where nothing can match.
    fn build(&self, key: u8) -> Result<Option<fancy_regex::Regex>, Error> {
        let (mut pattern, _) = write::write(&self.node, key);
        if key & FULL != 0 {
            pattern = format!("(?:{pattern})\\z");
        }
        let backtracks = if key & LONG == 0 {
            BACKTRACKS
        } else {
            BACKTRACKS_IN_LONG_TEXTS
        };
        let built = RegexBuilder::new(&pattern)
            .backtrack_limit(backtracks)
            .delegate_size_limit(SIZE_LIMIT)
            .max_prog_size(PROGRAM_LIMIT)
            .find_not_empty(key & NOT_EMPTY != 0)
            .build();
        match built {
            Ok(program) => Ok(Some(program)),
            Err(fancy_regex::Error::CompileError(error))
                if matches!(*error, CompileError::PatternCanNeverMatch) =>
            {
                Ok(None)
            }
            Err(error) => Err(failure(&error)),
        }
    }
}

fn failure(error: &fancy_regex::Error) -> Error {
    let message = match error {
        fancy_regex::Error::RuntimeError(
            RuntimeError::BacktrackLimitExceeded | RuntimeError::StackOverflow,
        ) => "the pattern takes too long on this text: make it simpler".to_owned(),
        other => format!("the pattern is too large or too deep to be compiled: {other}"),
    };
    Error::new(Class::Limit, message)
}
