//! Work on the way to a relay that runs beside whoever waits for it, and tells its steps as they
//! are done.

use crate::error::DialError;
use hybrid_diagnosis::observation::network::NetStep;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Work that was started; given up when dropped.
pub struct BackgroundTask<T> {
    task: JoinHandle<Result<T, DialError>>,
    steps: mpsc::UnboundedReceiver<NetStep>,
}

/// What a background task tells.
pub enum TaskEvent<T> {
    /// A step is done.
    Step(NetStep),
    /// All of it is, and there is nothing more to hear.
    Done(Result<T, DialError>),
}

impl<T: Send + 'static> BackgroundTask<T> {
    /// Starts work, which is given whom to tell its steps to.
    pub(crate) fn start<W>(work: impl FnOnce(mpsc::UnboundedSender<NetStep>) -> W) -> Self
    where
        W: Future<Output = Result<T, DialError>> + Send + 'static,
    {
        let (tell, steps) = mpsc::unbounded_channel();
        Self {
            task: tokio::spawn(work(tell)),
            steps,
        }
    }

    /// The next step, or the end. Cancel-safe; not to be asked after the end.
    pub async fn next(&mut self) -> TaskEvent<T> {
        if let Some(step) = self.steps.recv().await {
            return TaskEvent::Step(step);
        }
        let done = (&mut self.task).await;
        TaskEvent::Done(done.unwrap_or_else(|error| Err(error.into())))
    }

    /// Tells the steps that are left, up to the end.
    pub(crate) async fn finish(
        mut self,
        tell: &mut (dyn FnMut(NetStep) + Send),
    ) -> Result<T, DialError> {
        loop {
            match self.next().await {
                TaskEvent::Step(step) => tell(step),
                TaskEvent::Done(done) => return done,
            }
        }
    }
}

impl<T> Drop for BackgroundTask<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}
