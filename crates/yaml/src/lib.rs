//! YAML as PyYAML reads it, with the place of every node.
