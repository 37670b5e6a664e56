//! Python's texts of JSON values.
