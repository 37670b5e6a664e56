//! `pprint`: Python's `pprint.pformat` with its defaults (80 columns, an indent of 1, dictionaries sorted).

use pyvalue::{Budget, Dict, Error, Value, text};

use super::sorting;

const WIDTH: usize = 80;

/// Prints a value over as many lines as its width asks for.
pub(super) fn pretty(value: &Value, budget: &Budget) -> Result<String, Error> {
    let mut printer = Printer {
        out: String::new(),
        budget,
    };
    printer.format(value, 0, 0, 0)?;
    Ok(printer.out)
}

struct Printer<'b> {
    out: String,
    budget: &'b Budget,
}

impl Printer<'_> {
    /// `allowance` is the room that closing brackets need behind the value.
    fn format(
        &mut self,
        value: &Value,
        indent: usize,
        allowance: usize,
        level: usize,
    ) -> Result<(), Error> {
        let flat = self.flat(value)?;
        let room = WIDTH.saturating_sub(indent + allowance);
        if flat.chars().count() <= room {
            return self.write(&flat);
        }
        match value {
            Value::Dict(dict) => self.dict(dict, indent, allowance, level + 1),
            Value::List(items) => {
                self.write("[")?;
                self.items(items, indent, allowance + 1, level + 1)?;
                self.write("]")
            }
            Value::Tuple(items) => {
                let close = if items.len() == 1 { ",)" } else { ")" };
                self.write("(")?;
                self.items(items, indent, allowance + close.len(), level + 1)?;
                self.write(close)
            }
            Value::Set(set) if !set.is_empty() => {
                let mut items: Vec<Value> = set.iter().cloned().collect();
                sorting::sort(&mut items, |one, other| {
                    Ok::<_, Error>(safe_less(one, other))
                })?;
                self.write("{")?;
                self.items(&items, indent, allowance + 1, level + 1)?;
                self.write("}")
            }
            Value::Str(text) if !text.is_empty() => self.text(text, indent, allowance, level + 1),
            Value::Bytes(bytes) if bytes.len() > 4 => {
                self.bytes(bytes, indent, allowance, level + 1)
            }
            _ => self.write(&flat),
        }
    }

    fn dict(
        &mut self,
        dict: &Dict,
        indent: usize,
        allowance: usize,
        level: usize,
    ) -> Result<(), Error> {
        self.write("{")?;
        let indent = indent + 1;
        let members = sorted(dict)?;
        for (at, (key, value)) in members.iter().enumerate() {
            let key = self.flat(key)?;
            self.write(&key)?;
            self.write(": ")?;
            let is_last = at + 1 == members.len();
            let room = if is_last { allowance + 1 } else { 1 };
            self.format(value, indent + key.chars().count() + 2, room, level)?;
            if !is_last {
                self.next_line(",", indent)?;
            }
        }
        self.write("}")
    }

    fn items(
        &mut self,
        items: &[Value],
        indent: usize,
        allowance: usize,
        level: usize,
    ) -> Result<(), Error> {
        let indent = indent + 1;
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.next_line(",", indent)?;
            }
            let is_last = at + 1 == items.len();
            self.format(item, indent, if is_last { allowance } else { 1 }, level)?;
        }
        Ok(())
    }

    /// A long text becomes several literals, cut behind line ends and blanks.
    fn text(
        &mut self,
        source: &str,
        indent: usize,
        allowance: usize,
        level: usize,
    ) -> Result<(), Error> {
        let outermost = level == 1;
        let indent = indent + usize::from(outermost);
        let allowance = allowance + usize::from(outermost);
        let lines = text::split_lines(source, true, self.budget)?;
        let chunks = chunks(&lines, WIDTH.saturating_sub(indent), allowance);
        if let [chunk] = chunks.as_slice() {
            return self.write(chunk);
        }
        if outermost {
            self.write("(")?;
        }
        for (at, chunk) in chunks.iter().enumerate() {
            if at > 0 {
                self.next_line("", indent)?;
            }
            self.write(chunk)?;
        }
        if outermost { self.write(")") } else { Ok(()) }
    }

    /// Bytes are cut in groups of four.
    fn bytes(
        &mut self,
        bytes: &[u8],
        indent: usize,
        allowance: usize,
        level: usize,
    ) -> Result<(), Error> {
        let outermost = level == 1;
        let indent = indent + usize::from(outermost);
        let allowance = allowance + usize::from(outermost);
        if outermost {
            self.write("(")?;
        }
        let mut current: &[u8] = &[];
        let mut start = 0;
        let last = bytes.len() / 4 * 4;
        let mut room = WIDTH.saturating_sub(indent);
        let mut is_first = true;
        for at in (0..bytes.len()).step_by(4) {
            if at == last {
                room = room.saturating_sub(allowance);
            }
            let candidate = &bytes[start..bytes.len().min(at + 4)];
            if !current.is_empty() && repr_of_bytes(candidate).chars().count() > room {
                self.chunk(&repr_of_bytes(current), indent, &mut is_first)?;
                start = at;
            }
            current = &bytes[start..bytes.len().min(at + 4)];
        }
        self.chunk(&repr_of_bytes(current), indent, &mut is_first)?;
        if outermost { self.write(")") } else { Ok(()) }
    }

    fn chunk(&mut self, chunk: &str, indent: usize, is_first: &mut bool) -> Result<(), Error> {
        if !std::mem::take(is_first) {
            self.next_line("", indent)?;
        }
        self.write(chunk)
    }

    /// What `repr` gives, with the dictionaries sorted.
    fn flat(&self, value: &Value) -> Result<String, Error> {
        let mut out = String::new();
        self.write_flat(value, &mut out)?;
        Ok(out)
    }

    fn write_flat(&self, value: &Value, out: &mut String) -> Result<(), Error> {
        self.budget.step()?;
        match value {
            Value::Dict(dict) => {
                out.push('{');
                for (at, (key, value)) in sorted(dict)?.into_iter().enumerate() {
                    out.push_str(if at > 0 { ", " } else { "" });
                    self.write_flat(&key, out)?;
                    out.push_str(": ");
                    self.write_flat(&value, out)?;
                }
                out.push('}');
            }
            Value::List(items) => {
                out.push('[');
                self.write_flat_items(items, out)?;
                out.push(']');
            }
            Value::Tuple(items) => {
                out.push('(');
                self.write_flat_items(items, out)?;
                out.push_str(if items.len() == 1 { ",)" } else { ")" });
            }
            other => {
                let text = other.repr();
                self.budget.charge(text.len())?;
                out.push_str(&text);
            }
        }
        Ok(())
    }

    fn write_flat_items(&self, items: &[Value], out: &mut String) -> Result<(), Error> {
        for (at, item) in items.iter().enumerate() {
            out.push_str(if at > 0 { ", " } else { "" });
            self.write_flat(item, out)?;
        }
        Ok(())
    }

    fn next_line(&mut self, before: &str, indent: usize) -> Result<(), Error> {
        self.budget.charge(indent)?;
        self.out.push_str(before);
        self.out.push('\n');
        self.out.push_str(&" ".repeat(indent));
        Ok(())
    }

    fn write(&mut self, text: &str) -> Result<(), Error> {
        self.budget.charge(text.len())?;
        self.out.push_str(text);
        Ok(())
    }
}

