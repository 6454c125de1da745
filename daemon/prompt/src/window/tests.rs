//! Whole requests in virtual time.

use super::*;
use crate::examples::{ask, code, code_text, event};
use crate::language::TextLanguage;
use crate::view::CodeView;
use hybrid_diagnosis::catalogue::{BLUETOOTH_OFF, NO_PHONE_HEARD};
use hybrid_diagnosis::explain::status;
use hybrid_diagnosis::finding::Finding;
use hybrid_diagnosis::timeline::{
    AdvertOwner, AdvertSighting, EventKind, FailureKind, SessionFailure,
};
use hybrid_prompt_line::PromptNote;
use hybrid_protocol::Stage;
use proptest::prelude::*;

struct Play {
    window: PromptWindow,
    now: Instant,
}

impl Play {
    fn new(language: TextLanguage) -> Self {
        Self {
            window: PromptWindow::new(WindowTexts::new(language)),
            now: Instant::now(),
        }
    }

    /// A code that is on the screen, long enough for its buttons to count.
    fn shown(question: PromptAsk) -> Self {
        let mut play = Self::new(TextLanguage::English);
        play.line(AgentLine::Ask(question));
        play.line(code(1));
        play.paint();
        play.pass(ARMING);
        play.outputs();
        play
    }

    fn line(&mut self, line: AgentLine) {
        self.window.handle_line(line, self.now);
    }

    /// A frame, with the code that the window has.
    fn paint(&mut self) {
        self.window.handle_code_painted();
        self.window.handle_painted(self.now);
    }

    fn press(&mut self, button: WindowButton) {
        self.window.handle_press(button, self.now);
    }

    /// Time passes as a loop lets it pass: from timer to timer.
    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(due) = self.window.poll_timeout().filter(|due| *due <= until) {
            self.window.handle_timeout(due);
        }
        self.now = until;
        self.window.handle_timeout(until);
    }

    fn outputs(&mut self) -> Vec<WindowOutput> {
        std::iter::from_fn(|| self.window.poll_output()).collect()
    }

    fn announced(&mut self) -> Vec<String> {
        let outputs = self.outputs().into_iter();
        let text = |output| match output {
            WindowOutput::Announce(text) => Some(text),
            WindowOutput::Say(_) | WindowOutput::Copy(_) | WindowOutput::Leave => None,
        };
        outputs.filter_map(text).collect()
    }

    fn buttons(&self) -> Vec<WindowButton> {
        self.window.buttons()
    }
}

fn stage(stage: Stage) -> AgentLine {
    event(EventKind::Stage(stage))
}

fn finding(entry: &'static hybrid_diagnosis::catalogue::Entry) -> AgentLine {
    event(EventKind::Finding(Finding::likely(entry, "it was seen")))
}

fn failed() -> AgentLine {
    event(EventKind::Failed(SessionFailure {
        at: Stage::Advert,
        why: FailureKind::TimedOut,
        detail: "timed out".to_owned(),
    }))
}

fn sign_in() -> PromptAsk {
    ask(AskKind::Get, "example.org")
}

#[test]
fn a_request_is_shown_followed_and_seen_to_succeed() {
    let mut play = Play::new(TextLanguage::English);
    play.line(AgentLine::Ask(sign_in()));
    play.paint();
    assert_eq!(play.outputs(), [], "there is nothing to scan yet");
    assert_eq!(play.window.view().code, CodeView::Text);
    play.line(code(1));
    play.window.handle_painted(play.now);
    assert_eq!(play.outputs(), [], "the code could not be painted");
    play.paint();
    play.paint();
    assert_eq!(play.outputs(), [WindowOutput::Say(PromptLine::Shown)]);
    let view = play.window.view();
    assert_eq!(
        (view.headline.as_str(), view.party.as_str()),
        ("Sign in to", "example.org")
    );
    assert_eq!(view.code, CodeView::Shown(1));

    for at in [Stage::Advert, Stage::Tunnel, Stage::Handshake, Stage::Reply] {
        play.line(stage(at));
        assert_eq!(play.window.code().is_some(), at == Stage::Advert);
    }
    play.line(event(EventKind::Done { ok: true }));
    play.line(AgentLine::Close);
    assert_eq!(
        play.window.view().news,
        "Done. You can continue in the program."
    );
    play.pass(FAREWELL - Duration::from_millis(1));
    assert!(!play.outputs().contains(&WindowOutput::Leave));
    play.pass(Duration::from_millis(1));
    assert_eq!(play.outputs(), [WindowOutput::Leave]);
}

