//! Keeps the code in this process.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// With this limit in bytes the kernel makes no file of this memory, and gives it to no handler of the
/// system's either, for whom a limit of 0 does not hold (Linux, `fs/coredump.c`).
const NO_DUMP: u64 = 1;

/// This memory is in no dump from now on.
pub(crate) fn leave_no_dump() {
    let none = Rlimit {
        current: Some(NO_DUMP),
        maximum: Some(NO_DUMP),
    };
    let _ = setrlimit(Resource::Core, none);
}

/// Other programs of this person cannot read this memory from now on. Portals do not answer those
/// whom they cannot look at, so that they are asked before.
pub(crate) fn close() {
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
