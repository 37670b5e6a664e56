//! Encrypts what must not be read at rest, under a key file.
//!
//! AES-256-GCM with a fresh nonce for each value. The sealed form is text, so that it fits wherever the value stood.

use std::path::PathBuf;
use std::sync::Arc;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, Generate, Key, KeyInit, Nonce, Payload};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

mod key_file;

/// What stands in every answer, log and message in place of a secret.
pub const MASK: &str = "********";

/// Seals and opens secrets under one key. Cheap to clone; its `Debug` shows no key.
#[derive(Clone)]
pub struct Vault {
    key: Arc<[u8; 32]>,
}

/// Why the key file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// It cannot be read or made.
    #[error("key file `{0}` cannot be read or made")]
    Io(PathBuf, #[source] std::io::Error),
    /// It holds something else.
    #[error("key file `{0}` holds no key: one line of 44 base64 characters is expected")]
    Malformed(PathBuf),
    /// Others may read it.
    #[error("key file `{0}` can be read by others: run `chmod 600 {0}`")]
    Exposed(PathBuf),
}

/// Why a sealed value cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The text is not of the sealed form.
    #[error("the value is not encrypted")]
    NotSealed,
    /// Another key sealed it, or it was damaged.
    #[error("the value was encrypted under another key, or was damaged")]
    WrongKey,
}

/// How every sealed text begins: name and version of the form.
const SEALED: &str = "petrel:1:";
/// Follows `SEALED` where what was sealed is JSON. Base64 has no colon, so the two cannot be confused.
const JSON: &str = "json:";
/// Bytes of an AES-GCM nonce.
const NONCE_LENGTH: usize = 12;

impl Vault {
    /// Reads the key file, or makes it (mode 600) with a fresh key where there is none.
    ///
    /// Processes that start at the same time agree on one key: the file appears whole, and the first one wins.
    pub fn open_or_create(path: &std::path::Path) -> Result<Self, KeyFileError> {
        key_file::read_or_create(path).map(|key| Self { key: Arc::new(key) })
    }

    /// A vault with a key of its own that is nowhere kept (tests).
    #[must_use]
    pub fn ephemeral() -> Self {
        Self {
            key: Arc::new(<[u8; 32]>::generate()),
        }
    }

    /// Seals a text: `petrel:1:` and base64 of nonce and ciphertext.
    #[must_use]
    pub fn seal(&self, text: &str) -> String {
        self.seal_as("", text)
    }

    /// Opens what `seal` made. Of what `seal_value` made it gives the JSON text.
    pub fn open(&self, sealed: &str) -> Result<String, OpenError> {
        let (kind, body) = parts(sealed).ok_or(OpenError::NotSealed)?;
        let bytes = BASE64.decode(body).map_err(|_| OpenError::WrongKey)?;
        let (nonce, ciphertext) = bytes
            .split_at_checked(NONCE_LENGTH)
            .ok_or(OpenError::WrongKey)?;
        let nonce = Nonce::<Aes256Gcm>::try_from(nonce).map_err(|_| OpenError::WrongKey)?;
        let payload = Payload {
            msg: ciphertext,
            aad: kind.as_bytes(),
        };
        let plain = self
            .cipher()
            .decrypt(&nonce, payload)
            .map_err(|_| OpenError::WrongKey)?;
        String::from_utf8(plain).map_err(|_| OpenError::WrongKey)
    }

    /// Whether a text has the sealed form.
    #[must_use]
    pub fn is_sealed(text: &str) -> bool {
        parts(text).is_some()
    }

    /// Seals any JSON value as a text that remembers its type. What is sealed already is sealed once more.
    #[must_use]
    pub fn seal_value(&self, value: &Value) -> Value {
        Value::String(self.seal_as(JSON, &value.to_string()))
    }

    /// Opens what `seal_value` (or `seal`) made; any other value is returned as it is.
    pub fn open_value(&self, value: &Value) -> Result<Value, OpenError> {
        let Some((sealed, (kind, _))) = value.as_str().and_then(|text| Some((text, parts(text)?)))
        else {
            return Ok(value.clone());
        };
        let text = self.open(sealed)?;
        if kind.is_empty() {
            return Ok(Value::String(text));
        }
        serde_json::from_str(&text).map_err(|_| OpenError::WrongKey)
    }