#[test]
fn buttons_do_not_count_under_a_finger_that_did_not_expect_them() {
    let mut play = Play::new(TextLanguage::English);
    play.line(AgentLine::Ask(sign_in()));
    play.line(code(1));
    play.press(WindowButton::Cancel);
    play.paint();
    play.outputs();
    play.pass(ARMING - Duration::from_millis(1));
    play.press(WindowButton::Cancel);
    play.window.handle_escape(play.now);
    assert!(
        play.outputs()
            .iter()
            .all(|output| matches!(output, WindowOutput::Announce(_)))
    );
    play.pass(Duration::from_millis(1));
    play.window.handle_escape(play.now);
    let ended = [WindowOutput::Say(PromptLine::Cancel), WindowOutput::Leave];
    assert_eq!(play.outputs(), ended);
}

#[test]
fn a_failure_is_tried_again_inside_the_window() {
    let mut play = Play::shown(sign_in());
    play.line(finding(&NO_PHONE_HEARD));
    let view = play.window.view();
    let trouble = view.trouble.unwrap();
    assert_eq!(trouble.heading, "There is a problem");
    assert!(trouble.name.starts_with(NO_PHONE_HEARD.code) && !trouble.todo.is_empty());
    assert_eq!(view.code, CodeView::Shown(1), "the code stays");
    play.line(failed());
    play.line(finding(&NO_PHONE_HEARD));
    play.line(AgentLine::MayRenew);
    let view = play.window.view();
    assert_eq!(view.trouble.unwrap().heading, "It did not work");
    assert_eq!(
        view.news,
        "The program still waits. “New code” tries again."
    );
    let expected = [
        WindowButton::NewCode,
        WindowButton::Report,
        WindowButton::Cancel,
    ];
    assert_eq!(play.buttons(), expected);
    play.press(WindowButton::NewCode);
    assert!(
        play.outputs()
            .contains(&WindowOutput::Say(PromptLine::NewCode))
    );
    assert_eq!(play.window.view().code, CodeView::Text);
    play.line(event(EventKind::NewCode));
    play.line(code(2));
    play.line(stage(Stage::Advert));
    let view = play.window.view();
    assert_eq!((view.code, view.trouble), (CodeView::Shown(2), None));
    assert!(view.news.starts_with("This is a new code."));
}

#[test]
fn what_a_program_was_told_stays_until_the_person_has_read_it() {
    for (rp_id, advice) in [("example.org", "browser"), ("ssh:", "command")] {
        let mut play = Play::shown(ask(AskKind::Create, rp_id));
        play.line(failed());
        play.line(finding(&BLUETOOTH_OFF));
        play.line(event(EventKind::Done { ok: false }));
        play.window.handle_end(play.now);
        play.pass(Duration::from_secs(3600));
        assert!(!play.outputs().contains(&WindowOutput::Leave));
        let view = play.window.view();
        assert!(
            view.news.contains(advice) && !view.news.contains("New code"),
            "{}",
            view.news
        );
        assert!(view.trouble.is_some());
        assert_eq!(play.buttons(), [WindowButton::Report, WindowButton::Close]);
        play.window.handle_escape(play.now);
        assert_eq!(play.outputs(), [WindowOutput::Leave]);
    }
}

#[test]
fn an_agent_that_is_gone_is_told_and_one_that_closes_is_obeyed_at_once() {
    let mut play = Play::shown(sign_in());
    play.window.handle_end(play.now);
    let view = play.window.view();
    assert!(view.news.contains("hybridd") && view.code == CodeView::Text);
    assert_eq!(play.buttons(), [WindowButton::Close]);
    for more in [None, Some(stage(Stage::Reply)), Some(AgentLine::MayRenew)] {
        let mut play = Play::shown(sign_in());
        more.into_iter().for_each(|line| play.line(line));
        play.outputs();
        play.line(AgentLine::Close);
        play.window.handle_end(play.now);
        assert_eq!(play.outputs(), [WindowOutput::Leave]);
        assert!(play.window.code().is_none());
    }
}

#[test]
fn another_code_is_offered_only_as_long_as_nobody_scanned_this_one() {
    use WindowButton::{Cancel, NewCode, NotNow};
    let mut play = Play::shown(sign_in());
    assert_eq!(play.buttons(), [NewCode, NotNow, Cancel]);
    play.line(stage(Stage::Tunnel));
    assert_eq!(play.buttons(), [Cancel]);
    play.press(NewCode);
    play.press(NotNow);
    assert!(
        play.outputs()
            .iter()
            .all(|output| matches!(output, WindowOutput::Announce(_)))
    );
    play.window.handle_close();
    let ended = [WindowOutput::Say(PromptLine::Cancel), WindowOutput::Leave];
    assert_eq!(play.outputs(), ended);
}

