//! Keeps what is in memory, keys and conversations, from lying about in files and from the user's other programs.

/// From now on no core dump is written, whoever would collect it, and no process without privileges reads the
/// memory, the environment or the open files of this one, be it the same user's. A debugger that was there first
/// stays. Where the system has nothing of the kind, nothing is done: it is one fence among several.
pub fn keep_memory_private() {
    // A program that collects core dumps isn't held by the limit, and where there is no such switch, the limit is
    // all there is. Neither fails where it would matter: both only take something away.
    #[cfg(unix)]
    let _ = rlimit::Resource::CORE.set(0, 0);
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, dumpable_behavior};

    use super::*;

    #[test]
    fn neither_a_core_dump_nor_another_process_shows_memory() {
        keep_memory_private();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        assert_eq!(rlimit::Resource::CORE.get().unwrap(), (0, 0));
    }
}
