//! The prompt: a process of its own, so that nothing of a desktop's is linked here, and whatever
//! happens to it ends one request and not the agent. What is secret goes through its pipe alone.

use crate::output;
use hybrid_prompt_line::{LONGEST_LINE, PromptAsk, PromptLine, close_line};
use serde_json::Value;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;
use zeroize::Zeroizing;

/// Lines that may wait for a prompt that is busy. More happens in no request.
const WAITING: usize = 1024;
/// A prompt that was told to disappear, or whose lines are over, is gone by then.
const GONE: Duration = Duration::from_secs(1);

/// How a prompt is started.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PromptProgram {
    /// What is run.
    pub program: PathBuf,
    /// With these arguments: never anything of a request.
    pub args: Vec<OsString>,
    /// Whether one that has told of a failure may stay for the person to read it.
    pub lingers: bool,
    /// Whether it is on the terminal that this program's lines go to: they wait meanwhile.
    pub has_terminal: bool,
}

/// A prompt that runs.
pub struct PromptProcess {
    lines: LineSender,
    said: mpsc::Receiver<PromptLine>,
}

/// The way to a prompt.
#[derive(Clone)]
pub struct LineSender(mpsc::Sender<Zeroizing<String>>);

impl PromptProgram {
    /// Starts it with a question.
    ///
    /// # Errors
    /// What the system says.
    pub fn start(&self, ask: &PromptAsk) -> io::Result<PromptProcess> {
        let mut child = Command::new(&self.program)
            .args(&self.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let missing = || io::Error::other("a pipe is missing");
        let stdin = child.stdin.take().ok_or_else(missing)?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        let (sender, lines) = mpsc::channel(WAITING);
        let (to_agent, said) = mpsc::channel(4);
        let lines_to = LineSender(sender);
        lines_to.json(&ask.to_json());
        let held = self.has_terminal.then(|| output::stderr().hold());
        let lingers = self.lingers;
        tokio::spawn(async move {
            attend(child, stdin, stdout, lines, to_agent, lingers).await;
            drop(held);
        });
        Ok(PromptProcess {
            lines: lines_to,
            said,
        })
    }
}

impl PromptProcess {
    /// What it says next; `None` when it is gone. Cancel-safe.
    pub async fn next(&mut self) -> Option<PromptLine> {
        self.said.recv().await
    }

    /// The way to it.
    pub fn lines(&self) -> LineSender {
        self.lines.clone()
    }

    /// Tells it to disappear at once.
    pub fn close(self) {
        self.lines.json(&close_line());
    }
}

impl LineSender {
    /// Tells it something. What finds no room is lost: it does not read.
    pub fn json(&self, line: &Value) -> bool {
        self.text(Zeroizing::new(line.to_string()))
    }

