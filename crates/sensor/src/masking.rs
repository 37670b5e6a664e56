//! Hides the secrets of a pack's configuration in what its sensors say.

use model::PackConfig;
use secrets::{MASK, Vault};
use serde_json::Value;

/// Texts shorter than this are not looked for: they would be found everywhere.
const SHORTEST: usize = 4;

/// The texts that must not be shown.
#[derive(Clone, Default)]
pub(crate) struct Masking(Vec<String>);

impl Masking {
    /// What is sealed in this configuration.
    pub(crate) fn of(config: Option<&PackConfig>, vault: &Vault) -> Self {
        let mut texts = Vec::new();
        for value in config.iter().flat_map(|config| config.values.values()) {
            collect(value, vault, &mut texts);
        }
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

        let masking = Masking::of(Some(&config), &vault);

        let said = masking.apply("open sesame abc".to_owned());
        assert_eq!(said, "open ******** abc");
    }
}
