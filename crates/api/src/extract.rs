//! What handlers take out of requests.

mod body;
mod fields;
mod form;
mod id;
mod params;

pub(crate) use body::{AnyBody, Body};
pub(crate) use fields::Fields;
pub(crate) use id::parse_id;
pub(crate) use params::Params;
