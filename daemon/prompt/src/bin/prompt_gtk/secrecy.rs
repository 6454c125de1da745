//! Keeps the code in this process.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// No file in a working folder gets this memory. A handler of the system's (a pipe in core_pattern) may until [`close`].
pub(crate) fn leave_no_dump() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _ = setrlimit(Resource::Core, none);
}

/// Other programs of this person cannot read this memory from now on. Portals do not answer those
/// whom they cannot look at, so that they are asked before.
pub(crate) fn close() {
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
