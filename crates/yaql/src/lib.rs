#![doc = include_str!("../README.md")]

pub mod ast;
mod dispatch;
mod engine;
mod evaluate;
mod expression;
mod freeze;
mod function;
mod generator;
mod lambda;
mod lexer;
mod library;
mod parser;
mod scope;

pub use diagnostic::Diagnostic as Error;
pub use dispatch::Pair;
pub use engine::{Engine, Input};
pub use evaluate::Run;
pub use expression::{CallSite, Expression};
pub use freeze::freeze;
pub use function::{
    Absence, Argument, Call, Fault, Function, Outcome, Param, Plain, Quantity, Shared, Style, Type,
};
pub use generator::{Generate, Items, Restart, Stream};
pub use lambda::Lambda;
pub use scope::Scope;
