//! Masking secrets in what is shown and in what is stored.

use std::convert::Infallible;

use model::{ActionSnapshot, Execution};
use secrets::{MASK, Vault};
use serde_json::Value;

use crate::parameters::secrets::Secrets;
use crate::plan::output_secrets;

/// Secrets shorter than this are not looked for in results: they would be found everywhere.
const SHORTEST: usize = 4;

/// Replaces each value that a `secret: true` schema (nested ones too) or the sealed form marks, by the mask.
pub fn mask_result(execution: &mut Execution, snapshot: &ActionSnapshot) {
    let schemas = [
        &snapshot.runner.runner_parameters,
        &snapshot.action.parameters,
    ];
    let of_parameters = Secrets::of_parameters(&schemas);
    let mut parameters = Value::Object(std::mem::take(&mut execution.parameters));
    mask_at(&of_parameters, &mut parameters);
    mask_sealed(&mut parameters);
    if let Value::Object(parameters) = parameters {
        execution.parameters = parameters;
    }
    if let Some(result) = &mut execution.result {
        mask_at(&output_secrets(snapshot), result);
        mask_sealed(result);
    }
}

pub(crate) fn mask_at(secrets: &Secrets, value: &mut Value) {
    let masked = secrets.each(value, &mut |secret| {
        *secret = Value::from(MASK);
        Ok::<(), Infallible>(())
    });
    match masked {
        Ok(()) => {}
        Err(never) => match never {},
    }
}

/// Replaces what has the sealed form, wherever it stands.
pub(crate) fn mask_sealed(value: &mut Value) {
    match value {
        Value::String(text) if Vault::is_sealed(text) => *value = Value::from(MASK),
        Value::Array(items) => items.iter_mut().for_each(mask_sealed),
        Value::Object(members) => members.values_mut().for_each(mask_sealed),
        _ => {}
    }
}

/// The texts among secret parameters that are long enough to be looked for, the longest first. A text with space
/// around it (a line end, most often) counts without it too: what an action prints rarely keeps it.
pub(crate) fn secret_texts(secrets: &Secrets, parameters: &mut Value) -> Vec<String> {
    let mut texts = Vec::new();
    let collected = secrets.each(parameters, &mut |secret| {
        collect(secret, &mut texts);
        Ok::<(), Infallible>(())
    });
    match collected {
        Ok(()) => {}
        Err(never) => match never {},
    }
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    texts.dedup();
    texts
}

/// All texts in a secret that are long enough to be looked for, the longest first.
pub(crate) fn texts_of(secret: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    collect(secret, &mut texts);
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    texts.dedup();
    texts
}

/// Masks these texts in what an action has printed, not in what it gives: that is its author's to say.
pub(crate) fn mask_printed(texts: &[String], result: &mut Value) {
    for name in ["stdout", "stderr"] {
        if let Some(Value::String(text)) = result.get_mut(name) {
            mask_text(texts, text);
        }
    }
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            for text in [text.as_str(), text.trim()] {
                if text.chars().count() >= SHORTEST {
                    texts.push(text.to_owned());
                }
            }
        }
        Value::Number(number) => {
            texts.extend(Some(number.to_string()).filter(|text| text.len() >= SHORTEST));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(members) => members.values().for_each(|member| collect(member, texts)),
        _ => {}
    }
}

/// Replaces every occurrence of these texts in a value, keys included. A number counts where it is one of them: output
/// that is a number alone is read as one.
pub(crate) fn mask_texts(texts: &[String], value: &mut Value) {
    if texts.is_empty() {
        return;
    }
    match value {
        Value::String(text) => mask_text(texts, text),
        Value::Number(number) if texts.contains(&number.to_string()) => *value = Value::from(MASK),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_texts(texts, item)),
        Value::Object(members) => {
            if members
                .keys()
                .any(|key| texts.iter().any(|text| key.contains(text)))
            {
                let renamed = std::mem::take(members)
                    .into_iter()
                    .map(|(mut key, member)| {
                        mask_text(texts, &mut key);
                        (key, member)
                    });
                *members = renamed.collect();
            }
            members
                .values_mut()
                .for_each(|member| mask_texts(texts, member));
        }
        _ => {}
    }
}

fn mask_text(texts: &[String], text: &mut String) {
    for secret in texts {
        if text.contains(secret.as_str()) {
            *text = text.replace(secret.as_str(), MASK);
        }
    }
}
