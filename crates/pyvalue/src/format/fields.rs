//! `str.format`.

use super::format_spec;
use super::percent::ascii;
use crate::{Budget, Class, Dict, Error, Value, number};

/// What `{0.name}` and `{0[key]}` find: the caller knows what of a value may be seen.
pub trait Lookup {
    /// The attribute `.name`.
    fn attribute(&self, value: &Value, name: &str) -> Result<Value, Error>;
    /// The item `[key]`: a key of digits only comes as an integer.
    fn item(&self, value: &Value, key: &Value) -> Result<Value, Error>;
}

/// Specifications within specifications.
const MAX_DEPTH: u32 = 2;

struct Formatter<'a> {
    positional: &'a [Value],
    named: &'a Dict,
    lookup: &'a dyn Lookup,
    budget: &'a Budget,
    numbering: Numbering,
}

/// How fields without names are numbered; one template sticks to one way.
enum Numbering {
    Unknown,
    Automatic(usize),
    Manual,
}

/// A replacement field.
struct Field<'t> {
    name: &'t str,
    conversion: Option<char>,
    spec: &'t str,
}

/// `template.format(*positional, **named)`.
pub fn str_format(
    template: &str,
    positional: &[Value],
    named: &Dict,
    lookup: &dyn Lookup,
    budget: &Budget,
) -> Result<String, Error> {
    Formatter {
        positional,
        named,
        lookup,
        budget,
        numbering: Numbering::Unknown,
    }
    .format(template, MAX_DEPTH)
}

impl Formatter<'_> {
    fn format(&mut self, template: &str, depth: u32) -> Result<String, Error> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Error::value_error("Max string recursion exceeded"));
        };
        self.budget.charge(template.len())?;
        let mut output = String::with_capacity(template.len());
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            output.push_str(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            if let Some(after) = after.strip_prefix(brace) {
                output.push_str(brace);
                rest = after;
                continue;
            }
            if brace == "}" || after.is_empty() {
                return Err(Error::value_error(format!(
                    "Single '{brace}' encountered in format string"
                )));
            }
            self.budget.step()?;
            let (field, after) = Field::parse(after)?;
            output.push_str(&self.field(&field, depth)?);
            rest = after;
        }
        output.push_str(rest);
        Ok(output)
    }

    fn field(&mut self, field: &Field<'_>, depth: u32) -> Result<String, Error> {
        let mut value = self.value(field.name)?;
        match field.conversion {
            None => {}
            Some('s') => value = Value::from(value.to_text()?),
            Some('r') => value = Value::from(value.repr()),
            Some('a') => value = Value::from(ascii(&value.repr())),
            Some(other) => {
                return Err(Error::value_error(match other {
                    '!'..='~' => format!("Unknown conversion specifier {other}"),
                    _ => format!("Unknown conversion specifier \\x{:x}", u32::from(other)),
                }));
            }
        }
        let text = if field.spec.contains('{') {
            let spec = self.format(field.spec, depth)?;
            format_spec(&value, &spec, self.budget)?
        } else {
            format_spec(&value, field.spec, self.budget)?
        };
        self.budget.charge(text.len())?;
        Ok(text)
    }

    /// `0.name[key]`.
    fn value(&mut self, name: &str) -> Result<Value, Error> {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (first, mut rest) = name.split_at(end);
        let mut value = self.first(first)?;
        while let Some(kind) = rest.chars().next() {
            rest = &rest[kind.len_utf8()..];
            let part = match kind {
                '.' => {
                    let end = rest.find(['.', '[']).unwrap_or(rest.len());
                    let (part, after) = rest.split_at(end);
                    rest = after;
                    part
                }
                '[' => {
                    let (part, after) = rest
                        .split_once(']')
                        .ok_or_else(|| Error::value_error("Missing ']' in format string"))?;
                    rest = after;
                    part
                }
                _ => {
                    return Err(Error::value_error(
                        "Only '.' or '[' may follow ']' in format field specifier",
                    ));
                }
            };
            if part.is_empty() {
                return Err(Error::value_error("Empty attribute in format string"));
            }
            value = if kind == '.' {
                self.lookup.attribute(&value, part)?
            } else {
                let key = match index(part)? {
                    Some(index) => Value::Int(i64::try_from(index).unwrap_or(i64::MAX)),
                    None => Value::from(part),
                };
                self.lookup.item(&value, &key)?
            };
        }
        Ok(value)
    }

    fn first(&mut self, name: &str) -> Result<Value, Error> {
        let index = index(name)?;
        let index = match (&mut self.numbering, index) {
            (_, None) if !name.is_empty() => {
                return self
                    .named
                    .get(name)
                    .cloned()
                    .ok_or_else(|| Error::new(Class::Key, Value::from(name).repr()));
            }
            (Numbering::Manual, None) => {
                return Err(Error::value_error(
                    "cannot switch from manual field specification to automatic field numbering",
                ));
            }
            (Numbering::Automatic(_), Some(_)) => {
                return Err(Error::value_error(
                    "cannot switch from automatic field numbering to manual field specification",
                ));
            }
            (Numbering::Automatic(next), None) => {
                *next += 1;
                *next - 1
            }
            (Numbering::Unknown, None) => {
                self.numbering = Numbering::Automatic(1);
                0
            }
            (_, Some(index)) => {
                self.numbering = Numbering::Manual;
                index
            }
        };
        self.positional.get(index).cloned().ok_or_else(|| {
            Error::new(
                Class::Index,
                format!("Replacement index {index} out of range for positional args tuple"),
            )
        })
    }
}