#[test]
fn a_choice_of_keys_has_no_code_and_is_made_once() {
    let mut play = Play::new(TextLanguage::English);
    play.line(AgentLine::Ask(ask(AskKind::Select, "")));
    play.paint();
    assert_eq!(play.outputs(), [WindowOutput::Say(PromptLine::Shown)]);
    play.pass(ARMING);
    let view = play.window.view();
    assert_eq!((view.code, view.steps.len()), (CodeView::Absent, 0));
    assert_eq!(play.buttons(), [WindowButton::Use, WindowButton::NotNow]);
    play.outputs();
    play.press(WindowButton::Use);
    play.press(WindowButton::Use);
    assert_eq!(play.outputs(), [WindowOutput::Say(PromptLine::Use)]);
    play.window.handle_end(play.now);
    assert_eq!(play.outputs(), [WindowOutput::Leave]);
}

#[test]
fn notes_stand_before_the_scan_and_only_there() {
    let mut question = ask(AskKind::Create, "example.org");
    question.notes = vec![PromptNote::UsbTransport, PromptNote::OtherCode];
    question.program = Some("firefox-esr".to_owned());
    let mut play = Play::shown(question);
    let view = play.window.view();
    assert_eq!(view.program, "The program seems to be firefox-esr.");
    assert!(view.notes[0].contains("USB key") && view.notes[1].contains("Either code"));
    play.line(stage(Stage::Tunnel));
    assert_eq!(play.window.view().notes, [""; 0]);
}

#[test]
fn a_phone_with_an_earlier_code_and_a_radio_that_comes_back_are_told() {
    let mut play = Play::shown(sign_in());
    play.line(event(EventKind::Heard(AdvertSighting {
        uuid: 0xfff9,
        whose: AdvertOwner::Stale,
        rssi: None,
        adapter: "hci0".to_owned(),
    })));
    assert!(play.window.view().news.contains("earlier code"));
    play.line(finding(&BLUETOOTH_OFF));
    assert!(play.window.view().trouble.is_some());
    play.line(event(EventKind::Listening(vec!["hci0".to_owned()])));
    assert_eq!(play.window.view().trouble, None);
}

#[test]
fn who_does_not_see_hears_the_question_the_step_and_the_end() {
    let mut play = Play::new(TextLanguage::English);
    play.line(AgentLine::Ask(sign_in()));
    play.line(code(1));
    play.pass(Duration::from_secs(1));
    assert_eq!(
        play.announced(),
        ["Sign in to example.org. Scan the code with the phone"]
    );
    for at in [
        Stage::Tunnel,
        Stage::Handshake,
        Stage::Greeting,
        Stage::Reply,
    ] {
        play.line(stage(at));
        play.pass(Duration::from_millis(50));
    }
    play.pass(Duration::from_secs(5));
    assert_eq!(play.announced(), ["Confirm on the phone now"]);
    play.line(failed());
    play.line(finding(&NO_PHONE_HEARD));
    play.line(AgentLine::MayRenew);
    play.pass(Duration::from_secs(1));
    let told = play.announced().join("|");
    assert!(
        told.starts_with("It did not work. ") && told.ends_with("tries again."),
        "{told}"
    );
}

#[test]
fn the_report_has_what_happened_and_neither_code_nor_party() {
    let mut play = Play::shown(sign_in());
    play.line(finding(&NO_PHONE_HEARD));
    play.press(WindowButton::Report);
    let (heading, text) = play.window.view().report.unwrap();
    assert_eq!(heading, "What happened");
    assert!(text.contains(NO_PHONE_HEARD.code) && text.contains("What to do"));
    assert!(
        !text.contains("example.org") && !text.contains("FIDO"),
        "{text}"
    );
    play.outputs();
    play.press(WindowButton::Copy);
    assert_eq!(play.outputs(), [WindowOutput::Copy(text)]);
    assert_eq!(play.window.view().news, "The report has been copied.");
    play.window.handle_escape(play.now);
    assert_eq!(play.window.view().report, None);
}

