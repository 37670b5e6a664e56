//! Secrets that a workflow has learnt from results of its tasks.
//!
//! Its expressions need them open. What it ends with repeats them sealed, as they came: whoever asked for the workflow
//! can open them, and whoever is shown its result sees the mask.

use std::collections::HashSet;

use secrets::{MASK, Vault};
use serde_json::Value;
use store::RecordChange;

/// What the keys of their records begin with.
pub(crate) const PREFIX: &str = "secret/";
/// Shorter ones are not looked for within other texts: they would be found everywhere.
const SHORTEST: usize = 4;

/// The secret texts that a workflow has learnt.
#[derive(Default)]
pub(crate) struct Learnt {
    texts: Vec<String>,
    known: HashSet<String>,
    /// So many of them are stored.
    stored: usize,
}

/// Their number only.
impl std::fmt::Debug for Learnt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.texts.len())
    }
}

impl Learnt {
    /// Opens what is sealed in a result, whatever its place, and learns it; whether there was anything.
    pub(crate) fn open(&mut self, value: &mut Value, vault: &Vault) -> bool {
        match value {
            Value::String(text) if Vault::is_sealed(text) => {
                if let Ok(opened) = vault.open_value(value) {
                    self.learn(&opened);
                    *value = opened;
                }
                true
            }
            Value::Array(items) => items
                .iter_mut()
                .fold(false, |found, item| self.open(item, vault) | found),
            Value::Object(members) => members
                .values_mut()
                .fold(false, |found, member| self.open(member, vault) | found),
            _ => false,
        }
    }

    fn learn(&mut self, secret: &Value) {
        match secret {
            Value::String(text) if !text.is_empty() && !self.known.contains(text) => {
                self.known.insert(text.clone());
                self.texts.push(text.clone());
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn(item)),
            Value::Object(members) => members.values().for_each(|member| self.learn(member)),
            _ => {}
        }
    }

    /// Learns again what a record has kept.
    pub(crate) fn restore(&mut self, body: &str, vault: &Vault) -> Result<(), String> {
        let sealed: Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
        let opened = vault.open_value(&sealed);
        self.learn(&opened.map_err(|error| error.to_string())?);
        self.stored = self.texts.len();
        Ok(())
    }

    /// Nothing of it is stored for this execution yet.
    pub(crate) fn begin_anew(&mut self) {
        self.stored = 0;
    }

    /// What is to be stored of it.
    pub(crate) fn changes(&mut self, vault: &Vault) -> Vec<RecordChange> {
        let new = self.texts.iter().enumerate().skip(self.stored);
        let changes = new.map(|(at, text)| RecordChange::Put {
            key: format!("{PREFIX}{at}"),
            body: vault.seal_value(&Value::from(text.as_str())).to_string(),
        });
        let changes = changes.collect();
        self.stored = self.texts.len();
        changes
    }

    /// Seals what a result repeats, and masks it within longer texts.
    pub(crate) fn hide(&self, value: &mut Value, vault: &Vault) {
        if self.texts.is_empty() {
            return;
        }
        match value {
            Value::String(text) if self.known.contains(text) => *value = vault.seal_value(value),
            Value::String(text) => self.mask(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide(item, vault)),
            Value::Object(members) => {
                if members.keys().any(|key| self.is_in(key)) {
                    let renamed = std::mem::take(members);
                    let renamed = renamed.into_iter().map(|(mut key, member)| {
                        self.mask(&mut key);
                        (key, member)
                    });
                    *members = renamed.collect();
                }
                let members = members.values_mut();
                members.for_each(|member| self.hide(member, vault));
            }
            _ => {}
        }
    }

    fn looked_for(&self) -> impl Iterator<Item = &String> {
        let is_long = |text: &&String| text.chars().count() >= SHORTEST;
        self.texts.iter().filter(is_long)
    }

    fn is_in(&self, text: &str) -> bool {
        self.looked_for()
            .any(|secret| text.contains(secret.as_str()))
    }

    fn mask(&self, text: &mut String) {
        // The longest first: one may be a part of another.
        let mut found: Vec<&String> = self
            .looked_for()
            .filter(|secret| text.contains(secret.as_str()))
            .collect();
        found.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        for secret in found {
            *text = text.replace(secret.as_str(), MASK);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(vault: &Vault) -> (Learnt, Value) {
        let mut learnt = Learnt::default();
        let sealed = vault.seal_value(&json!({ "word": "open sesame", "pin": "77" }));
        let mut result = json!({ "given": [sealed], "plain": "x" });
        assert!(learnt.open(&mut result, vault));
        (learnt, result)
    }

    #[test]
    fn opens_what_is_sealed_wherever_it_stands() {
        let vault = Vault::ephemeral();

        let (_, result) = told(&vault);

        let word = json!({ "word": "open sesame", "pin": "77" });
        assert_eq!(result, json!({ "given": [word], "plain": "x" }));
        assert!(!Learnt::default().open(&mut json!({ "plain": "x" }), &vault));
    }

    #[test]
    fn seals_what_a_result_repeats_and_masks_it_within_texts() {
        let vault = Vault::ephemeral();
        let (learnt, _) = told(&vault);
        let mut result = json!({ "a": "open sesame", "b": "say open sesame", "c": "77", "d": "1776", "open sesame": 1 });

        learnt.hide(&mut result, &vault);

        for member in ["a", "c"] {
            assert!(Vault::is_sealed(result[member].as_str().unwrap()));
        }
        assert_eq!(vault.open_value(&result["a"]).unwrap(), "open sesame");
        assert_eq!(result["b"], json!(format!("say {MASK}")));
        assert_eq!(result["d"], json!("1776"));
        assert_eq!(result[MASK], json!(1));
    }

    #[test]
    fn remembers_what_its_records_have_kept() {
        let vault = Vault::ephemeral();
        let (mut learnt, _) = told(&vault);
        let records = learnt.changes(&vault);
        assert_eq!(learnt.changes(&vault), []);

        let mut again = Learnt::default();
        for record in &records {
            let RecordChange::Put { body, .. } = record else {
                panic!("{record:?}");
            };
            assert!(!body.contains("sesame"), "{body}");
            again.restore(body, &vault).unwrap();
        }

        assert_eq!(again.known, learnt.known);
        assert_eq!(again.changes(&vault), []);
        again.begin_anew();
        assert_eq!(again.changes(&vault).len(), records.len());
    }
}
