//! `template % arguments`.

use super::float::{exponent, fixed, general};
use super::number::{character, digits, special};
use crate::{Budget, Class, Error, Value, number, text};

/// Where the next argument comes from.
enum Source<'a> {
    /// A tuple: one after the other.
    Tuple(std::slice::Iter<'a, Value>),
    /// A single one, until it is taken.
    Single(Option<Value>),
}

/// One conversion: what stands between `%` and its letter.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "flags of a conversion, each on its own"
)]
struct Conversion {
    left: bool,
    plus: bool,
    blank: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

struct Formatter<'a> {
    template: std::iter::Peekable<std::iter::Enumerate<std::str::Chars<'a>>>,
    arguments: &'a Value,
    source: Source<'a>,
    budget: &'a Budget,
    output: String,
}

/// `template % arguments`: a tuple's items are the arguments one by one, everything else is the only one; a
/// dictionary's members are reached by `%(key)s`.
pub fn percent(template: &str, arguments: &Value, budget: &Budget) -> Result<String, Error> {
    budget.charge(template.len())?;
    let mut formatter = Formatter {
        template: template.chars().enumerate().peekable(),
        arguments,
        source: match arguments {
            Value::Tuple(items) => Source::Tuple(items.iter()),
            single => Source::Single(Some(single.clone())),
        },
        budget,
        output: String::with_capacity(template.len()),
    };
    while let Some((_, character)) = formatter.template.next() {
        if character == '%' {
            budget.step()?;
            formatter.conversion()?;
        } else {
            formatter.output.push(character);
        }
    }
    formatter.finish()
}

fn is_mapping(value: &Value) -> bool {
    matches!(value, Value::Dict(_) | Value::List(_) | Value::Bytes(_))
}

fn incomplete() -> Error {
    Error::value_error("incomplete format")
}

