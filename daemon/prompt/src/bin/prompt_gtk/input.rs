//! Reads the agent's lines in a thread and hands them to the window's.

use crate::carrier::Carrier;
use gtk::glib;
use hybrid_prompt_line::read_lines;
use std::io;
use std::rc::Rc;
use std::thread;

/// Lines that wait to be shown.
const WAITING: usize = 64;

/// Follows the agent until it says no more.
pub(crate) fn follow(carrier: Rc<Carrier>) {
    let (sender, lines) = async_channel::bounded(WAITING);
    thread::spawn(move || {
        let input = io::stdin().lock();
        read_lines(input, |line| sender.send_blocking(line).is_ok());
    });
    glib::spawn_future_local(async move {
        while let Ok(line) = lines.recv().await {
            carrier.change(|window, now| window.handle_line(line, now));
        }
        carrier.change(|window, now| window.handle_end(now));
    });
}
