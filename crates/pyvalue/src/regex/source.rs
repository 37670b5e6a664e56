//! A pattern or template as Python's reader sees it: characters, and backslashes with the one behind them.

use crate::{Class, Error};

/// One unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Plain(char),
    Escaped(char),
}

/// The text and how far it is read.
#[derive(Debug)]
pub(super) struct Source {
    characters: Vec<char>,
    at: usize,
}

impl Token {
    pub(super) fn len(self) -> usize {
        match self {
            Self::Plain(_) => 1,
            Self::Escaped(_) => 2,
        }
    }

    pub(super) fn text(self) -> String {
        match self {
            Self::Plain(character) => character.to_string(),
            Self::Escaped(character) => format!("\\{character}"),
        }
    }
}

impl Source {
    pub(super) fn new(text: &str) -> Result<Self, Error> {
        let source = Self {
            characters: text.chars().collect(),
            at: 0,
        };
        source.check_escape()?;
        Ok(source)
    }

    /// Position of what comes next, in characters.
    pub(super) fn tell(&self) -> usize {
        self.at
    }

    /// Goes back.
    pub(super) fn seek(&mut self, at: usize) {
        self.at = at;
    }

    pub(super) fn peek(&self) -> Option<Token> {
        match *self.characters.get(self.at)? {
            '\\' => self
                .characters
                .get(self.at + 1)
                .copied()
                .map(Token::Escaped),
            character => Some(Token::Plain(character)),
        }
    }

    /// Takes what comes next.
    pub(super) fn next(&mut self) -> Result<Option<Token>, Error> {
        let token = self.peek();
        self.at += token.map_or(0, Token::len);
        self.check_escape()?;
        Ok(token)
    }

    /// Takes that character, if it comes next.
    pub(super) fn skip(&mut self, character: char) -> Result<bool, Error> {
        let found = self.peek() == Some(Token::Plain(character));
        if found {
            self.next()?;
        }
        Ok(found)
    }

    /// Takes up to `count` characters that pass.
    pub(super) fn take_while(
        &mut self,
        count: usize,
        passes: impl Fn(char) -> bool,
    ) -> Result<String, Error> {
        let mut taken = String::new();
        for _ in 0..count {
            match self.peek() {
                Some(Token::Plain(character)) if passes(character) => taken.push(character),
                _ => break,
            }
            self.next()?;
        }
        Ok(taken)
    }

    /// Takes all up to a terminator, and the terminator.
    pub(super) fn take_until(&mut self, terminator: char, what: &str) -> Result<String, Error> {
        let mut taken = String::new();
        loop {
            match self.next()? {
                None if taken.is_empty() => return Err(self.error(format!("missing {what}"), 0)),
                None => {
                    let length = taken.chars().count();
                    return Err(
                        self.error(format!("missing {terminator}, unterminated name"), length)
                    );
                }
                Some(Token::Plain(character)) if character == terminator => {
                    if taken.is_empty() {
                        return Err(self.error(format!("missing {what}"), 1));
                    }
                    return Ok(taken);
                }
                Some(other) => taken.push_str(&other.text()),
            }
        }
    }

    /// An error `back` characters before what comes next.
    pub(super) fn error(&self, message: impl Into<String>, back: usize) -> Error {
        self.error_at(message, self.at.saturating_sub(back))
    }

    /// An error at a position.
    pub(super) fn error_at(&self, message: impl Into<String>, position: usize) -> Error {
        let before = &self.characters[..position.min(self.characters.len())];
        let mut message = format!("{} at position {position}", message.into());
        if self.characters.contains(&'\n') {
            let line = before
                .iter()
                .filter(|character| **character == '\n')
                .count()
                + 1;
            let line_start = before.iter().rposition(|character| *character == '\n');
            let column = position - line_start.map_or(0, |start| start + 1) + 1;
            message.extend([format!(" (line {line}, column {column})")]);
        }
        Error::new(Class::Regex, message)
    }

    fn check_escape(&self) -> Result<(), Error> {
        if self.characters.get(self.at) == Some(&'\\') && self.at + 1 == self.characters.len() {
            return Err(self.error_at("bad escape (end of pattern)", self.at));
        }
        Ok(())
    }
}
