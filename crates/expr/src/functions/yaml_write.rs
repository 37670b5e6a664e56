//! Writes YAML as PyYAML's safe dumper on libyaml does: block style, keys sorted, long texts folded at 80 columns.
//!
//! What occurs twice is written twice: anchors and aliases would need Python's identity of objects.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use libyaml_safer::{Emitter, Encoding, Event, MappingStyle, ScalarStyle, SequenceStyle};
use pyvalue::{Budget, Dict, Error, Value};

use super::yaml_read::Naive;

/// Stands for a character beyond U+FFFF. libyaml escapes those, the emitter does not; this is escaped by both, and the
/// escape is as long as the one that libyaml writes, so that lines break at the same places.
const STAND_IN: &str = "\u{fffe}\u{1}";

/// The stand-in once it is escaped.
const STAND_IN_ESCAPED: &str = "\\uFFFE\\x01";

/// The YAML of a value, with a newline at its end.
pub(super) fn block(
    value: &Value,
    indent: Option<u8>,
    allow_unicode: bool,
    budget: &Budget,
) -> Result<String, Error> {
    let mut output = Output {
        text: Vec::new(),
        budget,
        exceeded: None,
    };
    let mut stood_for = Vec::new();
    let written = {
        let mut emitter = Emitter::new();
        emitter.set_output(&mut output);
        emitter.set_unicode(allow_unicode);
        if let Some(indent) = indent {
            emitter.set_indent(i32::from(indent));
        }
        let mut writer = Writer {
            emitter,
            budget,
            escapes_beyond: allow_unicode,
            stood_for: Vec::new(),
        };
        let written = writer.document(value);
        stood_for.append(&mut writer.stood_for);
        written
    };
    match (output.exceeded, written) {
        (Some(error), _) | (None, Err(error)) => return Err(error),
        (None, Ok(())) => {}
    }
    let text = String::from_utf8(output.text)
        .map_err(|_| Error::value_error("the YAML that was written is no text"))?;
    Ok(if stood_for.is_empty() {
        text
    } else {
        put_back(&text, &stood_for)
    })
}

/// The text with the escapes of what was stood for.
fn put_back(text: &str, stood_for: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = stood_for.iter();
    let mut parts = text.split(STAND_IN_ESCAPED);
    out.extend(parts.next());
    for part in parts {
        if let Some(character) = characters.next() {
            // Writing to a text cannot fail.
            _ = write!(out, "\\U{:08X}", u32::from(*character));
        }
        out.push_str(part);
    }
    out
}

/// Takes what is written, as long as there is memory for it.
struct Output<'b> {
    text: Vec<u8>,
    budget: &'b Budget,
    exceeded: Option<Error>,
}

impl io::Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.budget.charge(bytes.len()) {
            self.exceeded = Some(error);
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Writer<'w> {
    emitter: Emitter<'w>,
    budget: &'w Budget,
    /// Whether characters beyond U+FFFF need to be stood for.
    escapes_beyond: bool,
    stood_for: Vec<char>,
}

