//! A command at a pseudo-terminal of 100 columns, that is talked to as its user would.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::PATIENCE;

/// A command that is running at a terminal.
pub(crate) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    /// It types an end of file when it is dropped.
    keyboard: Box<dyn Write + Send>,
    shown: Receiver<Vec<u8>>,
    reading: JoinHandle<()>,
    screen: String,
    /// How the terminal was set before the command ran.
    mode: String,
}

impl Terminal {
    /// Starts `promptchain` in that folder, with an empty environment.
    pub(crate) fn start(folder: &Path, args: &[&str]) -> Self {
        Self::start_with(folder, args, &[])
    }

    /// The same with that environment.
    pub(crate) fn start_with(folder: &Path, args: &[&str], environment: &[(&str, &str)]) -> Self {
        let size = PtySize { rows: 24, cols: 100, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).unwrap();
        let mode = mode(&*pair.master);
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_promptchain"));
        command.env_clear();
        command.env("TERM", "xterm");
        for (name, value) in environment {
            command.env(name, value);
        }
        command.cwd(folder);
        command.args(args);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, shown) = mpsc::channel();
        let reading = std::thread::spawn(move || {
            let mut bytes = [0; 1024];
            // On Linux a terminal whose last user has gone ends in an error instead of an end of file.
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                sender.send(bytes[..count].to_vec()).unwrap();
            }
        });
        let keyboard = pair.master.take_writer().unwrap();
        Self { child, master: pair.master, keyboard, shown, reading, screen: String::new(), mode }
    }

    /// Waits until this is the last that is shown.
    #[track_caller]
    pub(crate) fn asks(&mut self, question: &str) -> &mut Self {
        while !self.screen.ends_with(question) {
            match self.shown.recv_timeout(PATIENCE) {
                Ok(bytes) => self.screen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(error) => panic!("{error}, and no {question:?} in: {}", self.screen),
            }
        }
        self
    }

    /// Types that.
    pub(crate) fn types(&mut self, keys: &str) -> &mut Self {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits for its end: its exit code, and all that was shown. The terminal must be left as it was.
    #[track_caller]
    pub(crate) fn end(mut self) -> (u32, String) {
        let code = self.child.wait().unwrap().exit_code();
        assert_eq!(mode(&*self.master), self.mode, "the terminal isn't left as it was");
        drop((self.keyboard, self.master));
        self.reading.join().unwrap();
        let rest: Vec<u8> = self.shown.iter().flatten().collect();
        self.screen.push_str(&String::from_utf8_lossy(&rest));
        (code, self.screen)
    }
}

/// What the terminal does with what is typed.
fn mode(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().expect("a terminal"))
}
