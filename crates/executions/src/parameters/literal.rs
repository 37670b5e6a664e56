//! Python literals, as `ast.literal_eval` reads them, so far as JSON can hold what they say.

use model::Object;
use pyvalue::number;
use serde_json::Value;

/// Nesting that is still read.
const DEEPEST: usize = 90;

/// Reads a literal; the error says what is wrong.
pub(super) fn evaluate(text: &str) -> Result<Value, String> {
    let trimmed = text.trim_start_matches([' ', '\t']);
    let rest = trimmed.trim_start_matches(['\n', '\r']);
    if rest.len() < trimmed.len() && rest.starts_with([' ', '\t']) {
        return Err("unexpected indent".to_owned());
    }
    let mut reader = Reader { rest, depth: 0 };
    let value = reader.value()?;
    reader.skip_blanks();
    // A tuple needs no parentheses.
    if reader.rest.starts_with(',') {
        let items = reader.items(Some(value), None)?;
        return Ok(Value::Array(items));
    }
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(format!("unexpected {}", reader.shown()))
    }
}

struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

impl Reader<'_> {
    fn skip_blanks(&mut self) {
        let blanks: &[char] = if self.depth > 0 {
            &[' ', '\t', '\n', '\r']
        } else {
            &[' ', '\t']
        };
        self.rest = self.rest.trim_start_matches(blanks);
        if self.depth == 0 && self.rest.trim().is_empty() {
            self.rest = "";
        }
    }

    fn take(&mut self, expected: char) -> bool {
        self.skip_blanks();
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn shown(&self) -> String {
        self.rest
            .chars()
            .next()
            .map_or_else(|| "end".to_owned(), |character| format!("`{character}`"))
    }

    fn value(&mut self) -> Result<Value, String> {
        self.skip_blanks();
        if self.depth > DEEPEST {
            return Err("it is nested too deeply".to_owned());
        }
        match self.rest.chars().next() {
            Some('[') => self.nested(|reader| reader.items(None, Some(']')).map(Value::Array)),
            Some('(') => self.nested(Self::parenthesis),
            Some('{') => self.nested(|reader| reader.dict().map(Value::Object)),
            Some('\'' | '"') => self.texts(false),
            Some('0'..='9' | '.' | '+' | '-') => self.number(),
            Some(character) if character.is_alphabetic() || character == '_' => self.name(),
            _ => Err(format!("unexpected {}", self.shown())),
        }
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Value, String>,
    ) -> Result<Value, String> {
        self.rest = &self.rest[1..];
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn parenthesis(&mut self) -> Result<Value, String> {
        if self.take(')') {
            return Ok(Value::Array(Vec::new()));
        }
        let first = self.value()?;
        if self.take(')') {
            return Ok(first);
        }
        self.items(Some(first), Some(')')).map(Value::Array)
    }

    /// Items up to the closing bracket, or to the end of the text where there is none.
    fn items(&mut self, first: Option<Value>, close: Option<char>) -> Result<Vec<Value>, String> {
        let mut items: Vec<Value> = first.into_iter().collect();
        let mut needs_comma = !items.is_empty();
        loop {
            self.skip_blanks();
            let is_closed = close.map_or(self.rest.is_empty(), |close| self.take(close));
            if is_closed {
                return Ok(items);
            }
            if needs_comma {
                if !self.take(',') {
                    return Err(format!("unexpected {}", self.shown()));
                }
                needs_comma = false;
                continue;
            }
            items.push(self.value()?);
            needs_comma = true;
        }
    }

    fn dict(&mut self) -> Result<Object, String> {
        let mut members = Object::new();
        while !self.take('}') {
            let key = match self.value()? {
                Value::String(text) => text,
                Value::Array(_) | Value::Object(_) => {
                    return Err("a key that JSON lacks".to_owned());
                }
                other => other.to_string(),
            };
            if !self.take(':') {
                return Err(format!("unexpected {}", self.shown()));
            }
            let value = self.value()?;
            members.insert(key, value);
            if !self.take(',') && !self.rest.starts_with('}') {
                return Err(format!("unexpected {}", self.shown()));
            }
        }
        Ok(members)
    }

    fn name(&mut self) -> Result<Value, String> {
        let end = self
            .rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        match name {
            "None" => Ok(Value::Null),
            "True" => Ok(Value::Bool(true)),
            "False" => Ok(Value::Bool(false)),
            "r" | "R" | "u" | "U" if rest.starts_with(['\'', '"']) => {
                self.texts(matches!(name, "r" | "R"))
            }
            _ => Err(format!("the name `{name}` is not a literal")),
        }
    }

    fn number(&mut self) -> Result<Value, String> {
        let is_negative = self.take('-');
        if !is_negative {
            self.take('+');
        }
        self.skip_blanks();
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.')
            .unwrap_or(self.rest.len());
        // The sign of an exponent belongs to the number.
        let end = match self.rest[end..].chars().next() {
            Some('+' | '-')
                if self.rest[..end].ends_with(['e', 'E']) && !self.rest.starts_with("0x") =>
            {
                let digits = &self.rest[end + 1..];
                end + 1
                    + digits
                        .find(|c: char| !c.is_ascii_digit())
                        .unwrap_or(digits.len())
            }
            _ => end,
        };
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        number(text, is_negative)
    }

    /// A text, and those that stand right behind it: they are one.
    fn texts(&mut self, is_raw: bool) -> Result<Value, String> {
        let mut all = self.text(is_raw)?;
        loop {
            self.skip_blanks();
            if !self.rest.starts_with(['\'', '"']) {
                return Ok(Value::String(all));
            }
            all.push_str(&self.text(false)?);
        }
    }

    fn text(&mut self, is_raw: bool) -> Result<String, String> {
        let mut characters = self.rest.char_indices();
        let quote = characters.next().map_or('\'', |(_, quote)| quote);
        let mut text = String::new();
        while let Some((at, character)) = characters.next() {
            match character {
                c if c == quote => {
                    self.rest = &self.rest[at + c.len_utf8()..];
                    return Ok(text);
                }
                '\n' => break,
                '\\' if is_raw => {
                    text.push('\\');
                    text.extend(characters.next().map(|(_, escaped)| escaped));
                }
                '\\' => escape(&mut characters, &mut text)?,
                c => text.push(c),
            }
        }
        Err("a text is not closed".to_owned())
    }
}

fn escape(characters: &mut std::str::CharIndices<'_>, text: &mut String) -> Result<(), String> {
    let Some((_, character)) = characters.next() else {
        return Err("a text is not closed".to_owned());
    };
    let mut code = |length: usize| -> Result<char, String> {
        let digits: String = characters
            .by_ref()
            .take(length)
            .map(|(_, digit)| digit)
            .collect();
        u32::from_str_radix(&digits, 16)
            .ok()
            .and_then(char::from_u32)
            .ok_or_else(|| "an escape is not valid".to_owned())
    };
    match character {
        '\n' => {}
        'n' => text.push('\n'),
        't' => text.push('\t'),
        'r' => text.push('\r'),
        'a' => text.push('\u{7}'),
        'b' => text.push('\u{8}'),
        'f' => text.push('\u{c}'),
        'v' => text.push('\u{b}'),
        '0' => text.push('\0'),
        'x' => text.push(code(2)?),
        'u' => text.push(code(4)?),
        'U' => text.push(code(8)?),
        '\\' | '\'' | '"' => text.push(character),
        other => text.extend(['\\', other]),
    }
    Ok(())
}

/// A number without its sign, which may stand apart from it.
fn number(text: &str, is_negative: bool) -> Result<Value, String> {
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let is_whole = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'_');
    let signed = format!("{}{text}", if is_negative { "-" } else { "" });
    let number = match number::parse_int(&signed, 0) {
        Ok(whole) => Ok(whole),
        Err(_) if is_number && !is_whole => number::parse_float(&signed).map(pyvalue::Value::Float),
        Err(error) => Err(error),
    };
    let number = number.map_err(|_| format!("`{text}` is not a number"))?;
    match number.to_json() {
        // A float beyond all that JSON has is null.
        Ok(Value::Null) | Err(_) => Err(format!("`{text}` is too big")),
        Ok(number) => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_python_reads() {
        for (text, value) in [
            (" (1, 'a', None)", json!([1, "a", null])),
            (
                "{'k': [True, -2.5e3,], 1: \"\\x41\\n\"}",
                json!({"k": [true, -2500.0], "1": "A\n"}),
            ),
            ("1_000", json!(1000)),
            ("0x1f ", json!(31)),
            ("(1)", json!(1)),
            ("1, 2", json!([1, 2])),
            ("()", json!([])),
            (".5", json!(0.5)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("[- 1_0.5e+1, 01.5]", json!([-105.0, 1.5])),
            ("'a' \"b\"", json!("ab")),
            ("[u'a', r'\\d']", json!(["a", "\\d"])),
            ("\n5\n", json!(5)),
        ] {
            assert_eq!(evaluate(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else_without_panicking() {
        for text in [
            "1e999",
            "99999999999999999999",
            "1__0",
            "0x",
            "1.2.3",
            "-inf",
        ] {
            assert!(evaluate(text).is_err(), "{text}");
        }
        for text in [
            "", "yes", "a,b", "[1, 2", "{1}", "f(1)", "'open", "1 2", "01", "--", "'\\xg'", "[,]",
            "{:1}", "é", "1é", "\n 5", "r 'a'", "x'a'", "'a' 1",
        ] {
            assert!(evaluate(text).is_err(), "{text}");
        }
        assert!(evaluate(&"[".repeat(10_000)).is_err());
    }
}