#[test]
fn a_second_new_code_is_announced_like_the_first() {
    let mut play = Play::new(TextLanguage::English);
    play.line(AgentLine::Ask(sign_in()));
    play.line(code(1));
    play.pass(Duration::from_secs(5));
    play.outputs();
    for number in [2, 3] {
        play.line(event(EventKind::NewCode));
        play.line(code(number));
        play.pass(Duration::from_secs(5));
        let told = play.announced();
        assert!(
            told.iter().any(|text| text.contains("new code")),
            "{number}: {told:?}"
        );
    }
}

#[test]
fn a_window_that_has_left_takes_no_button() {
    let mut play = Play::new(TextLanguage::English);
    for number in [1, 6, 11, 4, 9] {
        input(&mut play, number);
    }
    assert!(play.outputs().contains(&WindowOutput::Leave));
    for button in 16..24 {
        input(&mut play, button);
        assert_eq!(play.outputs(), [], "{button}");
    }
}

#[test]
fn every_state_has_words_in_every_language() {
    for language in TextLanguage::ALL {
        let mut play = Play::new(language);
        for line in [
            AgentLine::Ask(sign_in()),
            code(1),
            stage(Stage::Reply),
            finding(&BLUETOOTH_OFF),
            failed(),
            AgentLine::MayRenew,
            event(EventKind::Done { ok: false }),
        ] {
            play.line(line);
            let view = play.window.view();
            assert!(!view.headline.is_empty() && !view.program.is_empty());
            assert!(view.buttons.iter().all(|(_, label)| !label.is_empty()));
            let english = language == TextLanguage::English;
            if let Some(trouble) = view.trouble {
                let marked = trouble.heading.ends_with([')', '）']);
                assert_eq!(marked, !english, "{}", trouble.heading);
            }
        }
    }
}

/// What can come, by its number.
fn input(play: &mut Play, number: u8) {
    use WindowButton::{Back, Cancel, Close, Copy, NewCode, NotNow, Report, Use};
    const BUTTONS: [WindowButton; 8] = [NewCode, Use, Report, Copy, Back, NotNow, Cancel, Close];
    match number {
        0 => play.line(AgentLine::Ask(sign_in())),
        1 => play.line(AgentLine::Ask(ask(AskKind::Select, ""))),
        2 => play.line(code(2)),
        3 => play.line(AgentLine::MayRenew),
        4 => play.line(AgentLine::Close),
        5 => play.window.handle_end(play.now),
        6 => play.paint(),
        7 => play.window.handle_escape(play.now),
        8 => play.window.handle_close(),
        9 => play.pass(Duration::from_millis(600)),
        10 => play.line(failed()),
        11 => play.line(finding(&BLUETOOTH_OFF)),
        12 => play.line(event(EventKind::Done { ok: true })),
        13 => play.line(event(EventKind::Done { ok: false })),
        14 => play.line(stage(Stage::Tunnel)),
        15 => play.line(event(EventKind::NewCode)),
        button => {
            let button = BUTTONS[usize::from(button - 16)];
            play.press(button);
        }
    }
}

#[test]
fn why_the_phone_refused_is_told_when_the_session_is_over() {
    let mut play = Play::shown(sign_in());
    for at in [Stage::Tunnel, Stage::Reply] {
        play.line(stage(at));
    }
    play.line(event(EventKind::Finding(status(0x19))));
    for at in [Stage::Linger, Stage::Done] {
        play.line(stage(at));
    }
    play.line(event(EventKind::Done { ok: false }));
    let told = play.window.view().trouble.unwrap();
    assert!(told.name.starts_with("CT19"), "{told:?}");
}

proptest! {
    #[test]
    fn whatever_comes_the_code_stays_in_the_picture_and_nothing_follows_the_end(
        inputs in proptest::collection::vec(0_u8..24, 0..40)
    ) {
        let secret = code_text(2);
        let mut play = Play::new(TextLanguage::English);
        let (mut left, mut shown) = (false, 0);
        for number in inputs {
            input(&mut play, number);
            let view = play.window.view();
            prop_assert_eq!(matches!(view.code, CodeView::Shown(_)), play.window.code().is_some());
            let told = format!("{view:?}");
            prop_assert!(!told.contains(&secret) && !told.contains("FIDO"));
            for output in play.outputs() {
                prop_assert!(!left, "{:?} after the end", output);
                left = output == WindowOutput::Leave;
                shown += u32::from(output == WindowOutput::Say(PromptLine::Shown));
                let told = format!("{output:?}");
                prop_assert!(!told.contains("FIDO"));
            }
        }
        prop_assert!(shown <= 1);
    }
}
