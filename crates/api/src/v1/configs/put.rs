//! `PUT /v1/configs/{pack_ref}`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::{AuditAction, Object, Pack, PackConfig, PackConfigSchema, Sensor, SensorInstance};
use packs::{Catalog, FileKind};
use secrets::{MASK, Vault};
use serde_json::Value;
use store::DefinitionFilter;

use super::unknown;
use crate::extract::{Body, Params};
use crate::warnings::Warnings;
use crate::{Api, ApiError, view};

/// Configures a pack. The values replace those that were; a secret that comes masked stays what it was. Unlike
/// StackStorm this writes no file: what a file in the folder of configurations says counts again when it is registered.
#[utoipa::path(
    put,
    path = "/v1/configs/{pack_ref}",
    tag = "configs",
    params(
        ("pack_ref" = String, Path, description = "The pack's ref"),
        ("show_secrets" = Option<bool>, Query, description = "Show secrets; for administrators"),
    ),
    request_body(content = Object, description = "A value for each key"),
    responses(
        (status = OK, description = "As it is now", body = Object),
        (status = 400, description = "The values do not fit the pack's schema"),
        (status = 404, description = "There is no such pack"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(reference): Path<String>,
    params: Params,
    Body(values): Body,
) -> Result<(Warnings, Json<Value>), ApiError> {
    let pack: Option<Pack> = api.store.find(&reference).await?;
    let pack = pack.ok_or_else(|| unknown(&reference))?.pack_ref;
    let warnings = Warnings::of(
        FileKind::Config,
        &Value::Object(values.clone()),
        &Catalog::built_in(),
        &pack,
    );
    let values = checked(&api, &pack, values).await?;
    let warnings = warnings.and(of_instances(&api, &pack, &values).await?);
    let config = PackConfig {
        id: api.ids.next(api.clock.now()),
        pack,
        values,
    };
    let config = api.store.save(config).await?;
    api.changed(&caller, AuditAction::Update, &config).await;
    let show = view::may_show_secrets(&api, &caller, &params);
    let shown = view::config(&api.vault, config, show);
    Ok((warnings, Json(shown)))
}

/// What is to be said of instances of sensors that the pack does not have.
async fn of_instances(api: &Api, pack: &str, values: &Object) -> Result<Vec<String>, ApiError> {
    if !values.contains_key(SensorInstance::KEY) {
        return Ok(Vec::new());
    }
    let schema: Option<PackConfigSchema> = api.store.find(pack).await?;
    let of_pack = DefinitionFilter {
        pack: Some(pack.to_owned()),
        ..DefinitionFilter::default()
    };
    let sensors: Vec<Sensor> = api.store.all(&of_pack).await?;
    let classes: Vec<&str> = sensors.iter().map(|sensor| sensor.name.as_str()).collect();
    let attributes = schema.as_ref().map(|schema| &schema.attributes);
    let unknown = packs::unknown_sensor_classes(values, attributes, &classes);
    let texts = unknown.into_iter();
    Ok(texts
        .map(|(_, text)| format!("pack `{pack}`: {text}"))
        .collect())
}

/// The values, checked against the pack's schema, with their secrets sealed.
async fn checked(api: &Api, pack: &str, values: Object) -> Result<Object, ApiError> {
    let old: Option<PackConfig> = api.store.find(pack).await?;
    let schema: Option<PackConfigSchema> = api.store.find(pack).await?;
    let mut given = Value::Object(values);
    if let Some(old) = old {
        restore(&mut given, &Value::Object(old.values), &api.vault);
    }
    let Some(schema) = schema else {
        return Ok(packs::definition::check_config(&given, None)?);
    };
    let values = packs::definition::check_config(&given, Some(&schema.attributes))?;
    Ok(packs::seal_secrets(&values, &schema.attributes, &api.vault))
}

/// Puts the secrets that `old` holds where `given` holds the mask in their place.
fn restore(given: &mut Value, old: &Value, vault: &Vault) {
    match (given, old) {
        (Value::String(text), Value::String(sealed))
            if text == MASK && Vault::is_sealed(sealed) =>
        {
            if let Ok(Value::String(secret)) = vault.open_value(old) {
                *text = secret;
            }
        }
        (Value::Object(given), Value::Object(old)) => {
            for (name, value) in given {
                if let Some(old) = old.get(name) {
                    restore(value, old, vault);
                }
            }
        }
        (Value::Array(given), Value::Array(old)) => {
            given
                .iter_mut()
                .zip(old)
                .for_each(|(given, old)| restore(given, old, vault));
        }
        (_, _) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_that_comes_back_masked_stays_what_it_was() {
        let vault = Vault::ephemeral();
        let old = json!({"key": vault.seal_value(&json!("k")), "deep": {"key": vault.seal_value(&json!("d"))}, "plain": "p"});
        let mut given = json!({"key": MASK, "deep": {"key": "new"}, "plain": MASK});

        restore(&mut given, &old, &vault);

        assert_eq!(
            given,
            json!({"key": "k", "deep": {"key": "new"}, "plain": MASK})
        );
    }
}
