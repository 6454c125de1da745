//! The window's own texts in one language.

use crate::language::TextLanguage;
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};

macro_rules! texts {
    ($($name:ident = $key:literal,)*) => {
        /// A text of the window; `texts/en.ftl` has the words.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[expect(missing_docs, reason = "each is named like its text in texts/en.ftl")]
        pub enum WindowText {
            $($name,)*
        }

        impl WindowText {
            /// Every text.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its key in the files.
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$name => $key,)*
                }
            }
        }
    };
}

texts! {
    WindowTitle = "window-title",
    AskCreate = "ask-create",
    AskGet = "ask-get",
    AskCreateKey = "ask-create-key",
    AskGetKey = "ask-get-key",
    AskSelect = "ask-select",
    AskWaiting = "ask-waiting",
    ProgramHint = "program-hint",
    ProgramUnknown = "program-unknown",
    ScanHow = "scan-how",
    SelectHow = "select-how",
    NoteUsbTransport = "note-usb-transport",
    NoteAaguidErased = "note-aaguid-erased",
    NoteOtherCode = "note-other-code",
    CodeName = "code-name",
    CodeDescription = "code-description",
    CodeAwaited = "code-awaited",
    CodeUsed = "code-used",
    CodeVoid = "code-void",
    StepScanActive = "step-scan-active",
    StepScanDone = "step-scan-done",
    StepConnectTodo = "step-connect-todo",
    StepConnectActive = "step-connect-active",
    StepConnectDone = "step-connect-done",
    StepConfirmTodo = "step-confirm-todo",
    StepConfirmActive = "step-confirm-active",
    StepConfirmDone = "step-confirm-done",
    StepStopped = "step-stopped",
    StaleCode = "stale-code",
    NewCode = "new-code",
    Paused = "paused",
    TroubleLive = "trouble-live",
    TroubleFailed = "trouble-failed",
    TroubleMeans = "trouble-means",
    TroubleTodo = "trouble-todo",
    TroubleEnglish = "trouble-english",
    CanRenew = "can-renew",
    OverFailedWeb = "over-failed-web",
    OverFailedKey = "over-failed-key",
    OverAgentGone = "over-agent-gone",
    OverDone = "over-done",
    ButtonNewCode = "button-new-code",
    ButtonNotNow = "button-not-now",
    ButtonCancel = "button-cancel",
    ButtonUse = "button-use",
    ButtonReport = "button-report",
    ButtonBack = "button-back",
    ButtonCopy = "button-copy",
    ButtonClose = "button-close",
    ReportTitle = "report-title",
    ReportCopied = "report-copied",
}

/// All texts of one language.
pub struct WindowTexts {
    bundle: FluentBundle<FluentResource>,
}

impl WindowTexts {
    /// The texts of a language. The build has compared them with the English ones.
    pub fn new(language: TextLanguage) -> Self {
        let tag = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new(vec![tag]);
        // What is put into a text stands in no other direction of writing than the text.
        bundle.set_use_isolating(false);
        let source = language.source().to_owned();
        let resource = FluentResource::try_new(source).unwrap_or_else(|(resource, _)| resource);
        // Of two texts with one key the build has told.
        let _ = bundle.add_resource(resource);
        Self { bundle }
    }

    /// A text.
    pub fn say(&self, text: WindowText) -> String {
        self.format(text, None)
    }

    /// A text into which something is put.
    pub fn say_with(&self, text: WindowText, name: &'static str, value: &str) -> String {
        let mut args = FluentArgs::new();
        args.set(name, value);
        self.format(text, Some(&args))
    }

    fn format(&self, text: WindowText, args: Option<&FluentArgs<'_>>) -> String {
        let message = self.bundle.get_message(text.key());
        let Some(pattern) = message.and_then(|message| message.value()) else {
            return text.key().to_owned();
        };
        let mut errors = Vec::new();
        let told = self.bundle.format_pattern(pattern, args, &mut errors);
        told.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue_check::differences;
    use std::collections::BTreeSet;
    use std::fs;

    fn files() -> Vec<(String, String)> {
        let file =
            |language: TextLanguage| (language.tag().to_owned(), language.source().to_owned());
        TextLanguage::ALL.into_iter().map(file).collect()
    }

    #[test]
    fn every_language_has_every_text_and_nothing_else() {
        assert_eq!(differences(&files()), [] as [String; 0]);
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/texts");
        let there: BTreeSet<String> = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        let known = TextLanguage::ALL.map(|language| format!("{}.ftl", language.tag()));
        assert_eq!(
            there,
            known.into_iter().collect(),
            "TextLanguage has them all"
        );
    }

    #[test]
    fn a_text_that_is_missing_or_puts_in_something_else_is_named() {
        let mut files = files();
        files[1].1 = files[1].1.replace("button-close =", "button-clos =");
        files[2].1 = files[2].1.replace("{ $step }", "{ $stap }");
        files[3].1.push_str("button-close = x\n}{\n");
        let wrong = differences(&files).join("\n");
        for told in [
            "de.ftl lacks button-close",
            "en.ftl lacks button-clos, which de.ftl has",
            "fr.ftl puts {\"stap\"} into step-stopped, not {\"step\"}",
            "ja.ftl has button-close twice",
            "ja.ftl: ",
        ] {
            assert!(wrong.contains(told), "{told} in {wrong}");
        }
        assert_eq!(differences(&files[1..2])[0], "en.ftl is not there");
    }

    #[test]
    fn the_files_have_the_texts_that_the_code_uses_and_no_others() {
        let used: BTreeSet<&str> = WindowText::ALL.iter().map(|text| text.key()).collect();
        let lines = TextLanguage::English.source().lines();
        let there: BTreeSet<&str> = lines
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(" = "))
            .map(|(key, _)| key)
            .collect();
        assert_eq!(used, there);
    }

    #[test]
    fn every_text_is_translated_and_takes_what_is_put_into_it() {
        let english = WindowTexts::new(TextLanguage::English);
        for language in TextLanguage::ALL {
            let texts = WindowTexts::new(language);
            for text in WindowText::ALL {
                let own = texts.say(*text);
                assert_ne!(own, text.key());
                let same = own == english.say(*text);
                assert_eq!(same, language == TextLanguage::English, "{own:?}");
            }
            let hint = texts.say_with(WindowText::ProgramHint, "program", "firefox-esr");
            assert!(
                hint.contains("firefox-esr") && !hint.contains('$'),
                "{hint}"
            );
        }
    }
}