    /// The same, for what is secret.
    pub fn text(&self, mut line: Zeroizing<String>) -> bool {
        line.push('\n');
        self.0.try_send(line).is_ok()
    }
}

/// Carries lines both ways until one side ends, and sees to it that the process is gone.
async fn attend(
    mut child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
    mut lines: mpsc::Receiver<Zeroizing<String>>,
    to_agent: mpsc::Sender<PromptLine>,
    lingers: bool,
) {
    let mut stdin = Some(stdin);
    let mut said = BufReader::new(stdout);
    let mut closed = false;
    {
        let write = write(&mut stdin, &mut lines, &to_agent, &mut closed);
        let read = read(&mut said, &to_agent);
        tokio::select! {
            // The agent has no more to say, or the prompt does not listen.
            () = write => {}
            // The prompt has no more to say.
            () = read => {}
        }
    }
    // What it may still be told is nothing: end of file.
    drop((stdin, to_agent));
    if lingers && !closed && timeout(GONE, child.wait()).await.is_err() {
        // The person may read why it failed for as long as they like.
        let _ = child.wait().await;
    } else if timeout(GONE, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}

async fn write(
    stdin: &mut Option<ChildStdin>,
    lines: &mut mpsc::Receiver<Zeroizing<String>>,
    to_agent: &mpsc::Sender<PromptLine>,
    closed: &mut bool,
) {
    let Some(stdin) = stdin else { return };
    let close = close_line().to_string();
    while let Some(line) = lines.recv().await {
        *closed |= line.trim_end() == close;
        let over = async {
            to_agent.closed().await;
            tokio::time::sleep(GONE).await;
        };
        tokio::select! {
            written = stdin.write_all(line.as_bytes()) => {
                if written.is_err() {
                    return;
                }
            }
            // The pipe is full: what does not read would not read that it is to disappear.
            () = over => {
                *closed = true;
                return;
            }
        }
    }
}

async fn read(said: &mut BufReader<ChildStdout>, to_agent: &mpsc::Sender<PromptLine>) {
    let mut line = Vec::new();
    loop {
        let Ok(available) = said.fill_buf().await else {
            return;
        };
        if available.is_empty() {
            return;
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let piece = available.get(..end.unwrap_or(available.len()));
        let room = LONGEST_LINE.saturating_sub(line.len());
        line.extend(piece.into_iter().flatten().take(room));
        let taken = end.map_or(available.len(), |end| end + 1);
        said.consume(taken);
        if end.is_some() {
            if let Some(word) = PromptLine::read(&line) {
                // Who listened may be gone while the prompt is told so.
                let _ = to_agent.send(word).await;
            }
            line.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hybrid_prompt_line::AskKind;
    use std::time::Instant;

    fn ask() -> PromptAsk {
        PromptAsk {
            id: 1,
            kind: AskKind::Get,
            rp_id: "example.org".to_owned(),
            program: None,
            notes: Vec::new(),
        }
    }

    fn shell(script: &str) -> PromptProgram {
        PromptProgram {
            program: "/bin/sh".into(),
            args: vec!["-c".into(), script.into()],
            lingers: false,
            has_terminal: false,
        }
    }

    #[tokio::test]
    async fn what_a_prompt_says_is_heard_and_what_is_not_known_is_not() {
        let script = r#"read ask; echo '{"ev":"of the future"}'; echo no json; head -c 100000 /dev/zero; echo
            echo '{"ev":"shown","more":1}'; read line; case "$line" in *close*) echo '{"ev":"cancel"}';; esac"#;
        let mut prompt = shell(script).start(&ask()).unwrap();
        assert_eq!(prompt.next().await, Some(PromptLine::Shown));
        prompt.lines().json(&close_line());
        assert_eq!(prompt.next().await, Some(PromptLine::Cancel));
        assert_eq!(prompt.next().await, None);
    }

    #[tokio::test]
    async fn a_prompt_that_dies_or_does_not_start_is_noticed_at_once() {
        let began = Instant::now();
        let mut prompt = shell("kill -9 $$").start(&ask()).unwrap();
        assert_eq!(prompt.next().await, None);
        assert!(began.elapsed() < Duration::from_secs(5));
        let nowhere = PromptProgram {
            program: "/nowhere/prompt".into(),
            ..shell("")
        };
        assert!(nowhere.start(&ask()).is_err());
    }

    #[tokio::test]
    async fn a_prompt_that_does_not_listen_is_ended() {
        // One process, so that nothing of it is left: what a shell ignores, what it becomes does, too.
        let script = r#"trap '' TERM; echo '{"ev":"shown"}'; exec sleep 1000"#;
        let mut prompt = shell(script).start(&ask()).unwrap();
        assert_eq!(prompt.next().await, Some(PromptLine::Shown));
        let PromptProcess { lines, mut said } = prompt;
        lines.json(&close_line());
        drop(lines);
        assert_eq!(said.recv().await, None, "its output ended with it");
    }
    #[tokio::test]
    async fn a_prompt_that_reads_nothing_of_much_is_ended_too() {
        let lingers = PromptProgram {
            lingers: true,
            ..shell(r#"echo '{"ev":"shown"}'; exec sleep 1000"#)
        };
        let mut prompt = lingers.start(&ask()).unwrap();
        assert_eq!(prompt.next().await, Some(PromptLine::Shown));
        let PromptProcess { lines, said } = prompt;
        // More than a pipe takes.
        for _ in 0..20 {
            lines.text(Zeroizing::new("x".repeat(LONGEST_LINE)));
        }
        let watch = lines.0.clone();
        lines.json(&close_line());
        drop((lines, said));
        let gone = timeout(Duration::from_secs(10), watch.closed()).await;
        assert!(gone.is_ok(), "nobody attends to it any more");
    }
}
