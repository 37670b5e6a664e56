//! Matches trigger instances with rules and requests their actions.
