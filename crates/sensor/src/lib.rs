//! Keeps timers alive and turns their firings into trigger instances.