/// Members in the order of their keys; keys that do not compare are ordered by type.
fn sorted(dict: &Dict) -> Result<Vec<(Value, Value)>, Error> {
    let mut members: Vec<(Value, Value)> = dict
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    sorting::sort(&mut members, |one, other| {
        Ok::<_, Error>(safe_less(&one.0, &other.0))
    })?;
    Ok(members)
}

fn safe_less(one: &Value, other: &Value) -> bool {
    match pyvalue::order(one, other) {
        Ok(order) => order == Some(std::cmp::Ordering::Less),
        Err(_) => one.type_name() < other.type_name(),
    }
}

/// The literals of a text, each within `width`, the last with room for `allowance` more.
fn chunks(lines: &[Value], width: usize, allowance: usize) -> Vec<String> {
    let mut chunks = Vec::new();
    for (at, line) in lines.iter().filter_map(Value::as_str).enumerate() {
        let is_last_line = at + 1 == lines.len();
        let line_room = width.saturating_sub(if is_last_line { allowance } else { 0 });
        let whole = repr_of(line);
        if whole.chars().count() <= line_room {
            chunks.push(whole);
            continue;
        }
        let parts = words(line);
        let mut current = "";
        let mut start = 0;
        let mut end = 0;
        for (at, part) in parts.iter().enumerate() {
            let is_last = is_last_line && at + 1 == parts.len();
            let room = width.saturating_sub(if is_last { allowance } else { 0 });
            end += part.len();
            let candidate = &line[start..end];
            if repr_of(candidate).chars().count() > room {
                if !current.is_empty() {
                    chunks.push(repr_of(current));
                }
                start = end - part.len();
                current = part;
            } else {
                current = candidate;
            }
        }
        if !current.is_empty() {
            chunks.push(repr_of(current));
        }
    }
    chunks
}

/// Words, each with the blanks behind it.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut was_space = false;
    for (at, c) in line.char_indices() {
        let is_space = text::is_whitespace(c);
        if was_space && !is_space {
            words.push(&line[start..at]);
            start = at;
        }
        was_space = is_space;
    }
    words.push(&line[start..]);
    words
}

fn repr_of(text: &str) -> String {
    let mut out = String::new();
    pyvalue::write_quoted(text, &mut out);
    out
}

fn repr_of_bytes(bytes: &[u8]) -> String {
    Value::Bytes(bytes.into()).repr()
}
