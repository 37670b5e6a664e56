//! "Did you mean ...?"

/// The candidate that is nearest to a misspelt word, as ` (did you mean "x"?)`; empty where none is near.
pub(crate) fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    diagnostic::nearest(word, candidates)
        .map(|candidate| format!(" (did you mean \"{candidate}\"?)"))
        .unwrap_or_default()
}

/// As [`did_you_mean`], of a key: one that goes on after what was written is near too, as `action_ref` is to `action`.
pub(crate) fn did_you_mean_key<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    let near = did_you_mean(word, known.clone());
    if !near.is_empty() {
        return near;
    }
    let start = format!("{word}_");
    let longer = known.into_iter().find(|known| known.starts_with(&start));
    longer
        .map(|known| format!(" (did you mean \"{known}\"?)"))
        .unwrap_or_default()
}

/// As [`did_you_mean`], of one of the values that are allowed; types may be named as Python names them.
pub(crate) fn did_you_mean_value(word: &str, allowed: &[String]) -> String {
    let meant = match word {
        "str" | "text" => "string",
        "int" => "integer",
        "bool" => "boolean",
        "float" => "number",
        "dict" | "map" | "mapping" => "object",
        "list" => "array",
        other => other,
    };
    if meant != word && allowed.iter().any(|one| one == meant) {
        return format!(" (did you mean \"{meant}\"?)");
    }
    did_you_mean(word, allowed.iter().map(String::as_str))
}
