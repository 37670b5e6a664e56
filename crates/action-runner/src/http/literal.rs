//! Reads Python literals (`{'a': True, 'b': [1, None]}`): what Jinja prints of an object in a text parameter, and
//! what st2's `ast.literal_eval` accepts. No I/O.

use serde_json::{Map, Number, Value};

/// Lists and objects may be nested so deep.
const DEEPEST: usize = 100;

/// The value of a literal; `None` where the text is none.
pub(super) fn read(text: &str) -> Option<Value> {
    let mut reader = Reader {
        rest: text.trim(),
        depth: 0,
    };
    let value = reader.value()?;
    reader.skip();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip();
        self.rest
            .strip_prefix(token)
            .map(|rest| self.rest = rest)
            .is_some()
    }

    fn value(&mut self) -> Option<Value> {
        self.skip();
        match self.rest.chars().next()? {
            '{' => self.nested(Self::object),
            '[' => self.nested(|reader| reader.items("[", "]")),
            '(' => self.nested(|reader| reader.items("(", ")")),
            '\'' | '"' => self.text().map(Value::String),
            _ => self.word(),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Option<Value>) -> Option<Value> {
        self.depth += 1;
        let value = if self.depth > DEEPEST {
            None
        } else {
            read(self)
        };
        self.depth -= 1;
        value
    }

    fn items(&mut self, open: &str, close: &str) -> Option<Value> {
        let mut items = Vec::new();
        self.take(open);
        while !self.take(close) {
            items.push(self.value()?);
            if !self.take(",") {
                return self.take(close).then_some(Value::Array(items));
            }
        }
        Some(Value::Array(items))
    }

    fn object(&mut self) -> Option<Value> {
        let mut members = Map::new();
        self.take("{");
        while !self.take("}") {
            let key = match self.value()? {
                Value::String(key) => key,
                // As `json.dumps` writes such keys.
                Value::Array(_) | Value::Object(_) => return None,
                other => other.to_string(),
            };
            if !self.take(":") {
                return None;
            }
            members.insert(key, self.value()?);
            if !self.take(",") {
                return self.take("}").then_some(Value::Object(members));
            }
        }
        Some(Value::Object(members))
    }

    fn text(&mut self) -> Option<String> {
        let mut characters = self.rest.chars();
        let quote = characters.next()?;
        let mut text = String::new();
        loop {
            match characters.next()? {
                '\\' => text.push(escaped(&mut characters)?),
                end if end == quote => break,
                other => text.push(other),
            }
        }
        self.rest = characters.as_str();
        Some(text)
    }

    fn word(&mut self) -> Option<Value> {
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || "+-._".contains(c)))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "None" => Some(Value::Null),
            "True" => Some(Value::Bool(true)),
            "False" => Some(Value::Bool(false)),
            number => match number.parse::<i64>() {
                Ok(integer) => Some(integer.into()),
                Err(_) if number.contains(|c: char| c.is_ascii_digit()) => number
                    .parse()
                    .ok()
                    .and_then(Number::from_f64)
                    .map(Value::Number),
                Err(_) => None,
            },
        }
    }
}

/// What stands for a backslash and what follows it.
fn escaped(characters: &mut std::str::Chars<'_>) -> Option<char> {
    Some(match characters.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'x' => code_point(characters, 2)?,
        'u' => code_point(characters, 4)?,
        'U' => code_point(characters, 8)?,
        same @ ('\\' | '\'' | '"') => same,
        _ => return None,
    })
}

fn code_point(characters: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let text: String = characters.by_ref().take(digits).collect();
    u32::from_str_radix(&text, 16)
        .ok()
        .filter(|_| text.len() == digits)
        .and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_python_prints_of_an_object() {
        let text = r#"{'a': True, "b": [1, -2.5, None, 'it\'s'], 'c': {'d': ()}, 1: 'x', }"#;

        let expected =
            json!({ "a": true, "b": [1, -2.5, null, "it's"], "c": { "d": [] }, "1": "x" });
        assert_eq!(read(text), Some(expected));
    }

    #[test]
    fn reads_escapes() {
        assert_eq!(read(r"'a\n\x41\u20ac\\'"), Some(json!("a\nA€\\")));
    }

    #[test]
    fn refuses_what_is_no_literal() {
        for text in [
            "",
            "open('x')",
            "{'a'}",
            "[1",
            "'a",
            "a b",
            "1 2",
            "{[]: 1}",
            "inf",
            r"'\q'",
            "'\\u12",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn refuses_endless_nesting() {
        assert_eq!(read(&"[".repeat(100_000)), None);
    }
}
