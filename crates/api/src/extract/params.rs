//! The query of a request.

use std::convert::Infallible;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use chrono::{DateTime, NaiveDateTime, Utc};
use http::Uri;
use http::request::Parts;

use super::form;
use crate::ApiError;

/// The query's parameters. As in StackStorm a name that an operation does not know is passed over, and so is an
/// empty value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Params(Vec<(String, String)>);

/// Parameters that are a yes or no.
const FLAGS: [&str; 5] = [
    "show_secrets",
    "decrypt",
    "download",
    "compress",
    "pretty_format",
];

impl Params {
    pub(crate) fn parse(query: &str) -> Self {
        Self(form::pairs(query.as_bytes()))
    }

    pub(crate) fn of(uri: &Uri) -> Self {
        Self::parse(uri.query().unwrap_or_default())
    }

    /// The last value of this name that is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .rev()
            .find(|(given, value)| given == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// Whether it is given and says yes.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(is_yes)
    }

    /// A yes or no, where it is given.
    pub(crate) fn choice(&self, name: &str) -> Option<bool> {
        self.get(name).map(is_yes)
    }

    /// Refuses a word that says neither yes nor no where one of them is expected, as StackStorm does.
    pub(crate) fn check_choice(&self, name: &str) -> Result<(), ApiError> {
        match self.get(name) {
            Some(word) if !is_yes(word) && !is_no(word) => Err(ApiError::BadRequest(format!(
                "Parameter \"{name}\" is not of type boolean"
            ))),
            _ => Ok(()),
        }
    }

    /// As `check_choice`, for the names that mean a yes or no wherever they are known.
    pub(crate) fn check_flags(&self) -> Result<(), ApiError> {
        FLAGS.iter().try_for_each(|name| self.check_choice(name))
    }

    /// Comma-separated words.
    pub(crate) fn words(&self, name: &str) -> Vec<&str> {
        self.get(name)
            .map(|text| {
                text.split(',')
                    .map(str::trim)
                    .filter(|word| !word.is_empty())
                    .collect()
            })
            .unwrap_or_default()
    }

    /// A whole number; 400 where it is something else.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.read(name, |value| {
            format!("Parameter \"{name}\" must be a whole number, got \"{value}\"")
        })
    }

    /// Something that is read from its text; `None` where it cannot be (so that a filter by nonsense finds nothing).
    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Option<Result<T, T::Err>> {
        self.get(name).map(str::parse)
    }

    /// The ids that `id` names, separated by commas; `None` where it is not given. What is no id is the id of nothing.
    pub(crate) fn ids<I: FromStr>(&self) -> Option<Vec<I>> {
        self.get("id")?;
        let words = self.words("id");
        Some(words.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// A time in ISO 8601, as UTC unless it says otherwise; 400 where it is something else.
    pub(crate) fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, ApiError> {
        self.get(name).map(parse_time).transpose()
    }

    fn read<T: FromStr>(
        &self,
        name: &str,
        fault: impl Fn(&str) -> String,
    ) -> Result<Option<T>, ApiError> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        value
            .parse()
            .map(Some)
            .map_err(|_| ApiError::BadRequest(fault(value)))
    }
}

/// Reads a time as StackStorm's `isotime` does.
pub(crate) fn parse_time(text: &str) -> Result<DateTime<Utc>, ApiError> {
    let spaced = text.replace(' ', "T");
    // A `+` of an offset that was not encoded arrives as a space.
    let offset = spaced
        .rsplit_once('T')
        .filter(|(day, _)| day.contains('T'))
        .map(|(time, zone)| format!("{time}+{zone}"));
    DateTime::parse_from_rfc3339(offset.as_deref().unwrap_or(&spaced))
        .map(|time| time.with_timezone(&Utc))
        .or_else(|_| {
            NaiveDateTime::parse_from_str(&spaced, "%Y-%m-%dT%H:%M:%S%.f")
                .map(|time| time.and_utc())
        })
        .map_err(|_| ApiError::bad_request("Datetime value does not match expected format."))
}

fn is_yes(text: &str) -> bool {
    ["true", "1", "yes", "y", "on", "t"]
        .iter()
        .any(|yes| text.eq_ignore_ascii_case(yes))
}

fn is_no(text: &str) -> bool {
    ["false", "0", "no", "n", "off", "f"]
        .iter()
        .any(|no| text.eq_ignore_ascii_case(no))
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_with_and_without_a_zone() {
        let expected: DateTime<Utc> = "2026-01-02T03:04:05.500Z".parse().unwrap();

        for text in [
            "2026-01-02T03:04:05.500Z",
            "2026-01-02T03:04:05.500000+00:00",
            "2026-01-02T03:04:05.500000 00:00",
            "2026-01-02T03:04:05.5",
            "2026-01-02 03:04:05.5",
            "2026-01-02T05:04:05.5+02:00",
        ] {
            assert_eq!(parse_time(text).unwrap(), expected, "{text}");
        }
        assert!(parse_time("yesterday").is_err());
    }

    #[test]
    fn an_empty_value_counts_as_absent() {
        let params = Params::parse("limit=&name=x&show_secrets=True&words=a,,b");

        assert_eq!(params.get("limit"), None);
        assert_eq!(params.get("name"), Some("x"));
        assert!(params.flag("show_secrets"));
        assert!(!params.flag("other"));
        assert_eq!(params.words("words"), ["a", "b"]);
    }

    #[test]
    fn several_ids_are_separated_by_commas() {
        let id = "65f000000000000000000001";

        let found = Params::parse(&format!("id={id},nonsense")).ids::<model::ObjectId>();

        assert_eq!(found, Some(vec![id.parse().unwrap()]));
        assert_eq!(Params::default().ids::<model::ObjectId>(), None);
    }

    #[test]
    fn a_word_that_says_neither_yes_nor_no_is_the_callers_fault() {
        let check = |query: &str| Params::parse(query).check_flags();

        assert!(check("show_secrets=True&decrypt=0&download=&name=maybe").is_ok());
        assert_eq!(
            check("show_secrets=maybe").unwrap_err().to_string(),
            "Parameter \"show_secrets\" is not of type boolean"
        );
    }

    #[test]
    fn a_number_that_is_none_is_the_callers_fault() {
        assert!(matches!(
            Params::parse("limit=ten").integer("limit"),
            Err(ApiError::BadRequest(_))
        ));
        assert_eq!(
            Params::parse("limit=-1").integer("limit").unwrap(),
            Some(-1)
        );
    }
}