impl Writer<'_> {
    fn document(&mut self, value: &Value) -> Result<(), Error> {
        self.emit(Event::stream_start(Encoding::Utf8))?;
        self.emit(Event::document_start(None, &[], true))?;
        self.value(value)?;
        self.emit(Event::document_end(true))?;
        self.emit(Event::stream_end())
    }

    fn emit(&mut self, event: Event) -> Result<(), Error> {
        self.emitter
            .emit(event)
            .map_err(|error| Error::value_error(format!("YAML has no form for it: {error}")))
    }

    fn value(&mut self, value: &Value) -> Result<(), Error> {
        self.budget.step()?;
        match value {
            Value::Str(text) => {
                let text = self.stand_in(text);
                self.scalar("str", &text, is_text(&text), true)
            }
            Value::None => self.scalar("null", "null", true, false),
            Value::Bool(true) => self.scalar("bool", "true", true, false),
            Value::Bool(false) => self.scalar("bool", "false", true, false),
            Value::Int(_) | Value::Big(_) => self.scalar("int", &value.to_text()?, true, false),
            Value::Float(number) => self.scalar("float", &float_text(*number), true, false),
            Value::DateTime(_) => self.scalar("timestamp", &value.to_text()?, true, false),
            Value::List(items) | Value::Tuple(items) => self.list(items),
            Value::Dict(members) => self.mapping("map", members),
            Value::Set(members) => {
                let members = members.iter().map(|member| (member.clone(), Value::None));
                self.mapping("set", &members.collect())
            }
            Value::Object(_) if value.as_object::<Naive>().is_some() => {
                self.scalar("timestamp", &value.to_text()?, true, false)
            }
            other => Err(unrepresentable(other)),
        }
    }

    fn stand_in<'t>(&mut self, text: &'t str) -> Cow<'t, str> {
        let is_beyond = |c: char| c > '\u{ffff}';
        let is_taken = || text.contains(STAND_IN) || text.contains(STAND_IN_ESCAPED);
        if !self.escapes_beyond || !text.contains(is_beyond) || is_taken() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        for character in text.chars() {
            if is_beyond(character) {
                self.stood_for.push(character);
                out.push_str(STAND_IN);
            } else {
                out.push(character);
            }
        }
        Cow::Owned(out)
    }

    /// `plain` and `quoted`: whether a scalar of this form is read as this type again without a tag.
    fn scalar(&mut self, tag: &str, text: &str, plain: bool, quoted: bool) -> Result<(), Error> {
        let style = ScalarStyle::Any;
        self.emit(Event::scalar(
            None,
            Some(&full(tag)),
            text,
            plain,
            quoted,
            style,
        ))
    }

    fn list(&mut self, items: &[Value]) -> Result<(), Error> {
        let style = SequenceStyle::Block;
        self.emit(Event::sequence_start(None, Some(&full("seq")), true, style))?;
        for item in items {
            self.value(item)?;
        }
        self.emit(Event::sequence_end())
    }

    fn mapping(&mut self, tag: &str, members: &Dict) -> Result<(), Error> {
        let (is_implicit, style) = (tag == "map", MappingStyle::Block);
        self.emit(Event::mapping_start(
            None,
            Some(&full(tag)),
            is_implicit,
            style,
        ))?;
        for (key, value) in sorted(members) {
            self.value(key)?;
            self.value(value)?;
        }
        self.emit(Event::mapping_end())
    }
}

fn full(tag: &str) -> String {
    format!("tag:yaml.org,2002:{tag}")
}

/// Members in the order of their keys, or as they stand where those have no order.
fn sorted(members: &Dict) -> Vec<(&Value, &Value)> {
    let mut sorted: Vec<_> = members.iter().collect();
    let mut is_ordered = true;
    sorted.sort_by(|(one, _), (other, _)| {
        pyvalue::order(one, other)
            .ok()
            .flatten()
            .unwrap_or_else(|| {
                is_ordered = false;
                std::cmp::Ordering::Equal
            })
    });
    if is_ordered {
        sorted
    } else {
        members.iter().collect()
    }
}

fn unrepresentable(value: &Value) -> Error {
    let name = value.type_name();
    Error::value_error(format!("YAML has no form for a value of type '{name}'"))
}

fn float_text(number: f64) -> String {
    if number.is_nan() {
        return ".nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let text = pyvalue::float_text(number);
    // `1e+20` would be a text in YAML 1.1.
    match text.split_once('e') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0e{exponent}"),
        _ => text,
    }
}

/// Whether a text without quotes is read as a text again.
fn is_text(text: &str) -> bool {
    text.contains('\n')
        || text != "<<"
            && yaml::parse(text).is_ok_and(|document| document.root.as_text() == Some(text))
}
