//! Statements: text with `?` marks and a value for each, rendered for either database.
//!
//! One text serves both. A mark stands for a scalar, for a list of texts (`id in ?`), or for rows of values
//! (`from ?`, columns `v.column1`, `v.column2`, ...). PostgreSQL gets lists and rows as arrays, so that a text does
//! not depend on their length; SQLite gets a JSON list, and rows as `values`.

use sqlx::Arguments as _;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;

/// A value for a mark.
#[derive(Debug, Clone)]
pub(crate) enum Arg {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(bool),
    Blob(Option<Vec<u8>>),
    Texts(Vec<String>),
    Rows(Vec<Vec<Arg>>),
}

macro_rules! arg_from {
    ($($type:ty => |$value:ident| $arg:expr;)*) => {
        $(impl From<$type> for Arg { fn from($value: $type) -> Self { $arg } })*
    };
}

arg_from! {
    String => |text| Self::Text(Some(text));
    &String => |text| Self::Text(Some(text.clone()));
    &str => |text| Self::Text(Some(text.to_owned()));
    Option<String> => |text| Self::Text(text);
    i64 => |number| Self::Int(Some(number));
    Option<i64> => |number| Self::Int(number);
    bool => |truth| Self::Bool(truth);
    Option<Vec<u8>> => |bytes| Self::Blob(bytes);
    Vec<String> => |texts| Self::Texts(texts);
    Vec<Vec<Arg>> => |rows| Self::Rows(rows);
}

impl Arg {
    /// Bytes of a text or a body; others are small.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.as_ref().map_or(0, String::len),
            Self::Blob(bytes) => bytes.as_ref().map_or(0, Vec::len),
            Self::Int(_) | Self::Bool(_) => 8,
            Self::Texts(texts) => texts.iter().map(String::len).sum(),
            Self::Rows(rows) => rows.iter().flatten().map(Self::bytes).sum(),
        }
    }
}

/// A list of values for marks.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::sql::Arg::from($value)),*] };
}
pub(crate) use args;

/// A statement and its values.
#[derive(Debug, Clone)]
pub(crate) struct Sql {
    text: String,
    args: Vec<Arg>,
}

impl Sql {
    pub(crate) fn new(text: impl Into<String>, args: Vec<Arg>) -> Self {
        Self {
            text: text.into(),
            args,
        }
    }

    pub(crate) fn push(&mut self, text: &str, args: Vec<Arg>) {
        self.text.push_str(text);
        self.args.extend(args);
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.push(&other.text, other.args);
    }

    /// One statement that does what several do of which none touches a row of another. PostgreSQL only, unless there
    /// is but one.
    pub(crate) fn together(writes: Vec<Self>) -> Self {
        let mut whole = Self::new("", vec![]);
        let last = writes.len().saturating_sub(1);
        for (position, write) in writes.into_iter().enumerate() {
            if position < last {
                let with = if position == 0 { "with" } else { "," };
                whole.push(&format!("{with} write{position} as ("), vec![]);
                whole.append(write);
                whole.push(") ", vec![]);
            } else {
                whole.append(write);
            }
        }
        whole
    }

    /// Text and values for PostgreSQL.
    pub(crate) fn postgres(self) -> Result<(String, PgArguments), BoxDynError> {
        let mut arguments = PgArguments::default();
        let mut text = String::with_capacity(self.text.len() + 16);
        let mut args = self.args.into_iter();
        for piece in self.text.split_inclusive('?') {
            let Some(before) = piece.strip_suffix('?') else {
                text.push_str(piece);
                continue;
            };
            match args.next().ok_or("a mark without a value")? {
                Arg::Texts(texts) => {
                    text.push_str(before.strip_suffix("in ").unwrap_or(before));
                    arguments.add(texts)?;
                    text.push_str("= any(");
                    text.push_str(&mark(&arguments));
                    text.push(')');
                }
                Arg::Rows(rows) => {
                    text.push_str(before);
                    push_postgres_rows(&mut text, &mut arguments, rows)?;
                }
                scalar => {
                    text.push_str(before);
                    add_postgres_scalar(&mut arguments, scalar)?;
                    text.push_str(&mark(&arguments));
                }
            }
        }
        Ok((text, arguments))
    }