    /// Tells one text from another without showing either: the same text gives the same 32 hexadecimal digits under the
    /// same key, and nobody without the key can try texts out.
    #[must_use]
    pub fn fingerprint(&self, text: &str) -> String {
        let inner = Sha256::new()
            .chain_update(*self.key)
            .chain_update(b"fingerprint")
            .chain_update(text);
        let outer = Sha256::new()
            .chain_update(*self.key)
            .chain_update(inner.finalize());
        let digits = outer.finalize();
        let start = digits.iter().take(16);
        let hex =
            |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16));
        start.flat_map(hex).flatten().collect()
    }

    /// The kind is authenticated with the text, so that one cannot be passed off as the other.
    fn seal_as(&self, kind: &str, text: &str) -> String {
        let nonce = Nonce::<Aes256Gcm>::generate();
        let payload = Payload {
            msg: text.as_bytes(),
            aad: kind.as_bytes(),
        };
        let ciphertext = self
            .cipher()
            .encrypt(&nonce, payload)
            .expect("AES-GCM takes texts of up to 64 GB");
        let mut bytes = nonce.to_vec();
        bytes.extend(ciphertext);
        format!("{SEALED}{kind}{}", BASE64.encode(bytes))
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&Key::<Aes256Gcm>::from(*self.key))
    }
}

/// Kind and base64 body of a sealed text.
fn parts(sealed: &str) -> Option<(&'static str, &str)> {
    let rest = sealed.strip_prefix(SEALED)?;
    let (kind, body) = rest
        .strip_prefix(JSON)
        .map_or(("", rest), |body| (JSON, body));
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    (!body.is_empty() && body.bytes().all(is_base64)).then_some((kind, body))
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn gives_fingerprints_that_depend_on_text_and_key() {
        let (vault, other) = (Vault::ephemeral(), Vault::ephemeral());

        assert_eq!(vault.fingerprint("a"), vault.fingerprint("a"));
        assert_ne!(vault.fingerprint("a"), vault.fingerprint("b"));
        assert_ne!(vault.fingerprint("a"), other.fingerprint("a"));
        assert_eq!(vault.fingerprint("").len(), 32);
    }

    #[test]
    fn opens_what_it_sealed() {
        let vault = Vault::ephemeral();

        for text in ["", "hunter2", "pässword 🔑", &"x".repeat(100_000)] {
            assert_eq!(vault.open(&vault.seal(text)).unwrap(), text);
        }
    }

    #[test]
    fn a_sealed_text_has_a_fresh_nonce_and_shows_nothing() {
        let vault = Vault::ephemeral();

        let (one, two) = (vault.seal("hunter2"), vault.seal("hunter2"));

        assert_ne!(one, two);
        assert!(one.starts_with("petrel:1:"), "{one}");
        assert!(!one.contains("hunter2"));
        assert!(Vault::is_sealed(&one));
    }

    #[test]
    fn refuses_what_another_key_sealed_or_what_was_changed() {
        let (vault, other) = (Vault::ephemeral(), Vault::ephemeral());
        let sealed = vault.seal("hunter2");
        let mut damaged = sealed.clone().into_bytes();
        damaged[20] = if damaged[20] == b'A' { b'B' } else { b'A' };

        assert_eq!(other.open(&sealed), Err(OpenError::WrongKey));
        assert_eq!(
            vault.open(&String::from_utf8(damaged).unwrap()),
            Err(OpenError::WrongKey)
        );
        assert_eq!(vault.open("petrel:1:AAAA"), Err(OpenError::WrongKey));
        assert_eq!(vault.open("hunter2"), Err(OpenError::NotSealed));
        assert_eq!(vault.open("petrel:1:not base64"), Err(OpenError::NotSealed));
    }

    #[test]
    fn a_value_keeps_its_type() {
        let vault = Vault::ephemeral();

        for value in [
            json!(null),
            json!(7),
            json!("7"),
            json!(true),
            json!({"b": [1, 2.5], "a": ""}),
        ] {
            let sealed = vault.seal_value(&value);

            assert!(Vault::is_sealed(sealed.as_str().unwrap()));
            assert_eq!(vault.open_value(&sealed).unwrap(), value);
        }
    }

    #[test]
    fn a_value_that_was_not_sealed_is_returned_as_it_is() {
        let vault = Vault::ephemeral();

        for value in [json!("plain"), json!(12), json!({"password": "petrel"})] {
            assert_eq!(vault.open_value(&value).unwrap(), value);
        }
        assert_eq!(
            vault.open_value(&json!(vault.seal("7"))).unwrap(),
            json!("7")
        );
    }

    #[test]
    fn the_kind_of_a_sealed_text_cannot_be_changed() {
        let vault = Vault::ephemeral();
        let disguised = vault.seal("{}").replace("petrel:1:", "petrel:1:json:");

        assert_eq!(
            vault.open_value(&json!(disguised)),
            Err(OpenError::WrongKey)
        );
    }

    #[test]
    fn errors_say_what_is_wrong() {
        assert_eq!(
            OpenError::NotSealed.to_string(),
            "the value is not encrypted"
        );
        assert_eq!(
            OpenError::WrongKey.to_string(),
            "the value was encrypted under another key, or was damaged"
        );
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", Vault::ephemeral()), "Vault");
    }
}
