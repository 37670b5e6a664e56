//! `GET /v1/actionalias/help`

use axum::Json;
use axum::extract::State;
use fancy_regex::{Regex, RegexBuilder};
use model::ActionAlias;
use serde_json::{Value, json};
use store::DefinitionFilter;

use crate::extract::Params;
use crate::{Api, ApiError};

/// What can be said in chat: every format of the aliases that are heard, sorted by pack.
#[utoipa::path(
    get,
    path = "/v1/actionalias/help",
    tag = "actionalias",
    params(
        ("filter" = Option<String>, Query, description = "Whose words match this pattern, in any case"),
        ("pack" = Option<String>, Query, description = "Of this pack"),
        ("limit" = Option<i64>, Query, description = "At most so many; all without it or with 0"),
        ("offset" = Option<i64>, Query, description = "Pass over so many"),
    ),
    responses((status = OK, description = "`available` and `helpstrings`", body = Object))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    let filter = DefinitionFilter {
        pack: params.owned("pack"),
        enabled: Some(true),
        ..DefinitionFilter::default()
    };
    let aliases: Vec<ActionAlias> = api.store.all(&filter).await?;
    let pattern = params.get("filter").map(pattern).transpose()?;
    let helpstrings: Vec<Value> = aliases
        .iter()
        .flat_map(|alias| lines(alias, pattern.as_ref()))
        .collect();
    let offset = count(&params, "offset")?.unwrap_or(0);
    let limit = count(&params, "limit")?
        .filter(|limit| *limit > 0)
        .unwrap_or(usize::MAX);
    let available = helpstrings.len();
    let page: Vec<Value> = helpstrings.into_iter().skip(offset).take(limit).collect();
    Ok(Json(json!({"available": available, "helpstrings": page})))
}

fn count(params: &Params, name: &str) -> Result<Option<usize>, ApiError> {
    Ok(params
        .integer(name)?
        .and_then(|number| usize::try_from(number).ok()))
}

fn pattern(text: &str) -> Result<Regex, ApiError> {
    let pattern = RegexBuilder::new(text).case_insensitive(true).build();
    pattern.map_err(|error| {
        ApiError::BadRequest(format!("The filter \"{text}\" is not a pattern: {error}"))
    })
}

/// A line for each format whose display matches. (A pattern that takes too long to match does not.)
fn lines(alias: &ActionAlias, pattern: Option<&Regex>) -> Vec<Value> {
    let matches =
        |display: &str| pattern.is_none_or(|pattern| pattern.is_match(display).unwrap_or(false));
    let displays = alias
        .formats
        .iter()
        .filter_map(display)
        .filter(|display| matches(display));
    displays
        .map(|display| json!({"pack": alias.pack, "display": display, "description": alias.description}))
        .collect()
}

/// How a format is shown; one that states no `display` is not.
fn display(format: &Value) -> Option<&str> {
    format
        .as_str()
        .or_else(|| format.get("display").and_then(Value::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_shown_as_it_says_itself() {
        assert_eq!(display(&json!("say {{ x }}")), Some("say {{ x }}"));
        assert_eq!(
            display(&json!({"display": "say x", "representation": ["say {{ x }}"]})),
            Some("say x")
        );
        assert_eq!(display(&json!({"representation": ["say {{ x }}"]})), None);
    }
}
