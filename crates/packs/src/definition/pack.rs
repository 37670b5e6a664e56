//! The pack itself: `pack.yaml`.

use std::sync::LazyLock;

use fancy_regex::Regex;
use model::Pack;
use serde_json::Value;

use super::Origin;
use crate::Complaint;
use crate::complaint::shown;
use crate::form::{self, PACK};

/// What mongoengine, and so `StackStorm`, takes for an address.
static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?i)^(?:[-!#$%&'*+/=?^_`{}|~0-9A-Z]+(?:\.[-!#$%&'*+/=?^_`{}|~0-9A-Z]+)*|"[^"\r\n]*")@"#,
        r"(?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.)+[A-Z0-9-]{2,63}(?<!-)$"
    ))
    .expect("the pattern is tested")
});

/// Checks a pack and makes it (`PackAPI`). `origin.pack` is its folder's name, which is its ref where the file states
/// none. Unknown keys pass. Files and path are for the caller to fill in.
pub fn pack(document: &Value, origin: &Origin<'_>) -> Result<Pack, Complaint> {
    let filled = PACK
        .check(&prepared(document, origin.pack))
        .map_err(|complaint| reworded(complaint, document))?;
    let pack_ref = form::text(&filled, "ref").unwrap_or_default();
    if pack_ref == "_global" {
        return Err(Complaint::value(
            &["ref"],
            "\"_global\" is reserved and cannot be a pack's ref",
        ));
    }
    if document.get("email").is_none() {
        return Err(Complaint::key::<&str>(
            &[],
            "\"email\" is missing (it may be null)",
        ));
    }
    let email = form::text(&filled, "email");
    if let Some(email) = email
        .as_deref()
        .filter(|email| !EMAIL.is_match(email).unwrap_or(false))
    {
        return Err(Complaint::value(
            &["email"],
            format!("\"{email}\" is not an e-mail address"),
        ));
    }
    Ok(Pack {
        id: origin.id(),
        uid: format!("pack:{pack_ref}"),
        pack_ref,
        name: form::text(&filled, "name").unwrap_or_default(),
        description: form::text(&filled, "description"),
        keywords: form::texts(&filled, "keywords"),
        version: form::text(&filled, "version"),
        stackstorm_version: form::text(&filled, "stackstorm_version"),
        python_versions: form::texts(&filled, "python_versions"),
        author: form::text(&filled, "author"),
        email,
        contributors: form::texts(&filled, "contributors"),
        files: Vec::new(),
        dependencies: form::texts(&filled, "dependencies"),
        system: form::object(&filled, "system"),
        path: None,
    })
}

/// A version that YAML took for a number becomes text; a ref that is not stated becomes the folder's name.
fn prepared(document: &Value, folder: &str) -> Value {
    let mut prepared = document.clone();
    let Some(object) = prepared.as_object_mut() else {
        return prepared;
    };
    if let Some(Value::Number(version)) = object.get("version")
        && version.as_f64() != Some(0.0)
    {
        let text = schema::repr(&Value::Number(version.clone()));
        object.insert("version".to_owned(), Value::String(text));
    }
    let is_stated = |value: &Value| !value.is_null() && value != "";
    if !object.get("ref").is_some_and(is_stated) {
        object.insert("ref".to_owned(), Value::String(folder.to_owned()));
    }
    prepared
}

fn reworded(mut complaint: Complaint, document: &Value) -> Complaint {
    let value = complaint
        .path
        .first()
        .and_then(|key| document.get(key))
        .map(shown)
        .unwrap_or_default();
    if !complaint.message.contains("does not match") {
        return complaint;
    }
    complaint.message = match complaint.path.first().map(String::as_str) {
        Some("version") => {
            format!("\"version\" must be a semantic version such as 0.1.0 or 1.2.0-beta.1, not {value}")
        }
        Some("ref") if document.get("ref").is_none() => {
            "the folder's name cannot be the pack's ref (lower-case letters, digits and underscores are allowed); \
             state \"ref\""
                .to_owned()
        }
        Some("ref") => {
            format!("\"ref\" may hold lower-case letters, digits and underscores, so {value} cannot be one")
        }
        Some("stackstorm_version") => {
            format!("\"stackstorm_version\" must look like \">=3.0.0\" or \">=3.0.0, <4.0.0\", not {value}")
        }
        _ => complaint.message,
    };
    complaint
}
