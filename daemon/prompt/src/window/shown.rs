//! What a state looks like, and what is said of it to who does not see it.

use super::{Phase, PromptWindow};
use crate::steps::StepMark;
use crate::texts::WindowText;
use crate::view::{CodeView, StepView, TroubleView, WindowButton, WindowView};
use hybrid_diagnosis::catalogue;
use hybrid_diagnosis::finding::Finding;
use hybrid_prompt_line::{AskKind, PromptAsk, PromptNote, is_of_web};

impl PromptWindow {
    /// What is to be drawn.
    pub fn view(&self) -> WindowView {
        view(self)
    }

    /// What can be pressed; the last one is what Escape does.
    pub(super) fn buttons(&self) -> Vec<WindowButton> {
        buttons(self)
    }

    /// What a screen reader says of it.
    pub(super) fn spoken(&self) -> String {
        spoken(self)
    }
}

fn view(window: &PromptWindow) -> WindowView {
    let texts = &window.texts;
    let labelled = |button| (button, texts.say(label(button)));
    let mut view = WindowView {
        headline: texts.say(headline(window.ask.as_ref())),
        buttons: buttons(window).into_iter().map(labelled).collect(),
        news: news(window).map_or_else(String::new, |text| texts.say(text)),
        report: window.reading.then(|| {
            let heading = texts.say(WindowText::ReportTitle);
            (heading, window.report.text())
        }),
        ..WindowView::default()
    };
    let Some(ask) = &window.ask else {
        return view;
    };
    view.party.clone_from(&ask.rp_id);
    view.program = match &ask.program {
        Some(program) => texts.say_with(WindowText::ProgramHint, "program", program),
        None if ask.kind == AskKind::Select => String::new(),
        None => texts.say(WindowText::ProgramUnknown),
    };
    view.trouble = window
        .trouble
        .first()
        .map(|(finding, _)| trouble(window, &finding));
    if ask.kind == AskKind::Select {
        view.how = texts.say(WindowText::SelectHow);
        return view;
    }
    if window.phase == Phase::Live && window.steps.awaits_scan() {
        view.how = texts.say(WindowText::ScanHow);
        let notes = ask.notes.iter();
        view.notes = notes.map(|note| texts.say(of_note(*note))).collect();
    }
    match (&window.code, place(window)) {
        (Some(_), _) => view.code = CodeView::Shown(window.codes),
        (None, text) => {
            view.code = CodeView::Text;
            view.in_place_of_code = texts.say(text);
        }
    }
    let step = |(mark, text)| {
        let words = texts.say(text);
        let text = match mark {
            StepMark::Stopped => texts.say_with(WindowText::StepStopped, "step", &words),
            StepMark::Todo | StepMark::Active | StepMark::Done => words,
        };
        StepView { mark, text }
    };
    view.steps = window.steps.lines().map(step).into();
    view
}

fn buttons(window: &PromptWindow) -> Vec<WindowButton> {
    use WindowButton::{Back, Cancel, Close, Copy, NewCode, NotNow, Report, Use};
    if window.reading {
        return vec![Copy, Back];
    }
    let report = window.trouble.first().map(|_| Report);
    let kind = window.ask.as_ref().map(|ask| ask.kind);
    let (first, rest): (Option<WindowButton>, &[WindowButton]) = match (window.phase, kind) {
        (Phase::Live, Some(AskKind::Select)) if window.chosen => (None, &[]),
        (Phase::Live, Some(AskKind::Select)) => (Some(Use), &[NotNow]),
        (Phase::Live, _) if window.code.is_some() => (Some(NewCode), &[NotNow, Cancel]),
        (Phase::Live, _) => (None, &[Cancel]),
        (Phase::Renewable, _) => (Some(NewCode), &[Cancel]),
        (Phase::Failed | Phase::AgentGone, _) => (None, &[Close]),
        (Phase::Done | Phase::Left, _) => (None, &[]),
    };
    first
        .into_iter()
        .chain(report)
        .chain(rest.iter().copied())
        .collect()
}

