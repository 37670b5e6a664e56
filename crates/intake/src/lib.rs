//! Takes trigger instances in: checks, stores them in groups, announces them.
