//! The REST API, streams and metrics.
