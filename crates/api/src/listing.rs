//! Pages of listings: `limit`, `offset`, `X-Limit`, `X-Total-Count`, and the wanted attributes.

use auth::Caller;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue};
use model::{Page, PageOf};
use serde::Serialize;
use serde_json::Value;

use crate::extract::Params;
use crate::projection::{Attributes, Projection};
use crate::{Api, ApiError};

/// How long a listing's pages may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Without `limit`; `None` gives all, as StackStorm does for definitions.
    pub(crate) default: Option<u32>,
    /// With `limit=-1`.
    pub(crate) ceiling: u32,
}

impl Bounds {
    /// Definitions: few enough to be answered whole.
    pub(crate) const fn of_definitions(default: Option<u32>) -> Self {
        Self {
            default,
            ceiling: i32::MAX.cast_unsigned(),
        }
    }

    /// A history, which may be endless.
    pub(crate) fn of_history(api: &Api, default: u32) -> Self {
        Self {
            default: Some(default),
            ceiling: api.options.history_ceiling,
        }
    }
}

/// The part of a listing that a request wants.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    pub(crate) page: Page,
    pub(crate) projection: Projection,
    limit: Option<u32>,
}

impl Listing {
    pub(crate) fn read(
        api: &Api,
        caller: &Caller,
        params: &Params,
        bounds: Bounds,
        attributes: &Attributes,
    ) -> Result<Self, ApiError> {
        let projection = Projection::read(params, attributes)?;
        let limit = limit(
            params.integer("limit")?,
            caller,
            bounds,
            api.options.max_page_size,
        )?;
        let offset = params.integer("offset")?.unwrap_or(0);
        let offset = u32::try_from(offset)
            .ok()
            .filter(|offset| i32::try_from(*offset).is_ok())
            .ok_or_else(|| {
                ApiError::BadRequest(format!(
                    "Offset \"{offset}\" specified is negative or more than 32-bit int"
                ))
            })?;
        Ok(Self {
            page: Page {
                limit: limit.unwrap_or(bounds.ceiling),
                offset,
            },
            projection,
            limit,
        })
    }

    /// The answer that holds these items' views.
    pub(crate) fn answer<T: Serialize>(&self, part: &PageOf<T>) -> Result<Listed, ApiError> {
        let items = part
            .items
            .iter()
            .map(serde_json::to_value)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(self.views(items, part.total))
    }

    /// The page of these views, which are all there are.
    pub(crate) fn pick(&self, views: Vec<Value>) -> Listed {
        let total = views.len() as u64;
        let (offset, limit) = (self.page.offset as usize, self.page.limit as usize);
        self.views(views.into_iter().skip(offset).take(limit).collect(), total)
    }

    /// The answer that holds these views.
    pub(crate) fn views(&self, views: Vec<Value>, total: u64) -> Listed {
        let items = views
            .into_iter()
            .map(|view| self.projection.apply(view))
            .collect();
        Listed {
            items,
            total,
            limit: self.limit,
        }
    }
}

/// `None` where the page is bounded by the ceiling alone.
fn limit(
    asked: Option<i64>,
    caller: &Caller,
    bounds: Bounds,
    max: u32,
) -> Result<Option<u32>, ApiError> {
    let Some(asked) = asked else {
        return Ok(bounds.default);
    };
    match asked {
        -1 if caller.is_admin => Ok(None),
        -1 => Err(ApiError::Forbidden(
            "Administrator access required to be able to specify limit=-1 and retrieve all the records".to_owned(),
        )),
        0 => Err(ApiError::bad_request(
            "Limit, \"0\" specified, must be a positive number or -1 for full result set.",
        )),
        ..0 => Err(ApiError::BadRequest(format!("Limit, \"{asked}\" specified, must be a positive number."))),
        _ if asked > i64::from(max) && !caller.is_admin => {
            Err(ApiError::Forbidden(format!("Limit \"{asked}\" specified, maximum value is \"{max}\"")))
        }
        _ => Ok(Some(u32::try_from(asked).unwrap_or(bounds.ceiling).min(bounds.ceiling))),
    }
}

/// An answered listing.
#[derive(Debug)]
pub(crate) struct Listed {
    items: Vec<Value>,
    total: u64,
    limit: Option<u32>,
}

impl IntoResponse for Listed {
    fn into_response(self) -> Response {
        let mut response = Json(self.items).into_response();
        let headers = response.headers_mut();
        headers.insert(
            HeaderName::from_static("x-total-count"),
            HeaderValue::from(self.total),
        );
        if let Some(limit) = self.limit {
            headers.insert(HeaderName::from_static("x-limit"), HeaderValue::from(limit));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        default: Some(50),
        ceiling: 1000,
    };

    fn limit_of(asked: Option<i64>, is_admin: bool) -> Result<Option<u32>, String> {
        let caller = Caller {
            user: "ann".into(),
            is_admin,
        };
        limit(asked, &caller, BOUNDS, 100).map_err(|error| error.to_string())
    }

    #[test]
    fn pages_have_a_default_and_an_end() {
        assert_eq!(limit_of(None, false), Ok(Some(50)));
        assert_eq!(limit_of(Some(7), false), Ok(Some(7)));
        assert_eq!(limit_of(Some(-1), true), Ok(None));
        assert_eq!(limit_of(Some(99_999), true), Ok(Some(1000)));
    }

    #[test]
    fn long_pages_are_for_administrators() {
        assert_eq!(
            limit_of(Some(101), false).unwrap_err(),
            "Limit \"101\" specified, maximum value is \"100\""
        );
        assert!(
            limit_of(Some(-1), false)
                .unwrap_err()
                .starts_with("Administrator access required")
        );
    }

    #[test]
    fn pages_of_nothing_are_refused() {
        assert!(limit_of(Some(0), true).is_err());
        assert!(limit_of(Some(-2), true).is_err());
    }
}
