//! The harness behind the stories.
