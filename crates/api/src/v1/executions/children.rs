//! `GET /v1/executions/{id}/children`

use std::collections::HashMap;

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::{Execution, ExecutionId, Page};
use serde_json::Value;
use store::ExecutionFilter;

use super::find;
use crate::extract::Params;
use crate::projection::Projection;
use crate::{Api, ApiError, view};

/// What an execution asked for, each followed by what it asked for in turn.
#[utoipa::path(
    get,
    path = "/v1/executions/{id}/children",
    tag = "executions",
    params(
        ("id" = String, Path, description = "Its id"),
        ("depth" = Option<i64>, Query, description = "So many generations; all (the default) for -1 and 0"),
        ("result_fmt" = Option<String>, Query, description = "`sorted`: in the order of time"),
        ("show_secrets" = Option<bool>, Query, description = "Do not mask secrets"),
        ("include_attributes" = Option<String>, Query, description = "Answer these members only"),
        ("exclude_attributes" = Option<String>, Query, description = "Leave these members out"),
    ),
    responses((status = OK, description = "The executions", body = Vec<Object>), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Vec<Value>>, ApiError> {
    let wanted = Projection::read(&params, &view::EXECUTION_ATTRIBUTES)?;
    let parent = find(&api, &id).await?;
    let depth = params
        .integer("depth")?
        .and_then(|depth| usize::try_from(depth).ok())
        .filter(|depth| *depth > 0)
        .unwrap_or(usize::MAX);
    let mut children = descendants(&api, parent.id, depth, wanted.wants("result")).await?;
    if params.get("result_fmt") == Some("sorted") {
        children.sort_by_key(|child| (child.start_timestamp, child.id));
    } else {
        children = nested(children, parent.id);
    }
    let show_secrets = view::may_show_secrets(&api, &caller, &params);
    let views = view::executions(&api, children, &wanted, show_secrets).await?;
    Ok(Json(
        views.into_iter().map(|view| wanted.apply(view)).collect(),
    ))
}

/// Generation by generation, each in order of time, up to the ceiling of histories.
async fn descendants(
    api: &Api,
    id: ExecutionId,
    depth: usize,
    with_results: bool,
) -> Result<Vec<Execution>, ApiError> {
    let (mut found, mut parents) = (Vec::new(), vec![id]);
    for _ in 0..depth {
        let mut ids = Vec::new();
        for parent in parents {
            ids.extend(api.store.children(parent).await?);
        }
        let room = api
            .options
            .history_ceiling
            .saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        if ids.is_empty() || room == 0 {
            break;
        }
        parents = ids.clone();
        let filter = ExecutionFilter {
            ids: Some(ids),
            oldest_first: true,
            with_results,
            ..ExecutionFilter::default()
        };
        found.extend(
            api.store
                .executions(
                    &filter,
                    Page {
                        limit: room,
                        offset: 0,
                    },
                )
                .await?
                .items,
        );
    }
    Ok(found)
}

/// Each before what it asked for; brothers stay in their order.
fn nested(found: Vec<Execution>, root: ExecutionId) -> Vec<Execution> {
    let mut by_parent: HashMap<ExecutionId, Vec<Execution>> = HashMap::new();
    let mut ordered = Vec::with_capacity(found.len());
    for child in found.into_iter().rev() {
        let parent = child.context.parent.unwrap_or(root);
        by_parent.entry(parent).or_default().push(child);
    }
    // The last is taken first.
    let mut waiting = by_parent.remove(&root).unwrap_or_default();
    while let Some(next) = waiting.pop() {
        waiting.extend(by_parent.remove(&next.id).unwrap_or_default());
        ordered.push(next);
    }
    ordered
}
