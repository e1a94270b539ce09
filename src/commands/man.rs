//! `promptchain man`: prints a page of the manual, or writes all of them into a folder.

use std::path::Path;

use super::help::unknown_word;
use super::new_file::{NewFile, replace_all};
use super::{say_on_stderr, write_to_stdout};
use crate::cli::{GlobalArgs, ManArgs};
use crate::error::Error;
use crate::manual::{Page, find_page, pages};
use crate::report::terminal_text::one_line;

pub(super) async fn man(args: &ManArgs, globals: &GlobalArgs) -> Result<(), Error> {
    if let Some(folder) = &args.dir {
        let written = write_all(folder)?;
        if !globals.quiet {
            let folder = one_line(&folder.to_string_lossy());
            say_on_stderr(&format!("wrote {written} pages to {folder}"));
        }
        return Ok(());
    }
    let page = find_page(&args.words)
        .map_err(|unknown| unknown_word(&unknown, "promptchain help lists the commands; each has a page"))?;
    write_to_stdout(&page.text).await
}

/// Writes every page, in the place of older ones, and says how many there are.
fn write_all(folder: &Path) -> Result<usize, Error> {
    let file = |page: Page| NewFile {
        path: folder.join(page.file_name()),
        text: page.text.into(),
        is_secret: false,
    };
    let files: Vec<NewFile> = pages().into_iter().map(file).collect();
    let written = files.len();
    replace_all(files)?;
    Ok(written)
}
