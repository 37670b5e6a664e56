//! The filters of both listings of rules.

use model::{PageOf, Rule};

use crate::extract::Params;
use crate::listing::Listing;
use crate::{Api, ApiError, definition};

/// The rules that a request asks for. As in StackStorm `trigger` is the reference of a trigger, not of its type.
pub(super) async fn page(
    api: &Api,
    params: &Params,
    listing: &Listing,
) -> Result<PageOf<Rule>, ApiError> {
    params.check_choice("enabled")?;
    let mut filter = definition::filter(params);
    filter.selector = params.owned("trigger");
    let (action, user) = (params.get("action"), params.get("user"));
    if action.is_none() && user.is_none() {
        return definition::page(api, params, &filter, listing).await;
    }
    let keep = |rule: &Rule| {
        action.is_none_or(|action| rule.action.action_ref == action)
            && user.is_none_or(|user| rule.context.get("user").is_some_and(|of| of == user))
    };
    definition::selected(api, params, &filter, listing, keep).await
}
