//! Lines that a person types at the terminal.

use std::fs::File;
use std::io::{self, BufReader, IsTerminal as _};
use std::thread;
use std::time::Duration;

/// Between looks at whether a terminal that belongs to another program is ours again: who reads it
/// meanwhile is stopped by the kernel.
const OTHERS: Duration = Duration::from_millis(500);

/// Where lines are typed.
pub(super) enum Keyboard {
    /// Standard input is a terminal.
    Stdin,
    /// Standard input is something else, and there is a terminal all the same.
    Terminal(File),
}

impl Keyboard {
    /// Of the person at this program, if there is one.
    pub(super) fn find() -> Option<Self> {
        if io::stdin().is_terminal() {
            return Some(Self::Stdin);
        }
        File::open("/dev/tty").ok().map(Self::Terminal)
    }

    /// Hands over each line, until it is told that there are enough.
    pub(super) fn listen(self, mut take: impl FnMut(&str) -> bool + Send + 'static) {
        // Reading a terminal cannot be cancelled; the thread ends with the process. Without one
        // there are no keys.
        let reader = thread::Builder::new().name("keyboard".to_owned());
        let _ = reader.spawn(move || match self {
            Self::Stdin => read(io::stdin().lock(), || true, &mut take),
            Self::Terminal(file) => {
                let ours = file.try_clone();
                let ours = || ours.as_ref().is_ok_and(is_ours);
                read(BufReader::new(file), ours, &mut take);
            }
        });
    }
}

fn read(mut from: impl io::BufRead, ours: impl Fn() -> bool, take: &mut impl FnMut(&str) -> bool) {
    loop {
        while !ours() {
            thread::sleep(OTHERS);
        }
        let mut line = String::new();
        match from.read_line(&mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) if !take(line.trim_end_matches('\n')) => return,
            Ok(_) => {}
        }
    }
}

fn is_ours(terminal: &File) -> bool {
    let foreground = rustix::termios::tcgetpgrp(terminal);
    foreground.map_or(true, |group| group == rustix::process::getpgrp())
}
