//! Python's `re` patterns on `fancy-regex`.
//!
//! The two dialects are close. Translated here: `$` (Python's matches before a last line end too), `\Z`, braces and
//! brackets that Python takes literally, `\uXXXX`, flags that Rust does not know. Escapes that Python refuses are
//! refused.

use fancy_regex::{Regex, RegexBuilder};

/// Steps a match may take back: patterns are data, and must not hold up the engine.
const BACKTRACK_LIMIT: usize = 200_000;

/// How the three operators differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `matchregex`: from the start, a dot takes line ends too.
    FromStart,
    /// `regex`: anywhere.
    Anywhere,
    /// `iregex`: anywhere, in any case.
    AnyCase,
}

/// Compiles a pattern; the error says what is wrong with it.
pub(crate) fn compile(pattern: &str, style: Style) -> Result<Regex, String> {
    let body = Translator::new(pattern).translate()?;
    let text = match style {
        Style::FromStart => format!("(?s)\\A(?:{body})"),
        Style::Anywhere => body,
        Style::AnyCase => format!("(?i)(?:{body})"),
    };
    RegexBuilder::new(&text)
        .backtrack_limit(BACKTRACK_LIMIT)
        .build()
        .map_err(|error| error.to_string())
}

struct Translator<'p> {
    characters: std::iter::Peekable<std::str::Chars<'p>>,
    output: String,
    /// Whether `$` means the end of a line, for each open group; the last is the innermost.
    multiline: Vec<bool>,
}

impl<'p> Translator<'p> {
    fn new(pattern: &'p str) -> Self {
        Self {
            characters: pattern.chars().peekable(),
            output: String::with_capacity(pattern.len() + 8),
            multiline: vec![false],
        }
    }

    fn translate(mut self) -> Result<String, String> {
        while let Some(character) = self.characters.next() {
            match character {
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                '$' if !self.multiline.last().copied().unwrap_or(false) => {
                    self.output.push_str("(?=\\n?\\z)");
                }
                '{' => self.brace(),
                '(' => self.group()?,
                ')' => {
                    if self.multiline.len() > 1 {
                        self.multiline.pop();
                    }
                    self.output.push(')');
                }
                other => self.output.push(other),
            }
        }
        Ok(self.output)
    }

    /// What follows a backslash.
    fn escape(&mut self, in_class: bool) -> Result<(), String> {
        let Some(character) = self.characters.next() else {
            return Err("bad escape (end of pattern)".to_owned());
        };
        match character {
            'Z' if !in_class => self.output.push_str("\\z"),
            'b' if in_class => self.output.push_str("\\x08"),
            'u' => self.code_point(4)?,
            'U' => self.code_point(8)?,
            '0' => self.output.push_str("\\x00"),
            'A' | 'B' | 'b' if !in_class => self.keep(character),
            'd'
            | 'D'
            | 's'
            | 'S'
            | 'w'
            | 'W'
            | 'a'
            | 'f'
            | 'n'
            | 'r'
            | 't'
            | 'v'
            | 'x'
            | '1'..='9' => self.keep(character),
            letter if letter.is_ascii_alphabetic() => return Err(format!("bad escape \\{letter}")),
            // Rust gives `\<` and `\>` a meaning; letters beyond ASCII need no backslash.
            '<' | '>' => self.output.push(character),
            other if other.is_ascii() => self.keep(other),
            other => self.output.push(other),
        }
        Ok(())
    }

    fn keep(&mut self, escaped: char) {
        self.output.push('\\');
        self.output.push(escaped);
    }

