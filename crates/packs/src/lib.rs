//! Reads, checks and registers packs; says what is wrong, and where.
