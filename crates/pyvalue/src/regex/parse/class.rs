//! Sets in brackets.

use super::escape::category;
use super::{Mode, Parser, Part};
use crate::Error;
use crate::regex::source::Token;
use crate::regex::syntax::{Item, Node};

impl Parser {
    /// A set; its opening bracket is read.
    pub(super) fn class(&mut self, mode: Mode) -> Result<Part, Error> {
        let here = self.source.tell();
        let negated = self.source.skip('^')?;
        let mut items = Vec::new();
        loop {
            let token = self.class_token(here)?;
            if token == Token::Plain(']') && !items.is_empty() {
                break;
            }
            let item = self.member(token, mode)?;
            if !self.source.skip('-')? {
                items.push(item);
                continue;
            }
            let last = self.class_token(here)?;
            if last == Token::Plain(']') {
                items.extend([item, single('-')]);
                break;
            }
            let end = self.member(last, mode)?;
            items.push(self.range(token, item, last, end)?);
        }
        Ok(Part::one(Node::Set {
            negated,
            items,
            fold: mode.fold(),
        }))
    }

    fn class_token(&mut self, here: usize) -> Result<Token, Error> {
        match self.source.next()? {
            Some(token) => Ok(token),
            None => Err(self.source.error_at("unterminated character set", here - 1)),
        }
    }

    fn member(&mut self, token: Token, mode: Mode) -> Result<Item, Error> {
        let character = match token {
            Token::Plain(character) => return Ok(single(character)),
            Token::Escaped(character) => character,
        };
        if let Some(item) = category(character, mode.ascii) {
            return Ok(item);
        }
        let code = if matches!(character, '0'..='7') {
            let mut digits = character.to_string();
            digits.push_str(&self.source.take_while(2, |c| matches!(c, '0'..='7'))?);
            self.octal(&digits)?
        } else {
            self.code_point(character)?
        };
        Ok(Item::Range(code, code))
    }

    fn range(&self, first: Token, low: Item, last: Token, high: Item) -> Result<Item, Error> {
        match (low, high) {
            (Item::Range(low, _), Item::Range(_, high)) if low <= high => {
                Ok(Item::Range(low, high))
            }
            _ => Err(self.source.error(
                format!("bad character range {}-{}", first.text(), last.text()),
                first.len() + 1 + last.len(),
            )),
        }
    }
}

fn single(character: char) -> Item {
    Item::Range(character.into(), character.into())
}
