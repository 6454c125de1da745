//! What the buttons do.

use super::{PromptWindow, WindowOutput};
use crate::texts::WindowText;
use crate::view::WindowButton;
use hybrid_prompt_line::PromptLine;

impl PromptWindow {
    pub(super) fn press(&mut self, button: WindowButton) {
        match button {
            WindowButton::NewCode => {
                self.await_code();
                self.say(PromptLine::NewCode);
            }
            WindowButton::Use => {
                self.chosen = true;
                self.say(PromptLine::Use);
            }
            WindowButton::Report => self.reading = true,
            WindowButton::Copy => {
                let text = self.report.text();
                self.outputs.push_back(WindowOutput::Copy(text));
                self.news = Some(WindowText::ReportCopied);
            }
            WindowButton::Back => self.reading = false,
            WindowButton::NotNow => self.decline(PromptLine::NotNow),
            WindowButton::Cancel => self.decline(PromptLine::Cancel),
            WindowButton::Close => self.leave(),
        }
    }

    fn decline(&mut self, line: PromptLine) {
        self.say(line);
        self.leave();
    }
}
