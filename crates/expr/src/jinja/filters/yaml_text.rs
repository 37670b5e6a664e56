//! Writes JSON as PyYAML's safe dumper does in block style: keys sorted by the caller, long texts folded at 80 columns.

use std::fmt::Write as _;

use serde_json::Value;

use crate::python;

/// Columns after which a text is folded.
const WIDTH: usize = 80;

/// The YAML of a value, with a newline at its end.
pub(super) fn block(value: &Value, indent: usize, allow_unicode: bool) -> String {
    let mut writer = Writer {
        out: String::new(),
        step: indent,
        allow_unicode,
    };
    writer.value(value, 0, false);
    if !writer.out.ends_with('\n') {
        writer.out.push('\n');
    }
    writer.out
}

struct Writer {
    out: String,
    step: usize,
    allow_unicode: bool,
}

impl Writer {
    /// `inline`: the value stands behind a `- ` whose column is `depth - step`.
    fn value(&mut self, value: &Value, depth: usize, inline: bool) {
        match value {
            Value::Array(items) if !items.is_empty() => self.list(items, depth, inline),
            Value::Object(members) if !members.is_empty() => self.mapping(members, depth, inline),
            other => self.scalar(other, depth, false),
        }
    }

    fn list(&mut self, items: &[Value], depth: usize, inline: bool) {
        for (at, item) in items.iter().enumerate() {
            self.begin(depth, inline && at == 0);
            self.out.push('-');
            self.out.push_str(&" ".repeat(self.step - 1));
            self.value(item, depth + self.step, true);
            self.end_line();
        }
    }

    fn mapping(&mut self, members: &model::Object, depth: usize, inline: bool) {
        for (at, (key, value)) in members.iter().enumerate() {
            self.begin(depth, inline && at == 0);
            self.scalar(&Value::String(key.clone()), depth, true);
            self.out.push(':');
            match value {
                // Lists stand at the column of their key.
                Value::Array(items) if !items.is_empty() => {
                    self.out.push('\n');
                    self.list(items, depth, false);
                }
                Value::Object(inner) if !inner.is_empty() => {
                    self.out.push('\n');
                    self.mapping(inner, depth + self.step, false);
                }
                other => {
                    self.out.push(' ');
                    self.scalar(other, depth, false);
                }
            }
            self.end_line();
        }
    }

    fn begin(&mut self, depth: usize, is_begun: bool) {
        if !is_begun {
            self.out.push_str(&" ".repeat(depth));
        }
    }

    fn end_line(&mut self) {
        if !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn scalar(&mut self, value: &Value, depth: usize, is_key: bool) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Number(number) => self.number(number),
            Value::String(text) => self.text(text, depth, is_key),
            Value::Array(_) => self.out.push_str("[]"),
            Value::Object(_) => self.out.push_str("{}"),
        }
    }

    fn number(&mut self, number: &serde_json::Number) {
        let Some(float) = number.as_f64().filter(|_| number.is_f64()) else {
            self.out.push_str(&number.to_string());
            return;
        };
        let text = python::float_text(float);
        // `1e+20` would be a text in YAML 1.1.
        match text.split_once('e') {
            Some((digits, exponent)) if !digits.contains('.') => {
                self.out.push_str(digits);
                self.out.push_str(".0e");
                self.out.push_str(exponent);
            }
            _ => self.out.push_str(&text),
        }
    }

    fn text(&mut self, text: &str, depth: usize, is_key: bool) {
        let indent = if is_key { depth } else { depth + self.step };
        if text.chars().any(|c| self.is_special(c)) {
            self.double_quoted(text, indent);
        } else if is_plain(text) {
            self.folded(text, indent, is_key);
        } else {
            self.single_quoted(text, indent, is_key);
        }
    }

    /// Only double quotes can write such a character.
    fn is_special(&self, character: char) -> bool {
        match character {
            '\n' | ' '..='~' => false,
            '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' => {
                !self.allow_unicode || character == '\u{feff}'
            }
            _ => true,
        }
    }

    fn column(&self) -> usize {
        self.out.chars().rev().take_while(|c| *c != '\n').count()
    }

    /// Words separated by single spaces break once the line is too long.
    fn folded(&mut self, text: &str, indent: usize, is_key: bool) {
        let mut column = self.column();
        for (at, word) in text.split(' ').enumerate() {
            if at > 0 {
                let may_break =
                    !is_key && column > WIDTH && !word.is_empty() && !self.out.ends_with(' ');
                if may_break {
                    self.break_line(indent);
                    column = indent;
                } else {
                    self.out.push(' ');
                    column += 1;
                }
            }
            self.out.push_str(word);
            column += word.chars().count();
        }
    }

    fn break_line(&mut self, indent: usize) {
        self.out.push('\n');
        self.out.push_str(&" ".repeat(indent));
    }

    fn single_quoted(&mut self, text: &str, indent: usize, is_key: bool) {
        self.out.push('\'');
        let mut lines = text.split('\n').peekable();
        let mut is_first = true;
        while let Some(line) = lines.next() {
            if !is_first {
                // A line break in the value is an empty line in the text.
                if line.is_empty() && lines.peek().is_some() {
                    self.out.push('\n');
                } else {
                    self.out.push('\n');
                    if !self.out.ends_with("\n\n") {
                        self.out.push('\n');
                    }
                    self.out.push_str(&" ".repeat(indent));
                }
            }
            is_first = false;
            self.folded(&line.replace('\'', "''"), indent, is_key);
        }
        self.out.push('\'');
    }

    fn double_quoted(&mut self, text: &str, indent: usize) {
        self.out.push('"');
        for character in text.chars() {
            if character == ' ' && self.column() > WIDTH {
                self.out.push('\\');
                self.break_line(indent);
                self.out.push_str("\\ ");
                continue;
            }
            match character {
                '"' | '\\' => self.out.extend(['\\', character]),
                '\n' => self.out.push_str("\\n"),
                '\t' => self.out.push_str("\\t"),
                '\r' => self.out.push_str("\\r"),
                '\0' => self.out.push_str("\\0"),
                '\u{7}' => self.out.push_str("\\a"),
                '\u{8}' => self.out.push_str("\\b"),
                '\u{b}' => self.out.push_str("\\v"),
                '\u{c}' => self.out.push_str("\\f"),
                '\u{1b}' => self.out.push_str("\\e"),
                c if self.is_special(c) => self.escape(c),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }

    fn escape(&mut self, character: char) {
        let code = u32::from(character);
        let written = match code {
            0..=0xff => write!(self.out, "\\x{code:02X}"),
            0x100..=0xffff => write!(self.out, "\\u{code:04X}"),
            _ => write!(self.out, "\\U{code:08X}"),
        };
        debug_assert!(written.is_ok());
    }
}

/// Whether a text can stand without quotes and is read as the same text again.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let second_is_space = text.chars().nth(1).is_none_or(|c| c == ' ');
    let is_indicator = matches!(
        first,
        '#' | ','
            | '['
            | ']'
            | '{'
            | '}'
            | '&'
            | '*'
            | '!'
            | '|'
            | '>'
            | '\''
            | '"'
            | '%'
            | '@'
            | '`'
    ) || (matches!(first, '?' | ':' | '-') && second_is_space);
    !is_indicator
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text.contains('\n')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with(' ')
        && !text.ends_with([' ', ':'])
        && text != "="
        && yaml::parse(text).is_ok_and(|document| document.root.as_text() == Some(text))
}
