//! `urlize`: web and mail addresses in a text become links.

use pyvalue::{Budget, Error, text};

use super::addresses::{is_mail, is_web};

/// How links are made.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Characters of an address that are shown.
    pub(super) limit: Option<i64>,
    /// The `rel` attribute, escaped; none where empty.
    pub(super) rel: String,
    /// The `target` attribute, escaped; none where empty.
    pub(super) target: String,
    /// Beginnings that make a link too, such as `tel:`.
    pub(super) schemes: Vec<String>,
}

impl Links {
    /// Makes links in a text that is escaped already.
    pub(super) fn link(&self, escaped: &str, budget: &Budget) -> Result<String, Error> {
        budget.charge(escaped.len())?;
        let mut out = String::with_capacity(escaped.len());
        for (is_space, word) in pieces(escaped) {
            budget.step()?;
            if is_space {
                out.push_str(word);
                continue;
            }
            let (head, middle, tail) = parts(word);
            let linked = self.word(&middle)?;
            if let Some(linked) = &linked {
                budget.charge(linked.len())?;
            }
            out.push_str(head);
            out.push_str(linked.as_deref().unwrap_or(&middle));
            out.push_str(tail);
        }
        Ok(out)
    }

    fn word(&self, word: &str) -> Result<Option<String>, Error> {
        if is_web(word) {
            let scheme = if word.starts_with("https://") || word.starts_with("http://") {
                ""
            } else {
                "https://"
            };
            return Ok(Some(format!(
                "<a href=\"{scheme}{word}\"{}>{}</a>",
                self.attributes(),
                self.shown(word)?
            )));
        }
        if let Some(address) = word.strip_prefix("mailto:")
            && is_mail(address)
        {
            return Ok(Some(format!("<a href=\"{word}\">{address}</a>")));
        }
        let may_be_mail = word.contains('@')
            && !word.starts_with("www.")
            && !word.starts_with('@')
            && !word.contains(':');
        if may_be_mail && is_mail(word) {
            return Ok(Some(format!("<a href=\"mailto:{word}\">{word}</a>")));
        }
        Ok(self.by_scheme(word))
    }

    /// Every scheme that fits wraps the word once more, though none fits what is wrapped already.
    fn by_scheme(&self, word: &str) -> Option<String> {
        self.schemes
            .iter()
            .find(|scheme| word != **scheme && word.starts_with(&***scheme))
            .map(|_| format!("<a href=\"{word}\"{}>{word}</a>", self.attributes()))
    }

    fn attributes(&self) -> String {
        let attribute = |name: &str, value: &str| match value {
            "" => String::new(),
            value => format!(" {name}=\"{value}\""),
        };
        attribute("rel", &self.rel) + &attribute("target", &self.target)
    }

    fn shown(&self, address: &str) -> Result<String, Error> {
        match self.limit {
            Some(limit) if i64::try_from(text::length(address)).unwrap_or(i64::MAX) > limit => {
                Ok(text::slice(address, None, Some(limit), None)? + "...")
            }
            _ => Ok(address.to_owned()),
        }
    }
}

/// Words and the white space between them (true).
fn pieces(source: &str) -> Vec<(bool, &str)> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut was_space = false;
    for (at, c) in source.char_indices() {
        let is_space = text::is_whitespace(c);
        if is_space != was_space && at > start {
            pieces.push((was_space, &source[start..at]));
            start = at;
        }
        was_space = is_space;
    }
    pieces.push((was_space, &source[start..]));
    pieces
}

/// Opening brackets before an address, the address, and the punctuation behind it. Brackets that the address opens
/// stay with it.
fn parts(word: &str) -> (&str, String, &str) {
    let start = stripped(word, |rest| {
        ["(", "<", "&lt;"]
            .into_iter()
            .find_map(|open| rest.strip_prefix(open))
    });
    let head = &word[..word.len() - start.len()];
    let middle = stripped(start, |rest| {
        [")", ">", ".", ",", "\n", "&gt;"]
            .into_iter()
            .find_map(|close| rest.strip_suffix(close))
    });
    let mut tail = &start[middle.len()..];
    let mut middle = middle.to_owned();
    for (open, close) in [("(", ")"), ("<", ">"), ("&lt;", "&gt;")] {
        let opened = middle.matches(open).count();
        if opened <= middle.matches(close).count() {
            continue;
        }
        for _ in 0..opened.min(tail.matches(close).count()) {
            let Some(at) = tail.find(close) else { break };
            let (moved, rest) = tail.split_at(at + close.len());
            middle.push_str(moved);
            tail = rest;
        }
    }
    (head, middle, tail)
}

fn stripped<'t>(mut text: &'t str, strip: impl Fn(&'t str) -> Option<&'t str>) -> &'t str {
    while let Some(rest) = strip(text) {
        text = rest;
    }
    text
}
