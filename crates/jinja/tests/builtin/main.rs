//! What comes with the language: filters, tests, globals and methods, compared with what Jinja2 answers.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

mod filters;
mod globals;
mod limits;
mod methods;
mod predicates;
mod table;
