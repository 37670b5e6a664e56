//! What the endpoints of all kinds of definitions share: finding one, and filtering many.

use std::cmp::Ordering;

use model::{ObjectId, PageOf};
use serde::Serialize;
use serde_json::Value;
use store::{Definition, DefinitionFilter};

use crate::extract::Params;
use crate::listing::Listing;
use crate::{Api, ApiError};

/// The definition with this reference or id; 404 where there is none.
pub(crate) async fn find<D: Definition>(api: &Api, reference_or_id: &str) -> Result<D, ApiError> {
    let found = api.store.find(reference_or_id).await?;
    found.ok_or_else(|| ApiError::unknown_reference(reference_or_id))
}

/// The filters that every kind knows: `id`, `ref`, `name`, `pack`, `enabled`. Set `selector` where a kind has one.
pub(crate) fn filter(params: &Params) -> DefinitionFilter {
    DefinitionFilter {
        pack: params.owned("pack"),
        name: params.owned("name"),
        enabled: params.choice("enabled"),
        references: params.owned("ref").map(|reference| vec![reference]),
        ..DefinitionFilter::default()
    }
}

/// The page that is asked for. `id` may name several.
pub(crate) async fn page<D: Definition>(
    api: &Api,
    params: &Params,
    filter: &DefinitionFilter,
    listing: &Listing,
) -> Result<PageOf<D>, ApiError> {
    if params.get("id").is_none() {
        return Ok(api.store.list(filter, listing.page).await?);
    }
    selected(api, params, filter, listing, |_| true).await
}

/// As `page`, for kinds of which StackStorm takes several names, separated by commas, and an order: `sort=-name`.
pub(crate) async fn sorted_page<D: Definition + Serialize>(
    api: &Api,
    params: &Params,
    listing: &Listing,
) -> Result<PageOf<D>, ApiError> {
    let names = params.words("name");
    let mut filter = filter(params);
    let order = Order::of(params);
    if names.len() < 2 && order.is_none() {
        return page(api, params, &filter, listing).await;
    }
    if names.len() > 1 {
        filter.name = None;
    }
    let ids = params.ids::<ObjectId>();
    let mut found: Vec<(Value, D)> = Vec::new();
    for one in api.store.all::<D>(&filter).await? {
        let view = serde_json::to_value(&one)?;
        let is_named = names.len() < 2 || names.iter().any(|name| view["name"] == *name);
        if is_named
            && ids
                .as_ref()
                .is_none_or(|ids| ids.contains(&one.object_id()))
        {
            found.push((view, one));
        }
    }
    if let Some(order) = order {
        found.sort_by(|(one, _), (other, _)| order.compare(one, other));
    }
    Ok(part(
        found.into_iter().map(|(_, one)| one).collect(),
        listing,
    ))
}

/// The order that `sort` asks for: by the first of its members that can be sorted by.
#[derive(Debug, PartialEq, Eq)]
struct Order {
    member: &'static str,
    is_backwards: bool,
}

impl Order {
    fn of(params: &Params) -> Option<Self> {
        params.words("sort").into_iter().find_map(|word| {
            let name = word.trim_start_matches(['-', '+']);
            let known = ["name", "ref", "pack", "id"];
            Some(Self {
                member: known.into_iter().find(|known| *known == name)?,
                is_backwards: word.starts_with('-'),
            })
        })
    }

    fn compare(&self, one: &Value, other: &Value) -> Ordering {
        let text = |view: &Value| view[self.member].as_str().map(str::to_owned);
        let order = text(one).cmp(&text(other));
        if self.is_backwards {
            order.reverse()
        } else {
            order
        }
    }
}

fn part<D>(found: Vec<D>, listing: &Listing) -> PageOf<D> {
    let (offset, limit) = (listing.page.offset as usize, listing.page.limit as usize);
    PageOf {
        total: found.len() as u64,
        items: found.into_iter().skip(offset).take(limit).collect(),
    }
}

/// As `page`, of those that `keep` says yes to: for filters that the store does not know. Definitions are few enough
/// to be read whole.
pub(crate) async fn selected<D: Definition>(
    api: &Api,
    params: &Params,
    filter: &DefinitionFilter,
    listing: &Listing,
    keep: impl Fn(&D) -> bool,
) -> Result<PageOf<D>, ApiError> {
    let mut found: Vec<D> = api.store.all(filter).await?;
    let ids = params.ids::<ObjectId>();
    found.retain(|one| {
        keep(one)
            && ids
                .as_ref()
                .is_none_or(|ids| ids.contains(&one.object_id()))
    });
    Ok(part(found, listing))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_order_is_a_member_that_may_be_turned_around() {
        let order = |sort: &str| Order::of(&Params::parse(&format!("sort={sort}")));
        let (a, b) = (json!({"name": "a"}), json!({"name": "b"}));

        assert_eq!(order("nonsense"), None);
        assert_eq!(order("name").unwrap().compare(&a, &b), Ordering::Less);
        assert_eq!(
            order("nonsense,-name").unwrap().compare(&a, &b),
            Ordering::Greater
        );
    }
}
