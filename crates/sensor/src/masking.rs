//! Hides the secrets of a pack's configuration in what its sensors say.

use model::PackConfig;
use secrets::{MASK, Vault};
use serde_json::Value;

/// Texts shorter than this are not looked for: they would be found everywhere.
const SHORTEST: usize = 4;
/// Lines of a longer text, such as of a key, are looked for where they are not shorter than this: they are printed one by
/// one.
const SHORTEST_LINE: usize = 8;

/// The texts that must not be shown.
#[derive(Clone, Default)]
pub(crate) struct Masking(Vec<String>);

impl Masking {
    /// What is sealed in this configuration, and these further texts: those that it reads of the datastore.
    pub(crate) fn of(config: Option<&PackConfig>, vault: &Vault, mut texts: Vec<String>) -> Self {
        for value in config.iter().flat_map(|config| config.values.values()) {
            collect(value, vault, &mut texts);
        }
        let lines: Vec<String> = texts
            .iter()
            .filter(|text| text.contains('\n'))
            .flat_map(|text| text.lines().map(str::trim))
            .filter(|line| line.len() >= SHORTEST_LINE)
            .map(str::to_owned)
            .collect();
        texts.extend(lines);
        texts.sort_unstable();
        texts.dedup();
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Self(texts)
    }

    /// The text with each secret replaced.
    pub(crate) fn apply(&self, text: String) -> String {
        self.0.iter().fold(text, |text, secret| {
            if text.contains(secret.as_str()) {
                text.replace(secret.as_str(), MASK)
            } else {
                text
            }
        })
    }
}

fn collect(value: &Value, vault: &Vault, texts: &mut Vec<String>) {
    match value {
        Value::String(text) if Vault::is_sealed(text) => {
            let opened = vault.open_value(value);
            if let Ok(Value::String(text)) = opened
                && text.len() >= SHORTEST
            {
                texts.push(text);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, vault, texts)),
        Value::Object(members) => members
            .values()
            .for_each(|member| collect(member, vault, texts)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hides_what_is_sealed() {
        let vault = Vault::ephemeral();
        let config = json!({
            "id": format!("{:024x}", 1), "pack": "p",
            "values": {"plain": "open", "nested": [{"key": vault.seal("sesame")}], "short": vault.seal("abc")},
        });
        let config: PackConfig = serde_json::from_value(config).unwrap();

        let masking = Masking::of(Some(&config), &vault, vec!["further".to_owned()]);

        let said = masking.apply("open sesame abc, and further".to_owned());
        assert_eq!(said, "open ******** abc, and ********");
    }

    #[test]
    fn hides_each_line_of_a_longer_text() {
        let key = "-- BEGIN --\n  c2VzYW1l\nend\n".to_owned();
        let masking = Masking::of(None, &Vault::ephemeral(), vec![key]);

        assert_eq!(masking.apply("read c2VzYW1l".to_owned()), "read ********");
        assert_eq!(masking.apply("at the end".to_owned()), "at the end");
    }
}
