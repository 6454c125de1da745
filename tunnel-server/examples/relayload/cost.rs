//! What a process has cost: CPU time and resident memory, from /proc.

use std::fs;

/// Nanoseconds that all threads of a process have run.
pub fn cpu(pid: u64) -> u64 {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).expect("the relay's process");
    let run = |task: fs::DirEntry| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    };
    tasks.flatten().filter_map(run).sum()
}

/// Resident memory in bytes.
pub fn memory(pid: u64) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).expect("the relay's memory");
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.expect("Rss in smaps_rollup") * 1024
}
