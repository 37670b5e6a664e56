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
