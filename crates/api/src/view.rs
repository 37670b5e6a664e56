//! The form in which things are answered, where it is not the one they are stored in.
