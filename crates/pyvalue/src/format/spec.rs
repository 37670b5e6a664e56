//! Python's format specifications: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.

use crate::{Error, Value};

/// A specification.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spec {
    pub(super) fill: char,
    pub(super) align: char,
    pub(super) is_aligned: bool,
    pub(super) sign: Option<char>,
    pub(super) no_negative_zero: bool,
    pub(super) alternate: bool,
    pub(super) width: usize,
    pub(super) grouping: Option<char>,
    pub(super) precision: Option<usize>,
    /// The type, where one is given.
    pub(super) kind: Option<char>,
}

/// The characters that are left.
struct Reader<'s>(std::iter::Peekable<std::str::Chars<'s>>);

impl Reader<'_> {
    fn skip(&mut self, character: char) -> bool {
        self.0.next_if_eq(&character).is_some()
    }

    fn number(&mut self) -> Result<Option<usize>, Error> {
        let mut number: Option<usize> = None;
        while let Some(digit) = self
            .0
            .peek()
            .and_then(|character| crate::number::decimal_value(*character))
        {
            self.0.next();
            let digit = usize::try_from(digit).unwrap_or(0);
            let longer = number.unwrap_or(0).checked_mul(10);
            number = Some(
                longer
                    .and_then(|number| number.checked_add(digit))
                    .filter(|number| i64::try_from(*number).is_ok())
                    .ok_or_else(|| {
                        Error::value_error("Too many decimal digits in format string")
                    })?,
            );
        }
        Ok(number)
    }
}

fn is_align(character: char) -> bool {
    matches!(character, '<' | '>' | '=' | '^')
}

impl Spec {
    /// Reads a specification for a value whose texts are aligned `default_align` unless it says otherwise.
    pub(super) fn parse(text: &str, default_align: char, value: &Value) -> Result<Self, Error> {
        let mut spec = Self {
            fill: ' ',
            align: default_align,
            is_aligned: false,
            sign: None,
            no_negative_zero: false,
            alternate: false,
            width: 0,
            grouping: None,
            precision: None,
            kind: None,
        };
        let mut reader = Reader(text.chars().peekable());
        let has_fill = spec.read_align(text, &mut reader);
        spec.sign = reader.0.next_if(|sign| matches!(sign, '+' | '-' | ' '));
        spec.no_negative_zero = reader.skip('z');
        spec.alternate = reader.skip('#');
        if !has_fill && reader.skip('0') {
            spec.fill = '0';
            if !spec.is_aligned && default_align == '>' {
                spec.align = '=';
            }
        }
        spec.width = reader.number()?.unwrap_or(0);
        spec.read_grouping(&mut reader)?;
        if reader.skip('.') {
            let precision = reader.number()?;
            spec.precision = Some(
                precision
                    .ok_or_else(|| Error::value_error("Format specifier missing precision"))?,
            );
        }
        spec.kind = reader.0.next();
        if reader.0.next().is_some() {
            return Err(Error::value_error(format!(
                "Invalid format specifier '{text}' for object of type '{}'",
                value.type_name()
            )));
        }
        spec.check_grouping(matches!(value, Value::Str(_)))?;
        Ok(spec)
    }

    /// Whether a fill is given.
    fn read_align(&mut self, text: &str, reader: &mut Reader<'_>) -> bool {
        let mut ahead = text.chars();
        let (first, second) = (ahead.next(), ahead.next());
        if let (Some(fill), Some(align)) = (first, second.filter(|align| is_align(*align))) {
            (self.fill, self.align, self.is_aligned) = (fill, align, true);
            reader.0.next();
            reader.0.next();
            return true;
        }
        if let Some(align) = reader.0.next_if(|align| is_align(*align)) {
            (self.align, self.is_aligned) = (align, true);
        }
        false
    }

    fn read_grouping(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        let both = || Error::value_error("Cannot specify both ',' and '_'.");
        if reader.skip(',') {
            self.grouping = Some(',');
        }
        if reader.skip('_') {
            if self.grouping.is_some() {
                return Err(both());
            }
            self.grouping = Some('_');
            if reader.0.peek() == Some(&',') {
                return Err(both());
            }
        }
        Ok(())
    }

    fn check_grouping(&self, is_text: bool) -> Result<(), Error> {
        let kind = self.kind.or(is_text.then_some('s'));
        let (Some(separator), Some(kind)) = (self.grouping, kind) else {
            return Ok(());
        };
        let fits = match kind {
            'd' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F' => true,
            'b' | 'o' | 'x' | 'X' => separator == '_',
            _ => false,
        };
        if fits {
            return Ok(());
        }
        let kind = match kind {
            '!'..='~' => kind.to_string(),
            other => format!("\\x{:x}", u32::from(other)),
        };
        Err(Error::value_error(format!(
            "Cannot specify '{separator}' with '{kind}'."
        )))
    }
}

/// The error for a type that the value does not know.
pub(super) fn unknown_kind(kind: char, type_name: &str) -> Error {
    let kind = match kind {
        '!'..='~' => kind.to_string(),
        other => format!("\\x{:x}", u32::from(other)),
    };
    Error::value_error(format!(
        "Unknown format code '{kind}' for object of type '{type_name}'"
    ))
}
