//! Wraps a paragraph as Python's `textwrap` does, white space and tabs kept as they are.

use pyvalue::{Budget, Error, text};

use super::words::is_word;

/// How to wrap.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wrapping {
    /// Characters a line may have, at least 1.
    pub(super) width: usize,
    /// Whether words longer than a line are cut.
    pub(super) breaks_words: bool,
    /// Whether lines may end behind hyphens.
    pub(super) breaks_hyphens: bool,
}

impl Wrapping {
    /// The lines of a paragraph.
    pub(super) fn wrap(self, paragraph: &str, budget: &Budget) -> Result<Vec<String>, Error> {
        let characters: Vec<char> = paragraph.chars().collect();
        budget.charge(characters.len() * size_of::<char>())?;
        budget.steps(characters.len() as u64)?;
        let mut lines = Vec::new();
        let mut chunks = self.chunks(&characters);
        chunks.reverse();
        while !chunks.is_empty() {
            let line = self.line(&mut chunks, !lines.is_empty());
            if !line.is_empty() {
                let line: String = line.into_iter().flatten().collect();
                budget.charge(line.len() + size_of::<String>())?;
                lines.push(line);
            }
        }
        Ok(lines)
    }

    /// Takes the chunks of one line from the end of `chunks`.
    fn line<'c>(self, chunks: &mut Vec<&'c [char]>, is_later: bool) -> Vec<&'c [char]> {
        let mut line: Vec<&[char]> = Vec::new();
        let mut length = 0;
        if is_later && chunks.last().is_some_and(|chunk| is_blank(chunk)) {
            chunks.pop();
        }
        while let Some(chunk) = chunks.pop_if(|chunk| length + chunk.len() <= self.width) {
            length += chunk.len();
            line.push(chunk);
        }
        if let Some(long) = chunks.pop_if(|chunk| chunk.len() > self.width) {
            let (kept, rest) = self.cut(long, length, line.is_empty());
            line.extend(kept);
            chunks.extend(rest);
        }
        if line.last().is_some_and(|chunk| is_blank(chunk)) {
            line.pop();
        }
        line
    }

    /// What of a chunk that is longer than a line goes on this line, and what is left of it.
    fn cut(
        self,
        chunk: &[char],
        length: usize,
        is_first: bool,
    ) -> (Option<&[char]>, Option<&[char]>) {
        if !self.breaks_words {
            return if is_first {
                (Some(chunk), None)
            } else {
                (None, Some(chunk))
            };
        }
        let room = self.width - length;
        let mut end = room;
        if self.breaks_hyphens && chunk.len() > room {
            let hyphen = chunk[..room].iter().rposition(|c| *c == '-');
            if let Some(hyphen) = hyphen
                && chunk[..hyphen].iter().any(|c| *c != '-')
            {
                end = hyphen + 1;
            }
        }
        (Some(&chunk[..end]), Some(&chunk[end..]))
    }

    /// Words, parts of hyphenated words, dashes and white space.
    fn chunks(self, characters: &[char]) -> Vec<&[char]> {
        let mut chunks = Vec::new();
        let mut start = 0;
        while start < characters.len() {
            let end = if is_white(characters[start]) {
                run(characters, start, is_white)
            } else if self.breaks_hyphens {
                hyphenated_end(characters, start)
            } else {
                run(characters, start, |c| !is_white(c))
            };
            chunks.push(&characters[start..end]);
            start = end;
        }
        chunks
    }
}

/// Where a chunk that begins at a character which is no white space ends.
fn hyphenated_end(characters: &[char], start: usize) -> usize {
    if let Some(end) = dash_end(characters, start) {
        return end;
    }
    let mut at = start + 1;
    loop {
        if is_hyphenation(characters, at) {
            return at + 1;
        }
        if characters.get(at).is_none_or(|c| is_white(*c)) || dash_end(characters, at).is_some() {
            return at;
        }
        at += 1;
    }
}

/// Where a dash of two or more hyphens between words ends, if one stands at `at`.
fn dash_end(characters: &[char], at: usize) -> Option<usize> {
    let before = *characters.get(at.checked_sub(1)?)?;
    // Asked first: of a run of hyphens only the beginning looks for its end.
    if !is_word(before) && !"!\"'&.,?".contains(before) {
        return None;
    }
    let end = run(characters, at, |c| c == '-');
    let is_dash = end >= at + 2 && characters.get(end).is_some_and(|c| is_word(*c));
    is_dash.then_some(end)
}

/// Whether a word may be cut behind the hyphen at `at`: two letters before it and two behind it, hyphens aside.
fn is_hyphenation(characters: &[char], at: usize) -> bool {
    let letter = |at: Option<usize>| {
        at.and_then(|at| characters.get(at))
            .is_some_and(|c| is_letter(*c))
    };
    let hyphen = |at: Option<usize>| at.and_then(|at| characters.get(at)) == Some(&'-');
    let back = |by: usize| at.checked_sub(by);
    let behind = usize::from(hyphen(Some(at + 2)));
    hyphen(Some(at))
        && letter(back(1))
        && (letter(back(2)) || hyphen(back(2)) && letter(back(3)))
        && letter(Some(at + 1))
        && letter(Some(at + 2 + behind))
}

fn run(characters: &[char], start: usize, belongs: impl Fn(char) -> bool) -> usize {
    characters[start..]
        .iter()
        .position(|c| !belongs(*c))
        .map_or(characters.len(), |length| start + length)
}

fn is_white(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | ' ')
}

fn is_blank(chunk: &[char]) -> bool {
    chunk.iter().all(|c| text::is_whitespace(*c))
}

fn is_letter(c: char) -> bool {
    is_word(c) && !text::is_decimal(c.encode_utf8(&mut [0; 4]))
}
