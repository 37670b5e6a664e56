//! "Did you mean".

/// Names further away than this many edits are not suggested.
const NEAR: usize = 2;

/// The known name that a mistyped one is nearest to, if any is near; one that differs in letter case only is the nearest of all.
#[must_use]
pub fn nearest<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let limit = NEAR.min(wrong.chars().count() / 2);
    let lower = wrong.to_lowercase();
    names
        .into_iter()
        .filter(|name| *name != wrong)
        .map(|name| {
            let distance = if name.to_lowercase() == lower {
                0
            } else {
                distance(wrong, name)
            };
            (distance, name)
        })
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// Insertions, deletions and replacements between two names.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_only_what_is_near() {
        let names = ["length", "len", "toList"];

        assert_eq!(nearest("legth", names), Some("length"));
        assert_eq!(nearest("tolist", names), Some("toList"));
        assert_eq!(nearest("frobnicate", names), None);
        assert_eq!(nearest("x", names), None);
    }
}
