//! A running `hybridd`, and what it says as it goes.

use super::{Ended, PATIENCE, give};
use serde_json::Value;
use std::io;
use std::time::Instant;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

/// A running `hybridd`.
pub struct Desktop {
    child: Child,
    stderr: BufReader<ChildStderr>,
    said: String,
}

impl Desktop {
    /// Starts it and gives it its options.
    ///
    /// # Errors
    /// What the system says.
    pub async fn start(command: &mut Command, options: &str) -> io::Result<Self> {
        let mut child = command.spawn()?;
        give(&mut child, options).await?;
        let stderr = child
            .stderr
            .take()
            .ok_or_else(|| io::Error::other("no standard error"))?;
        Ok(Self {
            child,
            stderr: BufReader::new(stderr),
            said: String::new(),
        })
    }

    /// Reads until an event of this kind comes.
    ///
    /// # Errors
    /// Everything that was said, when it does not come.
    pub async fn event(&mut self, kind: &str) -> Result<Value, String> {
        self.event_where(|event| event.get("ev").is_some_and(|ev| ev == kind))
            .await
    }

    /// Reads until an event comes that fits.
    ///
    /// # Errors
    /// Everything that was said, when none comes.
    pub async fn event_where(&mut self, fits: impl Fn(&Value) -> bool) -> Result<Value, String> {
        let read = async {
            loop {
                let mut line = String::new();
                if self.stderr.read_line(&mut line).await.unwrap_or_default() == 0 {
                    return None;
                }
                self.said.push_str(&line);
                if let Ok(event) = serde_json::from_str::<Value>(&line)
                    && fits(&event)
                {
                    return Some(event);
                }
            }
        };
        let event = timeout(PATIENCE, read).await.unwrap_or_default();
        event.ok_or_else(|| format!("the event did not come; hybridd said:\n{}", self.said))
    }

    /// Reads until it listens to the radio.
    ///
    /// # Errors
    /// As [`Self::event`].
    pub async fn listening(&mut self) -> Result<Value, String> {
        self.event_where(|event| event.get("listening").is_some_and(Value::is_array))
            .await
    }

    /// The text of the code that it shows.
    ///
    /// # Errors
    /// As [`Self::event`].
    pub async fn code(&mut self) -> Result<String, String> {
        let event = self.event("qr").await?;
        event
            .get("url")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| "a code without text".to_owned())
    }

    /// Waits for the first line on standard output, and says when it came.
    ///
    /// # Errors
    /// When none comes.
    pub async fn first_line(&mut self) -> Result<Instant, String> {
        let stdout = self
            .child
            .stdout
            .take()
            .ok_or("standard output was read already")?;
        let mut line = String::new();
        let read = timeout(PATIENCE, BufReader::new(stdout).read_line(&mut line)).await;
        match read {
            Ok(Ok(1..)) => Ok(Instant::now()),
            other => Err(format!("nothing was printed: {other:?}")),
        }
    }

    /// Its process id.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// Everything that was said, when it does not end.
    pub async fn end(mut self) -> Result<Ended, String> {
        let mut rest = Vec::new();
        let read = async {
            self.stderr.read_to_end(&mut rest).await?;
            self.child.wait_with_output().await
        };
        let mut ended: Ended = match timeout(PATIENCE, read).await {
            Ok(output) => output.map_err(|error| error.to_string())?.into(),
            Err(_) => return Err(format!("hybridd does not end; it said:\n{}", self.said)),
        };
        self.said.push_str(&String::from_utf8_lossy(&rest));
        ended.stderr = self.said;
        Ok(ended)
    }
}
