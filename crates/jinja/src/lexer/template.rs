//! Text between tags, and where tags begin and end.

use std::sync::Arc;

use diagnostic::Diagnostic;
use pyvalue::text::is_whitespace;

use super::{Lexer, Span, TokenKind};

/// How a tag treats the white space beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// `-`: white space goes.
    Strip,
    /// `+`: white space stays.
    Keep,
    /// Nothing said: blocks and comments alone on their line take it.
    Default,
}

impl Lexer<'_> {
    pub(super) fn template(&mut self) -> Result<(), Diagnostic> {
        while self.at < self.bytes.len() {
            let start = self.at;
            let Some((tag, kind)) = self.next_tag() else {
                self.data(start, self.bytes.len());
                self.at = self.bytes.len();
                return Ok(());
            };
            let sign = self.sign_at(tag + 2);
            let end = self.data_end(start, tag, sign, kind != b'{');
            self.data(start, end);
            match kind {
                b'#' => self.comment(tag, sign)?,
                b'{' => self.variable(tag, sign)?,
                _ => match self.raw_begin(tag, sign) {
                    Some(body) => self.raw(tag, body)?,
                    None => self.block(tag, sign)?,
                },
            }
        }
        Ok(())
    }

    /// The next `{{`, `{%` or `{#`: where it is, and its second character.
    fn next_tag(&self) -> Option<(usize, u8)> {
        let mut at = self.at;
        while let Some(found) = self.text[at..].find('{') {
            at += found;
            match self.bytes.get(at + 1) {
                Some(kind @ (b'{' | b'%' | b'#')) => return Some((at, *kind)),
                _ => at += 1,
            }
        }
        None
    }

    fn sign_at(&self, at: usize) -> Sign {
        match self.bytes.get(at) {
            Some(b'-') => Sign::Strip,
            Some(b'+') => Sign::Keep,
            _ => Sign::Default,
        }
    }

    /// Where the text before a tag ends, once white space is taken off.
    fn data_end(&self, start: usize, tag: usize, sign: Sign, may_strip_line: bool) -> usize {
        let text = &self.text[start..tag];
        match sign {
            Sign::Strip => start + text.trim_end_matches(is_whitespace).len(),
            Sign::Default if may_strip_line => {
                let line = text.rfind('\n').map_or(0, |at| at + 1);
                let is_at_start = line > 0 || self.is_line_start;
                if is_at_start && text[line..].chars().all(is_whitespace) {
                    start + line
                } else {
                    tag
                }
            }
            _ => tag,
        }
    }

    fn data(&mut self, start: usize, end: usize) {
        if start < end {
            let text = Arc::from(&self.text[start..end]);
            self.push(TokenKind::Data(text), start, end);
        }
    }

    fn comment(&mut self, tag: usize, sign: Sign) -> Result<(), Diagnostic> {
        let body = tag + 2 + usize::from(sign != Sign::Default);
        if body >= self.text.len() {
            // Of a comment that only begins nothing is lost, and Jinja2 lets it pass.
            self.at = self.text.len();
            return Ok(());
        }
        let Some(found) = self.text[body..].find("#}") else {
            return Err(self
                .error(
                    Span::new(tag, tag + 2),
                    "the comment that begins here is not closed",
                )
                .note("add `#}` where it ends"));
        };
        let close = body + found;
        self.at = close + 2;
        let sign = if close > body {
            self.sign_at(close - 1)
        } else {
            Sign::Default
        };
        self.after_block(sign);
        Ok(())
    }

    /// Takes what follows a block's or comment's end: white space, or one line end.
    fn after_block(&mut self, sign: Sign) {
        let from = self.at;
        match sign {
            Sign::Strip => self.skip_whitespace(),
            Sign::Default if self.bytes.get(self.at) == Some(&b'\n') => self.at += 1,
            _ => {}
        }
        self.is_line_start = self.text[from..self.at].ends_with('\n');
    }

    fn skip_whitespace(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(is_whitespace).len();
    }

    /// Where the body of a raw block begins, if the tag is one.
    fn raw_begin(&self, tag: usize, sign: Sign) -> Option<usize> {
        let at = tag + 2 + usize::from(sign != Sign::Default);
        let rest = self.text[at..].trim_start_matches(is_whitespace);
        let rest = rest.strip_prefix("raw")?.trim_start_matches(is_whitespace);
        let rest = match rest.strip_prefix("-%}") {
            Some(rest) => rest.trim_start_matches(is_whitespace),
            None => rest.strip_prefix("%}")?,
        };
        Some(self.text.len() - rest.len())
    }

    fn raw(&mut self, tag: usize, body: usize) -> Result<(), Diagnostic> {
        self.is_line_start = self.text[tag..body].ends_with('\n');
        self.at = body;
        while let Some((end, _)) = self.next_tag() {
            if let Some((next, end_sign)) = self.raw_end(end) {
                let sign = self.sign_at(end + 2);
                let data_end = self.data_end(body, end, sign, true);
                self.data(body, data_end);
                self.at = next;
                self.after_block(end_sign);
                return Ok(());
            }
            self.at = end + 1;
        }
        Err(self
            .error(
                Span::new(tag, body),
                "the raw block that begins here is not closed",
            )
            .note("add `{% endraw %}` where it ends"))
    }

    /// What follows `{% endraw %}`, if a tag is that, and how it treats white space.
    fn raw_end(&self, tag: usize) -> Option<(usize, Sign)> {
        let rest = self.text[tag..].strip_prefix("{%")?;
        let rest = rest.strip_prefix(['-', '+']).unwrap_or(rest);
        let rest = rest.trim_start_matches(is_whitespace);
        let rest = rest.strip_prefix("endraw")?;
        let rest = rest.trim_start_matches(is_whitespace);
        let (rest, sign) = match rest.as_bytes().first()? {
            b'-' => (&rest[1..], Sign::Strip),
            b'+' => (&rest[1..], Sign::Keep),
            _ => (rest, Sign::Default),
        };
        let rest = rest.strip_prefix("%}")?;
        Some((self.text.len() - rest.len(), sign))
    }

    fn variable(&mut self, tag: usize, sign: Sign) -> Result<(), Diagnostic> {
        self.at = tag + 2 + usize::from(sign != Sign::Default);
        self.push(TokenKind::VariableBegin, tag, self.at);
        loop {
            self.skip_whitespace();
            let rest = self.rest();
            if rest.is_empty() {
                return Err(self.unclosed(tag, "{{", "}}"));
            }
            if self.open.is_empty() {
                let start = self.at;
                if rest.starts_with("-}}") {
                    self.at += 3;
                    self.skip_whitespace();
                } else if rest.starts_with("}}") {
                    self.at += 2;
                }
                if self.at > start {
                    self.is_line_start = self.text[start..self.at].ends_with('\n');
                    self.push(TokenKind::VariableEnd, start, start + 2);
                    return Ok(());
                }
            }
            self.word()?;
        }
    }

    fn block(&mut self, tag: usize, sign: Sign) -> Result<(), Diagnostic> {
        self.at = tag + 2 + usize::from(sign != Sign::Default);
        self.push(TokenKind::BlockBegin, tag, self.at);
        loop {
            self.skip_whitespace();
            let rest = self.rest();
            if rest.is_empty() {
                return Err(self.unclosed(tag, "{%", "%}"));
            }
            if self.open.is_empty() {
                let start = self.at;
                let (sign, length) = match rest.as_bytes() {
                    [b'+', b'%', b'}', ..] => (Sign::Keep, 3),
                    [b'-', b'%', b'}', ..] => (Sign::Strip, 3),
                    [b'%', b'}', ..] => (Sign::Default, 2),
                    _ => (Sign::Default, 0),
                };
                if length > 0 {
                    self.at += length;
                    self.push(TokenKind::BlockEnd, start, self.at);
                    self.after_block(sign);
                    return Ok(());
                }
            }
            self.word()?;
        }
    }

    /// The text ended inside of a tag: the bracket or the tag that is open is at fault.
    fn unclosed(&self, tag: usize, begin: &str, end: &str) -> Diagnostic {
        match self.open.last() {
            Some((close, open)) => self
                .error(
                    Span::new(*open, open + 1),
                    format!("the `{}` here is not closed", char::from(self.bytes[*open])),
                )
                .note(format!("add `{}` before `{end}`", char::from(*close))),
            None => self
                .error(
                    Span::new(tag, tag + 2),
                    format!("the `{begin}` here is not closed"),
                )
                .note(format!("add `{end}` where the expression ends")),
        }
    }
}