impl<'t> Field<'t> {
    /// Reads a field behind its brace, and gives what follows it.
    fn parse(text: &'t str) -> Result<(Self, &'t str), Error> {
        let (name, end, rest) = Self::name(text)?;
        let field = |conversion, spec| Self {
            name,
            conversion,
            spec,
        };
        let mut conversion = None;
        let mut rest = rest;
        match end {
            '}' => return Ok((field(None, ""), rest)),
            '!' => {
                let mut characters = rest.chars();
                conversion = Some(characters.next().ok_or_else(|| {
                    Error::value_error("end of string while looking for conversion specifier")
                })?);
                let end = characters.next();
                rest = characters.as_str();
                match end {
                    Some('}') => return Ok((field(conversion, ""), rest)),
                    Some(':') | None => {}
                    Some(_) => {
                        return Err(Error::value_error(
                            "expected ':' after conversion specifier",
                        ));
                    }
                }
            }
            _ => {}
        }
        let mut depth = 1;
        for (at, brace) in rest.match_indices(['{', '}']) {
            depth = if brace == "{" { depth + 1 } else { depth - 1 };
            if depth == 0 {
                return Ok((field(conversion, &rest[..at]), &rest[at + 1..]));
            }
        }
        Err(Error::value_error("unmatched '{' in format spec"))
    }

    /// The name, the character that ends it, and what follows that.
    fn name(text: &'t str) -> Result<(&'t str, char, &'t str), Error> {
        let mut characters = text.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '{' => return Err(Error::value_error("unexpected '{' in field name")),
                '[' => {
                    characters.by_ref().find(|(_, character)| *character == ']');
                }
                '}' | ':' | '!' => return Ok((&text[..at], character, &text[at + 1..])),
                _ => {}
            }
        }
        Err(Error::value_error("expected '}' before end of string"))
    }
}

/// The number that digits only make.
fn index(text: &str) -> Result<Option<usize>, Error> {
    let mut number: usize = 0;
    for character in text.chars() {
        let Some(digit) = number::decimal_value(character) else {
            return Ok(None);
        };
        number = number
            .checked_mul(10)
            .and_then(|number| number.checked_add(usize::try_from(digit).ok()?))
            .filter(|number| i64::try_from(*number).is_ok())
            .ok_or_else(|| Error::value_error("Too many decimal digits in format string"))?;
    }
    Ok((!text.is_empty()).then_some(number))
}
