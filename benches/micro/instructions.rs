//! Instructions, as callgrind counts them: the same from one run to the next, whatever else the machine does.

use std::error::Error;
use std::io::ErrorKind;
use std::process::Command;

use serde_json::json;

use super::operation::{Operation, Prepared, chosen};

const MISSING: &str = "instructions are counted by valgrind, which isn't here; on Debian, \
    `apt-get install valgrind` gets it";

const HEAD: &str = "\
operation           |     item | instructions/item |   /byte
:------------------ | -------: | ----------------: | ------:";

/// Counts operations' instructions, and prints how many each item takes.
#[expect(clippy::cast_precision_loss, reason = "far below 2⁵³")]
pub(crate) fn measure(only: &str, is_json: bool) -> Result<(), Box<dyn Error>> {
    let operations = chosen(only)?;
    if !is_json {
        println!("{HEAD}");
    }
    for operation in operations {
        let Operation { name, item, passes, .. } = operation;
        let Prepared { items, bytes, .. } = (operation.prepare)()?;
        // What was made for the passes, and the process itself, is in both.
        let (once, twice) = (count(name, *passes)?, count(name, 2 * passes)?);
        let pass = twice.saturating_sub(once) as f64 / f64::from(*passes);
        let (per_item, per_byte) = (pass / items as f64, bytes.map(|bytes| pass / bytes as f64));
        if is_json {
            let counted = json!({
                "operation": name,
                "item": item,
                "instructions": per_item,
                "instructions_per_byte": per_byte,
            });
            println!("{counted}");
        } else {
            let per_byte = per_byte.map(|count| format!("{count:.2}")).unwrap_or_default();
            println!("{name:<19} | {item:>8} | {per_item:>17.0} | {per_byte:>7}");
        }
    }
    Ok(())
}

/// The instructions of a process that makes so many passes.
fn count(name: &str, passes: u32) -> Result<u64, Box<dyn Error>> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(std::env::current_exe()?);
    let output = valgrind.args(["repeat", name, &passes.to_string()]).output().map_err(|error| {
        if error.kind() == ErrorKind::NotFound { Box::<dyn Error>::from(MISSING) } else { error.into() }
    })?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{name} can't be counted: {said}").into());
    }
    let counted = said.lines().find_map(|line| line.rsplit_once("Collected : "));
    let (_, counted) = counted.ok_or_else(|| format!("callgrind doesn't say how many: {said}"))?;
    Ok(counted.trim().parse()?)
}
