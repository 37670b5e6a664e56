//! What packs mean by `stackstorm_version`.

use semver::Version;

/// The version of StackStorm whose packs work here.
pub const COMPATIBLE_WITH: &str = "3.9.0";

/// Whether a list of conditions such as `>=3.0.0, <4.0.0` holds. What cannot be understood holds: the form of
/// `pack.yaml` is checked elsewhere.
pub(super) fn is_met(wanted: &str) -> bool {
    let ours = Version::parse(COMPATIBLE_WITH).expect("it is tested");
    let conditions = wanted.split(',').map(str::trim);
    conditions
        .filter(|condition| !condition.is_empty())
        .all(|condition| holds(condition, &ours))
}

fn holds(condition: &str, ours: &Version) -> bool {
    let start = condition
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(condition.len());
    let (operator, version) = condition.split_at(start);
    let Some(version) = parsed(version.trim()) else {
        return true;
    };
    match operator.trim().trim_end_matches('v').trim_end() {
        ">=" => *ours >= version,
        ">" => *ours > version,
        "<=" => *ours <= version,
        "<" => *ours < version,
        "!=" => *ours != version,
        _ => *ours == version,
    }
}

/// A version; `3.1` is `3.1.0`.
fn parsed(text: &str) -> Option<Version> {
    let dots = text.split('-').next()?.matches('.').count();
    let padded = match dots {
        0 => format!("{text}.0.0"),
        1 => format!("{text}.0"),
        _ => text.to_owned(),
    };
    Version::parse(&padded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_compared_with_the_version_whose_packs_work_here() {
        for met in [
            "",
            ">=3.0.0",
            ">= 2.1",
            ">3.0, <4.0.0",
            "==3.9.0",
            "3.9.0",
            "!=3.8.0",
        ] {
            assert!(is_met(met), "{met}");
        }
        for not in [
            ">=4",
            "<3.9.0",
            "==3.8.0",
            ">=3.0.0, <3.5.0",
            ">=3.9.0-dev, !=3.9.0",
        ] {
            assert!(!is_met(not), "{not}");
        }
    }
}
