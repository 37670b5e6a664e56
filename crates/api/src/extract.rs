//! What handlers take out of requests.

mod body;
mod fields;
mod form;
mod id;
mod on_behalf;
mod order;
mod params;

pub(crate) use body::{AnyBody, ArchiveBody, Body, TextBody};
pub(crate) use fields::{Fields, missing};
pub(crate) use id::parse_id;
pub(crate) use on_behalf::{on_behalf_of, refuse_other_user};
pub(crate) use order::Order;
pub(crate) use params::{Params, parse_time};