    /// Text and values for SQLite.
    pub(crate) fn sqlite(self) -> Result<(String, SqliteArguments), BoxDynError> {
        let mut arguments = SqliteArguments::default();
        let mut text = String::with_capacity(self.text.len() + 64);
        let mut args = self.args.into_iter();
        for piece in self.text.split_inclusive('?') {
            let Some(before) = piece.strip_suffix('?') else {
                text.push_str(piece);
                continue;
            };
            text.push_str(before);
            match args.next().ok_or("a mark without a value")? {
                Arg::Texts(texts) => {
                    text.push_str("(select value from json_each(?))");
                    sqlx::Arguments::add(&mut arguments, serde_json::to_string(&texts)?)?;
                }
                Arg::Rows(rows) => push_sqlite_rows(&mut text, &mut arguments, rows)?,
                scalar => {
                    text.push('?');
                    add_sqlite_scalar(&mut arguments, scalar)?;
                }
            }
        }
        Ok((text, arguments))
    }
}

/// The mark of the value that was added last.
fn mark(arguments: &PgArguments) -> String {
    format!("${}", arguments.len())
}

/// PostgreSQL's texts cannot hold the character NUL; one stray NUL must not spoil the batch it is in.
fn without_nul(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}

fn add_postgres_scalar(arguments: &mut PgArguments, arg: Arg) -> Result<(), BoxDynError> {
    match arg {
        Arg::Text(text) => arguments.add(text.map(without_nul)),
        Arg::Int(number) => arguments.add(number),
        Arg::Bool(truth) => arguments.add(truth),
        Arg::Blob(bytes) => arguments.add(bytes),
        Arg::Texts(_) | Arg::Rows(_) => Err("a list is no scalar".into()),
    }
}

fn add_sqlite_scalar(arguments: &mut SqliteArguments, arg: Arg) -> Result<(), BoxDynError> {
    match arg {
        Arg::Text(text) => sqlx::Arguments::add(arguments, text),
        Arg::Int(number) => sqlx::Arguments::add(arguments, number),
        Arg::Bool(truth) => sqlx::Arguments::add(arguments, truth),
        Arg::Blob(bytes) => sqlx::Arguments::add(arguments, bytes),
        Arg::Texts(_) | Arg::Rows(_) => Err("a list is no scalar".into()),
    }
}

fn push_sqlite_rows(
    text: &mut String,
    arguments: &mut SqliteArguments,
    rows: Vec<Vec<Arg>>,
) -> Result<(), BoxDynError> {
    text.push_str("(values ");
    for (position, row) in rows.into_iter().enumerate() {
        text.push_str(if position == 0 { "(" } else { ",(" });
        for (column, arg) in row.into_iter().enumerate() {
            text.push_str(if column == 0 { "?" } else { ",?" });
            add_sqlite_scalar(arguments, arg)?;
        }
        text.push(')');
    }
    text.push_str(") as v");
    Ok(())
}

/// Rows as one array for each column: `unnest($1, $2) as v(column1, column2)`.
fn push_postgres_rows(
    text: &mut String,
    arguments: &mut PgArguments,
    rows: Vec<Vec<Arg>>,
) -> Result<(), BoxDynError> {
    let width = rows.first().map_or(0, Vec::len);
    let mut columns: Vec<Vec<Arg>> = (0..width).map(|_| Vec::with_capacity(rows.len())).collect();
    for row in rows {
        for (column, arg) in columns.iter_mut().zip(row) {
            column.push(arg);
        }
    }
    text.push_str("unnest(");
    let mut names = String::new();
    for (position, column) in columns.into_iter().enumerate() {
        add_postgres_column(arguments, column)?;
        if position > 0 {
            text.push_str(", ");
            names.push_str(", ");
        }
        text.push_str(&mark(arguments));
        names.push_str("column");
        names.push_str(&(position + 1).to_string());
    }
    text.push_str(") as v(");
    text.push_str(&names);
    text.push(')');
    Ok(())
}

