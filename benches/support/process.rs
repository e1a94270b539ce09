//! What Linux knows of a process, as it says in `/proc`.

use std::error::Error;
use std::fs;

/// The processor time that it has used, in user mode and in the kernel.
pub(crate) fn cpu_seconds(process: u32) -> Result<f64, Box<dyn Error>> {
    /// Linux counts in hundredths of a second wherever this is likely to run.
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let after_name = stat.rsplit_once(')').ok_or("an unknown form")?.1;
    let ticks: Vec<f64> =
        after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse().ok()).collect();
    Ok(ticks.iter().sum::<f64>() / TICKS)
}

/// Its memory in RAM, in KiB.
pub(crate) fn resident_kib(process: u32) -> Result<u64, Box<dyn Error>> {
    status(process, "VmRSS")
}

/// Its threads.
pub(crate) fn threads(process: u32) -> Result<u64, Box<dyn Error>> {
    status(process, "Threads")
}

/// The files that it has open, connections included.
pub(crate) fn open_files(process: u32) -> Result<u64, Box<dyn Error>> {
    Ok(fs::read_dir(format!("/proc/{process}/fd"))?.count() as u64)
}

fn status(process: u32, name: &str) -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let number = line.and_then(|line| line.split_whitespace().next()).ok_or("an unknown form")?;
    Ok(number.parse()?)
}
