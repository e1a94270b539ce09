//! What the system knows of this process, as it says in `/proc`. Where there is no `/proc`, nothing is known.

#[cfg(target_os = "linux")]
use std::fs;

/// What the system knows of this process; what it doesn't say is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct ProcessReading {
    /// Memory in use, in bytes: pages in RAM, those shared with other processes included.
    pub(super) resident_bytes: Option<u64>,
    /// Time on processors, in seconds: the program's own and the system's on its behalf.
    pub(super) cpu_seconds: Option<f64>,
    /// Files that are open, connections included.
    pub(super) open_files: Option<u64>,
    /// Files that may be open; `None` too where there is no limit.
    pub(super) max_files: Option<u64>,
    /// When it began, in seconds since 1970.
    pub(super) started_at: Option<f64>,
}

impl ProcessReading {
    /// As it is now. Reads a few short files that are never on a disk.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub(super) fn now() -> Self {
        let stat = fs::read_to_string("/proc/self/stat").ok();
        let stat = stat.as_deref().and_then(|text| Stat::read(text, ticks_per_second()));
        let boot = fs::read_to_string("/proc/stat").ok();
        let boot = boot.as_deref().and_then(boot_time);
        let pages = fs::read_to_string("/proc/self/statm").ok();
        let page = u64::try_from(rustix::param::page_size()).ok();
        let max_files = rlimit::Resource::NOFILE.get_soft().ok();
        Self {
            resident_bytes: pages
                .as_deref()
                .and_then(resident_pages)
                .zip(page)
                .map(|(pages, page)| pages * page),
            cpu_seconds: stat.as_ref().map(|stat| stat.cpu_seconds),
            open_files: open_files(),
            max_files: max_files.filter(|max| *max != rlimit::INFINITY),
            started_at: stat.as_ref().zip(boot).map(|(stat, boot)| boot + stat.started_after_boot),
        }
    }

    /// As it is now.
    #[cfg(not(target_os = "linux"))]
    #[must_use]
    pub(super) fn now() -> Self {
        Self::default()
    }
}

/// Of `/proc/self/stat`, in seconds.
#[cfg(target_os = "linux")]
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stat {
    cpu_seconds: f64,
    started_after_boot: f64,
}

#[cfg(target_os = "linux")]
impl Stat {
    /// The fields are those of proc(5): 14 utime, 15 stime, 22 starttime, in ticks. The second one is the
    /// program's name in parentheses, which may hold anything, spaces and parentheses too.
    fn read(text: &str, ticks_per_second: f64) -> Option<Self> {
        let (_, fields) = text.rsplit_once(") ")?;
        let field = |number: usize| fields.split(' ').nth(number - 3)?.trim_end().parse::<f64>().ok();
        Some(Self {
            cpu_seconds: (field(14)? + field(15)?) / ticks_per_second,
            started_after_boot: field(22)? / ticks_per_second,
        })
    }
}

#[cfg(target_os = "linux")]
#[expect(clippy::cast_precision_loss, reason = "it is a few hundred at most")]
fn ticks_per_second() -> f64 {
    rustix::param::clock_ticks_per_second() as f64
}

/// Of `/proc/stat`: when the system began, in seconds since 1970.
#[cfg(target_os = "linux")]
fn boot_time(text: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

/// Of `/proc/self/statm`: its second field.
#[cfg(target_os = "linux")]
fn resident_pages(text: &str) -> Option<u64> {
    text.split(' ').nth(1)?.parse().ok()
}

/// Counted in `/proc/self/fd`, without the one that this needs itself.
#[cfg(target_os = "linux")]
fn open_files() -> Option<u64> {
    let files = fs::read_dir("/proc/self/fd").ok()?;
    u64::try_from(files.count()).ok()?.checked_sub(1)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_programs_name_may_hold_anything() {
        let rest = "S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 9 0 4200 1000 77 18446744073709551615\n";
        for name in ["promptchain", "a b", "a) S 1 2 (b"] {
            let stat = Stat::read(&format!("17 ({name}) {rest}"), 100.0);
            assert_eq!(stat, Some(Stat { cpu_seconds: 3.0, started_after_boot: 42.0 }), "{name}");
        }
        for cut in ["", "17 (a", "17 (a) S 1 2", "17 (a) S 1 2 3 4 5 6 7 8 9 10 x 50 0 0 20 0 9 0 4200"] {
            assert_eq!(Stat::read(cut, 100.0), None, "{cut}");
        }
    }

    #[test]
    fn a_process_knows_itself() {
        let before = ProcessReading::now();
        let files: Vec<_> = (0..20).map(|_| fs::File::open("/proc/self/stat").unwrap()).collect();
        let after = ProcessReading::now();
        // Other tests open and close files too.
        assert!(after.open_files.unwrap() >= 20, "{after:?}");
        drop(files);
        assert!(after.max_files.unwrap() >= after.open_files.unwrap(), "{after:?}");
        assert!((1 << 20..1 << 40).contains(&after.resident_bytes.unwrap()), "{after:?}");
        assert!(after.cpu_seconds >= before.cpu_seconds, "{before:?} {after:?}");
        let now = jiff::Timestamp::now().as_duration().as_secs_f64();
        let age = now - after.started_at.unwrap();
        assert!((-2.0..3600.0).contains(&age), "it began {age} s ago");
        assert_eq!(before.started_at, after.started_at);
    }
}
