//! What a backslash makes of the character behind it.

use super::{Mode, Parser, Part};
use crate::Error;
use crate::regex::syntax::{Category, Fold, Item, Node, Width};

/// The character that a simple escape stands for.
pub(in crate::regex) fn control(character: char) -> Option<char> {
    Some(match character {
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '\\' => '\\',
        _ => return None,
    })
}

/// `\d` and its like.
pub(super) fn category(character: char, ascii: bool) -> Option<Item> {
    let category = match character.to_ascii_lowercase() {
        'd' => Category::Digit,
        's' => Category::Space,
        'w' => Category::Word,
        _ => return None,
    };
    Some(Item::Category {
        category,
        negated: character.is_ascii_uppercase(),
        ascii,
    })
}

fn is_octal(character: char) -> bool {
    matches!(character, '0'..='7')
}

impl Parser {
    /// An escape outside of brackets; its character is read.
    pub(super) fn escape(&mut self, character: char, mode: Mode) -> Result<Part, Error> {
        if let Some(item) = category(character, mode.ascii) {
            return Ok(Part::one(Node::Set {
                negated: false,
                items: vec![item],
                fold: Fold::No,
            }));
        }
        let position = match character {
            'A' => Some(Node::Start { lines: false }),
            'Z' => Some(Node::VeryEnd),
            'b' | 'B' => Some(Node::Boundary {
                negated: character == 'B',
                ascii: mode.ascii,
            }),
            _ => None,
        };
        if let Some(node) = position {
            return Ok(Part::position(node));
        }
        if character.is_ascii_digit() && character != '0' {
            return self.numbered(character, mode);
        }
        let code = self.code_point(character)?;
        Ok(char::from_u32(code).map_or_else(
            || Part::one(Node::Never),
            |character| Part::literal(character, mode),
        ))
    }

    /// `\1` to `\99`, or three octal digits.
    fn numbered(&mut self, first: char, mode: Mode) -> Result<Part, Error> {
        let mut digits = first.to_string();
        digits.push_str(&self.source.take_while(1, |c| c.is_ascii_digit())?);
        if digits.len() == 2 && digits.chars().all(is_octal) {
            digits.push_str(&self.source.take_while(1, is_octal)?);
        }
        if digits.len() == 3 {
            let code = self.octal(&digits)?;
            let character = char::from_u32(code).unwrap_or_default();
            return Ok(Part::literal(character, mode));
        }
        let group: usize = digits.parse().unwrap_or_default();
        if group >= self.widths.len() {
            return Err(self
                .source
                .error(format!("invalid group reference {group}"), digits.len()));
        }
        self.reference(group, digits.len() + 1, mode)
    }

    /// A reference to a group that exists; `length` characters of it are read.
    pub(super) fn reference(
        &mut self,
        group: usize,
        length: usize,
        mode: Mode,
    ) -> Result<Part, Error> {
        let Some(width) = self.width_of(group) else {
            return Err(self.source.error("cannot refer to an open group", length));
        };
        self.check_look_behind(group)?;
        Ok(Part::new(
            Node::Reference {
                group,
                fold: mode.fold(),
            },
            width,
        ))
    }

    pub(super) fn width_of(&self, group: usize) -> Option<Width> {
        self.widths.get(group).copied().flatten()
    }

    /// A group of the same look-behind cannot be referred to.
    pub(super) fn check_look_behind(&self, group: usize) -> Result<(), Error> {
        let Some(groups) = self.look_behind_groups else {
            return Ok(());
        };
        if self.width_of(group).is_none() {
            return Err(self.source.error("cannot refer to an open group", 0));
        }
        if group >= groups {
            return Err(self.source.error(
                "cannot refer to group defined in the same lookbehind subpattern",
                0,
            ));
        }
        Ok(())
    }

    /// An escape that stands for one code point: the same within brackets and outside of them.
    pub(super) fn code_point(&mut self, character: char) -> Result<u32, Error> {
        match character {
            'x' => self.hexadecimal('x', 2),
            'u' => self.hexadecimal('u', 4),
            'U' => {
                let code = self.hexadecimal('U', 8)?;
                if code > 0x0010_ffff {
                    return Err(self.source.error(format!("bad escape \\U{code:08x}"), 10));
                }
                Ok(code)
            }
            'N' => self.named_character(),
            '0' => {
                let digits = self.source.take_while(2, is_octal)?;
                Ok(u32::from_str_radix(&digits, 8).unwrap_or(0))
            }
            other => match control(other) {
                Some(control) => Ok(control.into()),
                None if other.is_ascii_alphanumeric() => {
                    Err(self.source.error(format!("bad escape \\{other}"), 2))
                }
                None => Ok(other.into()),
            },
        }
    }

    /// Up to three octal digits, the first of which is read.
    pub(super) fn octal(&self, digits: &str) -> Result<u32, Error> {
        let code = u32::from_str_radix(digits, 8).unwrap_or(u32::MAX);
        if code > 0o377 {
            return Err(self.source.error(
                format!("octal escape value \\{digits} outside of range 0-0o377"),
                digits.len() + 1,
            ));
        }
        Ok(code)
    }

    fn hexadecimal(&mut self, letter: char, length: usize) -> Result<u32, Error> {
        let digits = self.source.take_while(length, |c| c.is_ascii_hexdigit())?;
        if digits.len() != length {
            return Err(self.source.error(
                format!("incomplete escape \\{letter}{digits}"),
                digits.len() + 2,
            ));
        }
        Ok(u32::from_str_radix(&digits, 16).unwrap_or(u32::MAX))
    }

    fn named_character(&mut self) -> Result<u32, Error> {
        if !self.source.skip('{')? {
            return Err(self.source.error("missing {", 0));
        }
        let name = self.source.take_until('}', "character name")?;
        match crate::text::named_character(&name) {
            Some(character) => Ok(character.into()),
            None => Err(self.source.error(
                format!(
                    "undefined character name {}",
                    crate::Value::from(&*name).repr()
                ),
                name.chars().count() + 4,
            )),
        }
    }
}
