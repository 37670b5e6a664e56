//! YAQL: parsed once, evaluated lazily, bounded.

pub mod ast;
mod expression;
mod lexer;
mod parser;

pub use diagnostic::Diagnostic as Error;
pub use expression::{CallSite, Expression};
