//! What a workflow asks for passes the gates that the workflow itself has passed: it would wait for itself otherwise.

use std::collections::{HashMap, HashSet};

use super::TO_PASS;
use crate::StoreError;
use crate::sql::{Sql, args};
use crate::tx::Tx;

/// More levels of workflows within workflows are not looked through.
const MOST_LEVELS: usize = 200;

/// Of the new ones under these keys, lets pass who has an ancestor that was admitted under the same key. Returns all new
/// ones that have a parent.
pub(super) async fn let_pass(tx: &mut Tx, keys: &[String]) -> Result<Vec<String>, StoreError> {
    let sql = Sql::new(
        "select execution_id, gate_key, parent_id from execution_gates \
         where gate_key in ? and seen = 0 and place = 0 and parent_id is not null",
        args![keys.to_vec()],
    );
    let children: Vec<(String, String, String)> = tx.all(sql).await?;
    if children.is_empty() {
        return Ok(Vec::new());
    }
    let new = children.iter().map(|(id, _, _)| id.clone()).collect();
    let parents = parents_of(tx, children.iter().map(|(_, _, parent)| parent.clone())).await?;
    let ids: Vec<String> = parents.keys().cloned().collect();
    let sql = Sql::new(
        "select execution_id, gate_key from execution_gates where execution_id in ? and place in (1, 3)",
        args![ids],
    );
    let admitted: Vec<(String, String)> = tx.all(sql).await?;
    let admitted: HashSet<(String, String)> = admitted.into_iter().collect();
    let passing: Vec<_> = children
        .into_iter()
        .filter(|(_, key, parent)| {
            chain(parent, &parents).any(|id| admitted.contains(&(id.clone(), key.clone())))
        })
        .map(|(id, key, _)| args![id, key, TO_PASS])
        .collect();
    for batch in tx.batches(passing) {
        let sql = Sql::new(
            "update execution_gates set place = v.column3 from ? \
             where execution_id = v.column1 and gate_key = v.column2",
            args![batch],
        );
        tx.run(sql).await?;
    }
    Ok(new)
}

/// The parent of each of these executions, of their parents, and so on.
async fn parents_of(
    tx: &mut Tx,
    ids: impl Iterator<Item = String>,
) -> Result<HashMap<String, Option<String>>, StoreError> {
    let mut parents: HashMap<String, Option<String>> = HashMap::new();
    let mut next: HashSet<String> = ids.collect();
    for _ in 0..MOST_LEVELS {
        if next.is_empty() {
            break;
        }
        let sql = Sql::new(
            "select id, parent_id from executions where id in ?",
            args![next.into_iter().collect::<Vec<String>>()],
        );
        let rows: Vec<(String, Option<String>)> = tx.all(sql).await?;
        parents.extend(rows.iter().cloned());
        next = rows
            .into_iter()
            .filter_map(|(_, parent)| parent)
            .filter(|parent| !parents.contains_key(parent))
            .collect();
    }
    Ok(parents)
}

/// An execution, its parent, and so on.
fn chain<'a>(
    first: &'a String,
    parents: &'a HashMap<String, Option<String>>,
) -> impl Iterator<Item = &'a String> {
    std::iter::successors(Some(first), |id| parents.get(*id)?.as_ref()).take(MOST_LEVELS)
}
