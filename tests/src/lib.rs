//! Harness shared by the scenarios.
