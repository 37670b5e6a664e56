//! The words inside of tags.

use diagnostic::Diagnostic;
use pyvalue::text::is_whitespace;

use super::{Lexer, Span, Symbol, TokenKind};

impl Lexer<'_> {
    /// Reads one word, or white space.
    pub(super) fn word(&mut self) -> Result<(), Diagnostic> {
        let start = self.at;
        match self.bytes[start] {
            b' ' | b'\n' | b'\t' => self.at += 1,
            b'0'..=b'9' => self.number()?,
            b'\'' | b'"' => self.quoted()?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.name()?,
            byte if byte.is_ascii() && !byte.is_ascii_whitespace() => self.symbol()?,
            _ => self.other()?,
        }
        Ok(())
    }

    fn name(&mut self) -> Result<(), Diagnostic> {
        let start = self.at;
        let rest = self.rest();
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || (!c.is_ascii() && is_mark(c))))
            .unwrap_or(rest.len());
        self.at += length;
        let span = Span::new(start, self.at);
        if !rest[..length].is_ascii() && !pyvalue::text::is_identifier(&rest[..length]) {
            return Err(self.error(
                span,
                "this is no name: it has a character names cannot have",
            ));
        }
        self.push(TokenKind::Name, start, self.at);
        Ok(())
    }

    /// A character beyond ASCII: white space, the beginning of a name, or a mistake.
    fn other(&mut self) -> Result<(), Diagnostic> {
        let Some(character) = self.rest().chars().next() else {
            return Ok(());
        };
        if is_whitespace(character) {
            self.at += character.len_utf8();
            return Ok(());
        }
        if character.is_alphanumeric() {
            return self.name();
        }
        let span = Span::new(self.at, self.at + character.len_utf8());
        let error = self.error(
            span,
            format!("`{character}` means nothing in an expression"),
        );
        Err(match character {
            '\u{2018}'..='\u{201f}' => error.note("texts are quoted with `'` or `\"`"),
            _ => error,
        })
    }

    fn symbol(&mut self) -> Result<(), Diagnostic> {
        let start = self.at;
        let next = self.bytes.get(start + 1).copied();
        let (symbol, length) = match (self.bytes[start], next) {
            (b'*', Some(b'*')) => (Symbol::Power, 2),
            (b'/', Some(b'/')) => (Symbol::FloorDivide, 2),
            (b'=', Some(b'=')) => (Symbol::Equal, 2),
            (b'!', Some(b'=')) => (Symbol::NotEqual, 2),
            (b'<', Some(b'=')) => (Symbol::LessEqual, 2),
            (b'>', Some(b'=')) => (Symbol::GreaterEqual, 2),
            (b'+', _) => (Symbol::Add, 1),
            (b'-', _) => (Symbol::Subtract, 1),
            (b'*', _) => (Symbol::Multiply, 1),
            (b'/', _) => (Symbol::Divide, 1),
            (b'%', _) => (Symbol::Modulo, 1),
            (b'~', _) => (Symbol::Tilde, 1),
            (b'<', _) => (Symbol::Less, 1),
            (b'>', _) => (Symbol::Greater, 1),
            (b'=', _) => (Symbol::Assign, 1),
            (b'.', _) => (Symbol::Dot, 1),
            (b',', _) => (Symbol::Comma, 1),
            (b':', _) => (Symbol::Colon, 1),
            (b';', _) => (Symbol::Semicolon, 1),
            (b'|', _) => (Symbol::Pipe, 1),
            (b'(', _) => (Symbol::LeftParen, 1),
            (b')', _) => (Symbol::RightParen, 1),
            (b'[', _) => (Symbol::LeftBracket, 1),
            (b']', _) => (Symbol::RightBracket, 1),
            (b'{', _) => (Symbol::LeftBrace, 1),
            (b'}', _) => (Symbol::RightBrace, 1),
            (other, _) => return Err(self.unknown_symbol(other)),
        };
        self.balance(symbol)?;
        self.at += length;
        self.push(TokenKind::Symbol(symbol), start, self.at);
        Ok(())
    }

    /// Keeps track of brackets: delimiters inside of open ones do not end a tag.
    fn balance(&mut self, symbol: Symbol) -> Result<(), Diagnostic> {
        let close = match symbol {
            Symbol::LeftParen => b')',
            Symbol::LeftBracket => b']',
            Symbol::LeftBrace => b'}',
            Symbol::RightParen | Symbol::RightBracket | Symbol::RightBrace => {
                return self.close_bracket();
            }
            _ => return Ok(()),
        };
        self.open.push((close, self.at));
        Ok(())
    }

    fn close_bracket(&mut self) -> Result<(), Diagnostic> {
        let found = self.bytes[self.at];
        match self.open.pop() {
            Some((close, _)) if close == found => Ok(()),
            Some((close, open)) => Err(self
                .error(
                    Span::new(open, open + 1),
                    format!("the `{}` here is not closed", char::from(self.bytes[open])),
                )
                .note(format!(
                    "add `{}` before the `{}` that follows",
                    char::from(close),
                    char::from(found)
                ))),
            None => {
                let error = self.error(
                    Span::new(self.at, self.at + 1),
                    format!("this `{}` closes nothing", char::from(found)),
                );
                Err(match found {
                    b'}' => error.note("an expression ends with `}}`, a statement with `%}`"),
                    _ => error,
                })
            }
        }
    }

    fn unknown_symbol(&self, symbol: u8) -> Diagnostic {
        let doubled = self.bytes.get(self.at + 1) == Some(&symbol);
        let length = 1 + usize::from(doubled && symbol == b'&');
        let span = Span::new(self.at, self.at + length);
        let shown = &self.text[span.range()];
        let error = self.error(span, format!("`{shown}` means nothing in an expression"));
        match symbol {
            b'&' => error.note("write `and`"),
            b'!' => error.note("write `not`"),
            b'?' => error.note("write `a if condition else b`"),
            b'$' => error.note("`$` belongs to YAQL; in Jinja a variable is called by its name"),
            b'`' => error.note("texts are quoted with `'` or `\"`"),
            _ => error,
        }
    }
}

/// Marks that continue a name, such as accents that stand alone.
fn is_mark(character: char) -> bool {
    pyvalue::text::is_identifier(&format!("a{character}"))
}