fn spoken(window: &PromptWindow) -> String {
    let Some(ask) = &window.ask else {
        return String::new();
    };
    let texts = &window.texts;
    let say = |text| texts.say(text);
    let question = || {
        let party = if ask.rp_id.is_empty() { "" } else { " " };
        format!("{}{party}{}", say(headline(Some(ask))), ask.rp_id)
    };
    let mut parts = Vec::new();
    match window.phase {
        Phase::Live => {
            if let Some((finding, _)) = window.trouble.first() {
                parts.push(say(WindowText::TroubleLive));
                parts.push(name_of(&finding).to_owned());
            } else if let Some(news) = news(window) {
                parts.push(say(news));
            } else if ask.kind == AskKind::Select {
                parts.push(question());
            } else if let Some(step) = window.steps.active() {
                // Who asks for what comes before the first thing to do.
                if window.steps.awaits_scan() {
                    parts.push(question());
                }
                parts.push(say(step));
            }
        }
        Phase::Renewable | Phase::Failed | Phase::AgentGone => {
            parts.push(say(WindowText::TroubleFailed));
            if let Some((finding, _)) = window.trouble.first() {
                parts.push(name_of(&finding).to_owned());
            }
            parts.extend(news(window).map(say));
        }
        Phase::Done => parts.extend(news(window).map(say)),
        Phase::Left => {}
    }
    parts.join(". ")
}

fn headline(ask: Option<&PromptAsk>) -> WindowText {
    let Some(ask) = ask else {
        return WindowText::AskWaiting;
    };
    match (ask.kind, is_of_web(&ask.rp_id)) {
        (AskKind::Create, true) => WindowText::AskCreate,
        (AskKind::Create, false) => WindowText::AskCreateKey,
        (AskKind::Get, true) => WindowText::AskGet,
        (AskKind::Get, false) => WindowText::AskGetKey,
        (AskKind::Select, _) => WindowText::AskSelect,
    }
}

fn news(window: &PromptWindow) -> Option<WindowText> {
    let of_web = window.ask.as_ref().is_some_and(|ask| is_of_web(&ask.rp_id));
    match window.phase {
        _ if window.news == Some(WindowText::ReportCopied) && window.reading => window.news,
        Phase::Live => window.news,
        Phase::Renewable => Some(WindowText::CanRenew),
        Phase::Failed if of_web => Some(WindowText::OverFailedWeb),
        Phase::Failed => Some(WindowText::OverFailedKey),
        Phase::AgentGone => Some(WindowText::OverAgentGone),
        Phase::Done => Some(WindowText::OverDone),
        Phase::Left => None,
    }
}

/// What stands where a code would.
fn place(window: &PromptWindow) -> WindowText {
    match window.phase {
        _ if !window.steps.awaits_scan() => WindowText::CodeUsed,
        Phase::Live => WindowText::CodeAwaited,
        Phase::Renewable | Phase::Failed | Phase::AgentGone | Phase::Done | Phase::Left => {
            WindowText::CodeVoid
        }
    }
}

fn trouble(window: &PromptWindow, finding: &Finding) -> TroubleView {
    let say = |text| window.texts.say(text);
    let heading = match window.phase {
        Phase::Live | Phase::Done | Phase::Left => say(WindowText::TroubleLive),
        Phase::Renewable | Phase::Failed | Phase::AgentGone => say(WindowText::TroubleFailed),
    };
    let english = say(WindowText::TroubleEnglish);
    TroubleView {
        heading: format!("{heading} {english}").trim_end().to_owned(),
        name: format!("{}: {}", finding.code, name_of(finding)),
        saw: finding.saw.clone(),
        means_heading: say(WindowText::TroubleMeans),
        means: finding.means.to_owned(),
        todo_heading: say(WindowText::TroubleTodo),
        todo: finding.advice.to_owned(),
    }
}

fn name_of(finding: &Finding) -> &'static str {
    catalogue::find(finding.code).map_or("", |entry| entry.name)
}

const fn of_note(note: PromptNote) -> WindowText {
    match note {
        PromptNote::UsbTransport => WindowText::NoteUsbTransport,
        PromptNote::AaguidErased => WindowText::NoteAaguidErased,
        PromptNote::OtherCode => WindowText::NoteOtherCode,
    }
}

const fn label(button: WindowButton) -> WindowText {
    match button {
        WindowButton::NewCode => WindowText::ButtonNewCode,
        WindowButton::Use => WindowText::ButtonUse,
        WindowButton::Report => WindowText::ButtonReport,
        WindowButton::Copy => WindowText::ButtonCopy,
        WindowButton::Back => WindowText::ButtonBack,
        WindowButton::NotNow => WindowText::ButtonNotNow,
        WindowButton::Cancel => WindowText::ButtonCancel,
        WindowButton::Close => WindowText::ButtonClose,
    }
}