    fn code_point(&mut self, digits: usize) -> Result<(), String> {
        let hex: String = self.characters.by_ref().take(digits).collect();
        if hex.len() != digits || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(format!("incomplete escape \\u{hex}"));
        }
        self.output.extend(["\\x{", &hex, "}"]);
        Ok(())
    }

    /// A bracketed class. Rust nests classes and knows operators in them; Python takes all that literally.
    fn class(&mut self) -> Result<(), String> {
        self.output.push('[');
        if self.characters.next_if_eq(&'^').is_some() {
            self.output.push('^');
        }
        if self.characters.next_if_eq(&']').is_some() {
            self.output.push_str("\\]");
        }
        while let Some(character) = self.characters.next() {
            match character {
                ']' => {
                    self.output.push(']');
                    return Ok(());
                }
                '\\' => self.escape(true)?,
                '[' | '&' | '~' => self.keep(character),
                other => self.output.push(other),
            }
        }
        Err("unterminated character set".to_owned())
    }

    /// A brace that is no count is a brace.
    fn brace(&mut self) {
        let ahead: String = self
            .characters
            .clone()
            .take_while(|character| *character != '}')
            .take(32)
            .collect();
        let closed = self.characters.clone().nth(ahead.chars().count()) == Some('}');
        let is_count = closed
            && ahead.chars().any(|character| character.is_ascii_digit())
            && ahead
                .chars()
                .all(|character| character.is_ascii_digit() || character == ',')
            && ahead.matches(',').count() <= 1;
        self.output
            .push_str(match (is_count, ahead.starts_with(',')) {
                (true, true) => "{0",
                (true, false) => "{",
                (false, _) => "\\{",
            });
    }

    /// What follows an opening parenthesis.
    fn group(&mut self) -> Result<(), String> {
        let inherited = self.multiline.last().copied().unwrap_or(false);
        let mut ahead = self.characters.clone();
        if ahead.next() != Some('?') {
            self.multiline.push(inherited);
            self.output.push('(');
            return Ok(());
        }
        if ahead.peek() == Some(&'#') {
            return self.comment();
        }
        let flags: String = ahead
            .by_ref()
            .take_while(|character| character.is_ascii_alphabetic() || *character == '-')
            .collect();
        let end = self.characters.clone().nth(1 + flags.chars().count());
        match end {
            Some(')') if !flags.is_empty() => self.global_flags(&flags),
            Some(':') if !flags.is_empty() => self.scoped_flags(&flags, inherited),
            _ => {
                self.multiline.push(inherited);
                self.output.push('(');
            }
        }
        Ok(())
    }

    fn comment(&mut self) -> Result<(), String> {
        if self.characters.any(|character| character == ')') {
            return Ok(());
        }
        Err("missing ), unterminated comment".to_owned())
    }

    /// `(?im)`: from here on.
    fn global_flags(&mut self, flags: &str) {
        self.skip(2 + flags.len());
        if flags.contains('m') {
            self.multiline
                .iter_mut()
                .for_each(|multiline| *multiline = true);
        }
        let known = known_flags(flags);
        if !known.is_empty() {
            self.output.extend(["(?", &known, ")"]);
        }
    }

    /// `(?i:...)`: inside this group.
    fn scoped_flags(&mut self, flags: &str, inherited: bool) {
        self.skip(2 + flags.len());
        let (on, off) = flags.split_once('-').unwrap_or((flags, ""));
        self.multiline
            .push((inherited || on.contains('m')) && !off.contains('m'));
        self.output.extend(["(?", &known_flags(flags), ":"]);
    }

    fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.characters.next();
        }
    }
}

/// Python's `a`, `L` and `u` choose alphabets; text is Unicode here.
fn known_flags(flags: &str) -> String {
    let known: String = flags
        .chars()
        .filter(|flag| !matches!(flag, 'a' | 'L' | 'u'))
        .collect();
    known.strip_suffix('-').map_or(known.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> bool {
        compile(pattern, Style::Anywhere)
            .unwrap()
            .is_match(text)
            .unwrap()
    }

    #[test]
    fn a_dollar_matches_before_the_last_line_end() {
        assert!(found("c$", "abc\n"));
        assert!(!found("c$", "abc\nd"));
        assert!(found("(?m)c$", "abc\nd"));
        assert!(found("(?m:c$)", "abc\nd"));
        assert!(!found(r"c\Z", "abc\n"));
        assert!(found(r"[$]\$", "$$"));
    }

    #[test]
    fn braces_and_brackets_that_say_nothing_are_literal() {
        assert!(found("^{a}$", "{a}"));
        assert!(found("^x{,2}$", "xx"));
        assert!(found("^x{2}$", "xx"));
        assert!(found("[[]a[]]", "[a]"));
        assert!(found("[a&&b]", "&"));
        assert!(found(r"\<b\>", "<b>"));
    }

    #[test]
    fn look_around_and_back_references_work() {
        assert!(found(r"(?P<x>a)(?P=x)", "aa"));
        assert!(found(r"a(?=b)(?#why)b", "ab"));
        assert!(found(r"(a)\1", "aa"));
        assert!(found(r"\u00e9", "é"));
    }

    #[test]
    fn refuses_what_python_refuses() {
        for pattern in ["(", "[a", r"\q", r"a\", "(?#", "*a"] {
            assert!(compile(pattern, Style::Anywhere).is_err(), "{pattern}");
        }
    }

    #[test]
    fn matches_from_the_start_with_dots_over_lines() {
        let regex = compile("a.b", Style::FromStart).unwrap();

        assert!(regex.is_match("a\nb").unwrap());
        assert!(!regex.is_match("xa\nb").unwrap());
        assert!(compile("É", Style::AnyCase).unwrap().is_match("é").unwrap());
    }

    #[test]
    fn a_runaway_pattern_is_stopped() {
        let regex = compile(r"(?=(a+)+b)\1", Style::Anywhere).unwrap();

        assert!(regex.is_match(&"a".repeat(200)).is_err() || !regex.is_match("a").unwrap());
    }
}
