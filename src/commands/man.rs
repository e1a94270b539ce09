//! `promptchain man`: prints a page of the manual, or writes all of them into a folder.

use std::io;
use std::path::Path;

use super::help::unknown_word;
use super::{say_on_stderr, write_to_stdout};
use crate::cli::{GlobalArgs, ManArgs};
use crate::error::{Error, ErrorCode};
use crate::manual::{find_page, pages};

pub(super) async fn man(args: &ManArgs, globals: &GlobalArgs) -> Result<(), Error> {
    if let Some(folder) = &args.dir {
        let written = write_all(folder).map_err(|(path, error)| {
            Error::new(ErrorCode::Usage, format!("can't write {}", path.display())).because(error)
        })?;
        if !globals.quiet {
            say_on_stderr(&format!("wrote {written} pages to {}", folder.display()));
        }
        return Ok(());
    }
    let page = find_page(&args.words)
        .map_err(|unknown| unknown_word(&unknown, "promptchain help lists the commands; each has a page"))?;
    write_to_stdout(&page.text).await
}

/// Writes every page, and says how many there are; or what couldn't be written, and why.
fn write_all(folder: &Path) -> Result<usize, (std::path::PathBuf, io::Error)> {
    std::fs::create_dir_all(folder).map_err(|error| (folder.to_owned(), error))?;
    let pages = pages();
    for page in &pages {
        let path = folder.join(page.file_name());
        std::fs::write(&path, &page.text).map_err(|error| (path, error))?;
    }
    Ok(pages.len())
}