fn add_postgres_column(arguments: &mut PgArguments, column: Vec<Arg>) -> Result<(), BoxDynError> {
    let (mut texts, mut numbers, mut truths, mut blobs) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for arg in column {
        match arg {
            Arg::Text(text) => texts.push(text.map(without_nul)),
            Arg::Int(number) => numbers.push(number),
            Arg::Bool(truth) => truths.push(truth),
            Arg::Blob(bytes) => blobs.push(bytes),
            Arg::Texts(_) | Arg::Rows(_) => return Err("a list is no scalar".into()),
        }
    }
    match (
        texts.is_empty(),
        numbers.is_empty(),
        truths.is_empty(),
        blobs.is_empty(),
    ) {
        (false, true, true, true) => arguments.add(texts),
        (true, false, true, true) => arguments.add(numbers),
        (true, true, false, true) => arguments.add(truths),
        (true, true, true, false) => arguments.add(blobs),
        _ => Err("a column of mixed or no values".into()),
    }
}

/// The text in the first column of a row.
pub(crate) fn first_text(row: &[Arg]) -> Option<&str> {
    match row.first() {
        Some(Arg::Text(text)) => text.as_deref(),
        _ => None,
    }
}

/// The texts in the first column of rows.
pub(crate) fn first_column(rows: &[Vec<Arg>]) -> Vec<String> {
    rows.iter()
        .filter_map(|row| first_text(row))
        .map(ToOwned::to_owned)
        .collect()
}

/// The smallest and the largest of some ids: known when a statement is planned, so that PostgreSQL looks only at the
/// partitions between them. (The ids themselves, beside a join by id, make it compare each with each where it believes
/// that few rows fit.)
pub(crate) fn span(ids: &[String]) -> (String, String) {
    let first = ids.iter().min().cloned().unwrap_or_default();
    let last = ids.iter().max().cloned().unwrap_or_default();
    (first, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement() -> Sql {
        Sql::new(
            "update t set a = v.column2 from ? where t.id = v.column1 and t.id in ? and b = ?",
            args![
                vec![args!["x", 1_i64], args!["y", 2_i64]],
                vec!["x".to_owned()],
                true
            ],
        )
    }

    #[test]
    fn gives_postgres_arrays_so_that_a_text_does_not_depend_on_their_length() {
        let (text, arguments) = statement().postgres().unwrap();

        assert_eq!(
            text,
            "update t set a = v.column2 from unnest($1, $2) as v(column1, column2) \
             where t.id = v.column1 and t.id = any($3) and b = $4"
        );
        assert_eq!(arguments.len(), 4);
    }

    #[test]
    fn joins_writes_in_one_statement() {
        let write = |text: &str| Sql::new(text, args![1_i64]);

        let alone = Sql::together(vec![write("delete from a where x = ?")]);
        let three = Sql::together(vec![
            write("delete from a where x = ?"),
            write("delete from b where x = ?"),
            write("delete from c where x = ?"),
        ]);

        assert_eq!(alone.postgres().unwrap().0, "delete from a where x = $1");
        let (text, arguments) = three.postgres().unwrap();
        assert_eq!(
            text,
            "with write0 as (delete from a where x = $1) , write1 as (delete from b where x = $2) \
             delete from c where x = $3"
        );
        assert_eq!(arguments.len(), 3);
    }

    #[test]
    fn gives_sqlite_values_and_a_json_list() {
        let (text, arguments) = statement().sqlite().unwrap();

        assert_eq!(
            text,
            "update t set a = v.column2 from (values (?,?),(?,?)) as v \
             where t.id = v.column1 and t.id in (select value from json_each(?)) and b = ?"
        );
        assert_eq!(arguments.len(), 6);
    }

    #[test]
    fn refuses_a_mark_without_a_value() {
        assert!(Sql::new("select ?", vec![]).postgres().is_err());
        assert!(Sql::new("select ?", vec![]).sqlite().is_err());
    }
}
