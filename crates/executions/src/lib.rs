//! Check, render, mask, request, cancel and rerun executions.
