//! `GET /v1/packs/index/health`

use axum::Json;
use axum::extract::State;
use model::Object;
use packs::Index;
use serde_json::{Value, json};

use crate::Api;

/// Whether the indexes of packs can be read.
#[utoipa::path(
    get,
    path = "/v1/packs/index/health",
    tag = "packs",
    responses((status = OK, description = "`packs` and `indexes`", body = Object))
)]
pub(crate) async fn handle(State(api): State<Api>) -> Json<Value> {
    Json(health(&Index::read(&api.options.pack_indexes).await))
}

fn health(index: &Index) -> Value {
    let mut errors = Object::new();
    for error in index.status.iter().filter_map(|status| status.error) {
        let before = errors.get(error).and_then(Value::as_u64).unwrap_or(0);
        errors.insert(error.to_owned(), json!(before + 1));
    }
    let invalid = index.status.iter().filter(|status| status.error.is_some());
    let invalid = invalid.count();
    json!({
        "packs": {"count": index.packs.len()},
        "indexes": {
            "count": index.status.len(),
            "valid": index.status.len() - invalid,
            "invalid": invalid,
            "errors": errors,
            "status": index.status,
        },
    })
}

#[cfg(test)]
mod tests {
    use packs::IndexStatus;

    use super::*;

    #[test]
    fn counts_what_is_wrong() {
        let status = |error| IndexStatus {
            url: "u".into(),
            packs: 0,
            message: String::new(),
            error,
        };
        let index = Index {
            packs: Object::new(),
            status: [None, Some("empty"), Some("empty")].map(status).to_vec(),
        };

        let health = health(&index);

        assert_eq!(health["indexes"]["valid"], 1);
        assert_eq!(health["indexes"]["errors"], json!({"empty": 2}));
    }
}
