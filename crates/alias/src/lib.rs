//! The grammar of action aliases: chat lines to parameters.
