//! What the endpoints of all kinds of definitions share: finding one, and filtering many.

use model::{ObjectId, PageOf};
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

/// The page that is asked for. `id` finds one at most.
pub(crate) async fn page<D: Definition>(
    api: &Api,
    params: &Params,
    filter: &DefinitionFilter,
    listing: &Listing,
) -> Result<PageOf<D>, ApiError> {
    let Some(id) = params.get("id") else {
        return Ok(api.store.list(filter, listing.page).await?);
    };
    let found: Option<D> = match id.parse::<ObjectId>() {
        Ok(_) => api.store.find(id).await?,
        Err(_) => None,
    };
    let items: Vec<D> = found.into_iter().collect();
    Ok(PageOf {
        total: items.len() as u64,
        items,
    })
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
    found.retain(|one| {
        keep(one)
            && params
                .get("id")
                .is_none_or(|id| one.object_id().to_string() == id)
    });
    let total = found.len() as u64;
    let (offset, limit) = (listing.page.offset as usize, listing.page.limit as usize);
    Ok(PageOf {
        items: found.into_iter().skip(offset).take(limit).collect(),
        total,
    })
}
