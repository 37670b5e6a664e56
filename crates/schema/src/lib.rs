//! StackStorm's dialect of JSON Schema.
