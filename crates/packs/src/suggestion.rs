//! "Did you mean ...?"

/// The candidate that is nearest to a misspelt word, as ` (did you mean "x"?)`; empty where none is near.
pub(crate) fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    let most = (word.chars().count() / 3).max(1);
    let near = candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate));
    match near.filter(|(distance, _)| *distance <= most).min() {
        Some((_, candidate)) => format!(" (did you mean \"{candidate}\"?)"),
        None => String::new(),
    }
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (
        a.to_lowercase().chars().collect(),
        b.to_lowercase().chars().collect(),
    );
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before_last[j - 2] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_is_near_and_nothing_else() {
        let known = ["name", "runner_type", "enabled", "description"];

        assert_eq!(
            did_you_mean("runner_typ", known),
            " (did you mean \"runner_type\"?)"
        );
        assert_eq!(did_you_mean("nmae", known), " (did you mean \"name\"?)");
        assert_eq!(did_you_mean("colour", known), "");
    }
}