impl Formatter<'_> {
    fn finish(self) -> Result<String, Error> {
        let is_left = match self.source {
            Source::Tuple(mut items) => items.next().is_some(),
            Source::Single(value) => value.is_some(),
        };
        if is_left && !is_mapping(self.arguments) {
            return Err(Error::type_error(
                "not all arguments converted during string formatting",
            ));
        }
        Ok(self.output)
    }

    fn argument(&mut self) -> Result<Value, Error> {
        match &mut self.source {
            Source::Tuple(items) => items.next().cloned(),
            Source::Single(value) => value.take(),
        }
        .ok_or_else(|| Error::type_error("not enough arguments for format string"))
    }

    fn skip(&mut self, wanted: char) -> bool {
        self.template
            .next_if(|(_, character)| *character == wanted)
            .is_some()
    }

    fn conversion(&mut self) -> Result<(), Error> {
        if self.skip('%') {
            self.output.push('%');
            return Ok(());
        }
        if self.skip('(') {
            let key = self.key()?;
            self.source = Source::Single(Some(self.member(&key)?));
        }
        let mut conversion = Conversion::default();
        while let Some((_, flag)) = self
            .template
            .next_if(|(_, flag)| matches!(flag, '-' | '+' | ' ' | '#' | '0'))
        {
            match flag {
                '-' => conversion.left = true,
                '+' => conversion.plus = true,
                ' ' => conversion.blank = true,
                '#' => conversion.alternate = true,
                _ => conversion.zero = true,
            }
        }
        if let Some(width) = self.count("width too big")? {
            conversion.left |= width < 0;
            conversion.width = usize::try_from(width.unsigned_abs()).unwrap_or(usize::MAX);
        }
        if self.skip('.') {
            let precision = self.count("precision too big")?.unwrap_or(0);
            conversion.precision = Some(usize::try_from(precision).unwrap_or(0));
        }
        let _ = self
            .template
            .next_if(|(_, size)| matches!(size, 'h' | 'l' | 'L'));
        let (index, letter) = self.template.next().ok_or_else(incomplete)?;
        let value = self.argument()?;
        self.convert(&value, letter, index, &conversion)
    }

    /// The key in parentheses, which may hold pairs of them.
    fn key(&mut self) -> Result<String, Error> {
        if !is_mapping(self.arguments) {
            return Err(Error::type_error("format requires a mapping"));
        }
        let mut key = String::new();
        let mut depth = 1;
        for (_, character) in self.template.by_ref() {
            match character {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(key);
            }
            key.push(character);
        }
        Err(Error::value_error("incomplete format key"))
    }

    fn member(&self, key: &str) -> Result<Value, Error> {
        match self.arguments {
            Value::Dict(dict) => dict
                .get(key)
                .cloned()
                .ok_or_else(|| Error::new(Class::Key, Value::from(key).repr())),
            Value::Bytes(_) => Err(Error::type_error(
                "byte indices must be integers or slices, not str",
            )),
            _ => Err(Error::type_error(
                "list indices must be integers or slices, not str",
            )),
        }
    }

    /// Digits, or `*` for an argument.
    fn count(&mut self, too_big: &str) -> Result<Option<i64>, Error> {
        if self.skip('*') {
            return match self.argument()? {
                Value::Int(count) => Ok(Some(count)),
                Value::Bool(truth) => Ok(Some(i64::from(truth))),
                Value::Big(_) => Err(Error::new(
                    Class::Overflow,
                    if too_big.starts_with("width") {
                        "Python int too large to convert to C ssize_t"
                    } else {
                        "Python int too large to convert to C int"
                    },
                )),
                _ => Err(Error::type_error("* wants int")),
            };
        }
        let mut count: Option<i64> = None;
        while let Some((_, digit)) = self.template.next_if(|(_, digit)| digit.is_ascii_digit()) {
            let digit = i64::from(digit.to_digit(10).unwrap_or(0));
            let longer = count.unwrap_or(0).checked_mul(10);
            count = Some(
                longer
                    .and_then(|count| count.checked_add(digit))
                    .filter(|count| i32::try_from(*count).is_ok() || too_big.starts_with("width"))
                    .ok_or_else(|| Error::value_error(too_big))?,
            );
        }
        Ok(count)
    }

    fn convert(
        &mut self,
        value: &Value,
        letter: char,
        index: usize,
        conversion: &Conversion,
    ) -> Result<(), Error> {
        match letter {
            's' => {
                let text = value.to_text()?;
                self.text(&text, conversion)
            }
            'r' => self.text(&value.repr(), conversion),
            'a' => self.text(&ascii(&value.repr()), conversion),
            'c' => self.text(&single(value)?, conversion),
            'd' | 'i' | 'u' | 'o' | 'x' | 'X' => self.integer(value, letter, conversion),
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' => self.float(value, letter, conversion),
            other => Err(Error::value_error(format!(
                "unsupported format character '{}' (0x{:x}) at index {index}",
                if matches!(other, '\x1f'..='~') {
                    other
                } else {
                    '?'
                },
                u32::from(other)
            ))),
        }
    }

    fn text(&mut self, shown: &str, conversion: &Conversion) -> Result<(), Error> {
        let end = conversion
            .precision
            .and_then(|precision| shown.char_indices().nth(precision))
            .map_or(shown.len(), |(end, _)| end);
        let plain = Conversion {
            left: conversion.left,
            width: conversion.width,
            ..Conversion::default()
        };
        self.push("", &shown[..end], &plain)
    }

    fn integer(
        &mut self,
        value: &Value,
        letter: char,
        conversion: &Conversion,
    ) -> Result<(), Error> {
        let (radix, wanted) = match letter {
            'o' => (8, "an integer"),
            'x' | 'X' => (16, "an integer"),
            _ => (10, "a real number"),
        };
        let whole = match value {
            Value::Bool(_) | Value::Int(_) | Value::Big(_) => value.clone(),
            Value::Float(float) if radix == 10 => number::truncate(*float)?,
            other => {
                return Err(Error::type_error(format!(
                    "%{letter} format: {wanted} is required, not {}",
                    other.type_name()
                )));
            }
        };
        let (is_negative, mut shown) = digits(&whole, radix)?;
        if let Some(precision) = conversion.precision {
            let missing = precision.saturating_sub(shown.len());
            self.budget.charge(missing)?;
            shown.insert_str(0, &"0".repeat(missing));
        }
        if letter == 'X' {
            shown.make_ascii_uppercase();
        }
        let prefix = match letter {
            'o' if conversion.alternate => "0o",
            'x' if conversion.alternate => "0x",
            'X' if conversion.alternate => "0X",
            _ => "",
        };
        let head = format!("{}{prefix}", sign(is_negative, conversion));
        self.push(&head, &shown, conversion)
    }

    fn float(&mut self, value: &Value, letter: char, conversion: &Conversion) -> Result<(), Error> {
        let Some(float) = number::as_float(value) else {
            return Err(Error::type_error(format!(
                "must be real number, not {}",
                value.type_name()
            )));
        };
        let float = float?;
        let precision = conversion.precision.unwrap_or(6);
        let mut shown = match (special(float), letter.to_ascii_lowercase()) {
            (Some(text), _) => text.to_owned(),
            (None, 'e') => exponent(float, precision, self.budget)?,
            (None, 'f') => fixed(float, precision, self.budget)?,
            (None, _) => general(float, precision, conversion.alternate, false, self.budget)?,
        };
        if conversion.alternate && float.is_finite() && !shown.contains('.') {
            let at = shown.find('e').unwrap_or(shown.len());
            shown.insert(at, '.');
        }
        if letter.is_ascii_uppercase() {
            shown.make_ascii_uppercase();
        }
        let is_negative = float.is_sign_negative() && !float.is_nan();
        self.push(sign(is_negative, conversion), &shown, conversion)
    }

    /// Pads: zeros go between head and rest, blanks around both.
    fn push(&mut self, head: &str, rest: &str, conversion: &Conversion) -> Result<(), Error> {
        let length = head.len() + text::length(rest);
        let missing = conversion.width.saturating_sub(length);
        self.budget
            .charge(missing.saturating_add(head.len() + rest.len()))?;
        let (left, zeros, right) = match (conversion.left, conversion.zero) {
            (true, _) => (0, 0, missing),
            (false, true) => (0, missing, 0),
            (false, false) => (missing, 0, 0),
        };
        self.output.extend(std::iter::repeat_n(' ', left));
        self.output.push_str(head);
        self.output.extend(std::iter::repeat_n('0', zeros));
        self.output.push_str(rest);
        self.output.extend(std::iter::repeat_n(' ', right));
        Ok(())
    }
}

fn sign(is_negative: bool, conversion: &Conversion) -> &'static str {
    match (is_negative, conversion.plus, conversion.blank) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        (false, false, false) => "",
    }
}

/// What `%c` takes: a text of one character, or a code point.
fn single(value: &Value) -> Result<String, Error> {
    match value {
        Value::Str(text) if text::length(text) == 1 => Ok(text.to_string()),
        Value::Bool(_) | Value::Int(_) | Value::Big(_) => character(value).map(String::from),
        _ => Err(Error::type_error("%c requires int or char")),
    }
}

/// `ascii()` of what `repr()` gave.
pub(super) fn ascii(repr: &str) -> String {
    if repr.is_ascii() {
        return repr.to_owned();
    }
    let mut plain = String::with_capacity(repr.len());
    for character in repr.chars() {
        match u32::from(character) {
            0..0x80 => plain.push(character),
            code @ 0x80..0x100 => plain.extend([format!("\\x{code:02x}")]),
            code @ 0x100..0x1_0000 => plain.extend([format!("\\u{code:04x}")]),
            code => plain.extend([format!("\\U{code:08x}")]),
        }
    }
    plain
}
