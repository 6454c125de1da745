//! Reads an agent's lines until it says no more.

use crate::line::{AgentLine, LONGEST_LINE};
use std::io::{BufRead, Read as _};
use zeroize::Zeroizing;

/// Hands over what the agent says, until it says no more or `take` returns false.
///
/// What is longer than [`LONGEST_LINE`] is left out up to its end.
pub fn read_lines(mut from: impl BufRead, mut take: impl FnMut(AgentLine) -> bool) {
    let mut within_long = false;
    loop {
        // It may hold a code, and is wiped.
        let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_LINE));
        let most = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX);
        match from.by_ref().take(most).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let begun_before = within_long;
        within_long = !line.ends_with(b"\n");
        // The last line may come without an end; one that is cut is not valid JSON.
        if !begun_before
            && let Some(line) = AgentLine::read(&line)
            && !take(line)
        {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{close_line, may_renew_line};

    fn read(input: &str) -> Vec<&'static str> {
        let mut heard = Vec::new();
        read_lines(input.as_bytes(), |line| {
            heard.push(match line {
                AgentLine::Ask(_) => "ask",
                AgentLine::Code(_) => "code",
                AgentLine::MayRenew => "may-renew",
                AgentLine::Close => "close",
                AgentLine::Event(_) => "event",
            });
            true
        });
        heard
    }

    #[test]
    fn a_line_that_is_too_long_is_left_out_and_the_next_one_is_read() {
        let long = format!("{{\"ev\":\"{}\"}}", "x".repeat(3 * LONGEST_LINE));
        let hidden = format!("{}{}", "x".repeat(LONGEST_LINE), close_line());
        let renew = may_renew_line();
        assert_eq!(read(&format!("{long}\n{hidden}\n{renew}\n")), ["may-renew"]);
    }

    #[test]
    fn the_last_line_may_come_without_an_end() {
        assert_eq!(read(&close_line().to_string()), ["close"]);
        assert_eq!(read(""), [""; 0]);
    }
}
