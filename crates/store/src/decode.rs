//! From columns to the domain's types, and back.

use chrono::{DateTime, Utc};
use model::ObjectId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;

/// A time as both databases hold it: microseconds since 1970.
pub(crate) fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}

pub(crate) fn time(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH)
}

/// A document as text. The domain's types have string keys and finite numbers only, so this does not fail; were it
/// to, `null` would be stored.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// Names the place of a value that cannot be read.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) table: &'static str,
    pub(crate) row: &'a str,
}

impl Place<'_> {
    pub(crate) fn json<T: DeserializeOwned>(
        self,
        column: &'static str,
        text: &str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(text).map_err(|error| self.unreadable(column, &error))
    }

    pub(crate) fn parse<T>(self, column: &'static str, text: &str) -> Result<T, StoreError>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        text.parse()
            .map_err(|error| self.unreadable(column, &error))
    }

    pub(crate) fn parse_option<T>(
        self,
        column: &'static str,
        text: Option<&str>,
    ) -> Result<Option<T>, StoreError>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        text.map(|text| self.parse(column, text)).transpose()
    }

    pub(crate) fn unreadable(
        self,
        column: &'static str,
        reason: &dyn std::fmt::Display,
    ) -> StoreError {
        StoreError::Unreadable {
            table: self.table,
            column,
            row: self.row.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// The smallest and the first too great id that rows between two times can have. Ids carry the time they were made
/// at, but rows tell their own; a day of slack covers any difference between the two.
pub(crate) fn id_bounds(
    after: Option<DateTime<Utc>>,
    before: Option<DateTime<Utc>>,
) -> (Option<String>, Option<String>) {
    let day = chrono::TimeDelta::days(1);
    let floor = |time: Option<DateTime<Utc>>| time.map(|time| ObjectId::floor(time).to_string());
    (
        floor(after.map(|after| after - day)),
        floor(before.map(|before| before + day)),
    )
}
