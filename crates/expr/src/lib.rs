//! Jinja as StackStorm speaks it, and the path dialect of rule keys.
