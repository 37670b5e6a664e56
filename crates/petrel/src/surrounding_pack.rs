//! Which pack a file belongs to that does not say so itself.

use std::path::Path;

/// The reference of the pack whose folder the file lies in; `None` where it lies in none that can be read.
pub(crate) fn of_file(file: &Path) -> Option<String> {
    let folder = packs::pack_of_file(&std::path::absolute(file).ok()?)?;
    let pack = yaml::to_json(&std::fs::read_to_string(folder.join("pack.yaml")).ok()?).ok()?;
    let reference = pack["ref"].as_str().or_else(|| pack["name"].as_str())?;
    Some(reference.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_one_above_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rules/greet.yaml");
        assert_eq!(of_file(&file), None);

        std::fs::write(folder.path().join("pack.yaml"), "name: Hello\nref: hello\n").unwrap();

        assert_eq!(of_file(&file).as_deref(), Some("hello"));
    }
}
