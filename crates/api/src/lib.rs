#![doc = include_str!("../README.md")]

mod aliases;
mod audit;
mod change;
mod cors;
mod definition;
mod error;
mod extract;
mod listing;
mod metrics;
mod operations;
mod pack_file;
mod prefix;
mod projection;
mod request_log;
mod root;
mod router;
mod server;
mod state;
mod v1;
mod view;
mod warnings;
mod words;

pub use error::ApiError;
pub use metrics::describe as describe_metrics;
pub use operations::{Access, Operation};
pub use router::{open_api, operations, router};
pub use server::{ServeError, serve};
pub use state::{Api, ApiOptions, ApiParts};
