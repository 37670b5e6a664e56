//! What `re.sub` puts in place of a match: `\1`, `\g<name>`.

use super::parse::{control, group_number};
use super::source::{Source, Token};
use super::{Match, Regex};
use crate::{Class, Error, Value, text};

/// A template, read for one pattern.
#[derive(Debug)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(String),
    Group(usize),
}

impl Template {
    pub(super) fn parse(template: &str, regex: &Regex) -> Result<Self, Error> {
        if !template.contains('\\') {
            return Ok(Self(vec![Piece::Text(template.to_owned())]));
        }
        let mut source = Source::new(template)?;
        let mut pieces = Vec::new();
        let mut literal = String::new();
        while let Some(token) = source.next()? {
            let group = match token {
                Token::Plain(character) => {
                    literal.push(character);
                    None
                }
                Token::Escaped('g') => Some(named(&mut source, regex)?),
                Token::Escaped(digit) if digit.is_ascii_digit() => {
                    numbered(digit, &mut source, regex, &mut literal)?
                }
                Token::Escaped(character) => {
                    literal.push_str(&escaped(character, &source)?);
                    None
                }
            };
            if let Some(group) = group {
                if !literal.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut literal)));
                }
                pieces.push(Piece::Group(group));
            }
        }
        pieces.push(Piece::Text(literal));
        Ok(Self(pieces))
    }

    /// The text for a match; groups that took no part are empty.
    pub(super) fn expand(&self, found: &Match<'_>) -> String {
        let mut output = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => output.push_str(text),
                Piece::Group(group) => output.push_str(found.group(*group).unwrap_or_default()),
            }
        }
        output
    }
}

fn check(group: usize, regex: &Regex, source: &Source, back: usize) -> Result<usize, Error> {
    if group <= regex.group_count() {
        return Ok(group);
    }
    Err(source.error(format!("invalid group reference {group}"), back))
}

fn named(source: &mut Source, regex: &Regex) -> Result<usize, Error> {
    if !source.skip('<')? {
        return Err(source.error("missing <", 0));
    }
    let name = source.take_until('>', "group name")?;
    let length = name.chars().count();
    if text::is_identifier(&name) {
        return regex.group_index(&name).ok_or_else(|| {
            let name = Value::from(&*name).repr();
            Error::new(Class::Index, format!("unknown group name {name}"))
        });
    }
    let group = group_number(&name).ok_or_else(|| {
        let name = Value::from(&*name).repr();
        source.error(format!("bad character in group name {name}"), length + 1)
    })?;
    check(group, regex, source, length + 1)
}

/// A group by its number, or an octal escape, which goes to the text.
fn numbered(
    first: char,
    source: &mut Source,
    regex: &Regex,
    literal: &mut String,
) -> Result<Option<usize>, Error> {
    let is_octal = |character: char| matches!(character, '0'..='7');
    let mut digits = first.to_string();
    if first == '0' {
        digits.push_str(&source.take_while(2, is_octal)?);
    } else {
        digits.push_str(&source.take_while(1, |c| c.is_ascii_digit())?);
        if digits.len() == 2 && digits.chars().all(is_octal) {
            digits.push_str(&source.take_while(1, is_octal)?);
        }
        if digits.len() < 3 {
            let group = digits.parse().unwrap_or(usize::MAX);
            return check(group, regex, source, digits.len()).map(Some);
        }
    }
    match u8::from_str_radix(&digits, 8) {
        Ok(code) => literal.push(code.into()),
        Err(_) => {
            return Err(source.error(
                format!("octal escape value \\{digits} outside of range 0-0o377"),
                digits.len() + 1,
            ));
        }
    }
    Ok(None)
}

fn escaped(character: char, source: &Source) -> Result<String, Error> {
    match control(character) {
        Some(control) => Ok(control.to_string()),
        None if character.is_ascii_alphabetic() => {
            Err(source.error(format!("bad escape \\{character}"), 2))
        }
        None => Ok(format!("\\{character}")),
    }
}
