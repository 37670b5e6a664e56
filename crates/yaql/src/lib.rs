//! YAQL: parsed once, evaluated lazily, bounded.

pub mod ast;
