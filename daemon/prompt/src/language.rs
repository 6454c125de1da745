//! The languages of the window's own texts, and which of them a person reads.

/// A language.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextLanguage {
    /// The one that the others are compared with.
    English,
    /// German.
    German,
    /// French.
    French,
    /// Japanese.
    Japanese,
}

impl TextLanguage {
    /// Every language.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::French, Self::Japanese];

    /// Its tag, which names its file.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Japanese => "ja",
        }
    }

    /// Its file.
    pub const fn source(self) -> &'static str {
        match self {
            Self::English => include_str!("../texts/en.ftl"),
            Self::German => include_str!("../texts/de.ftl"),
            Self::French => include_str!("../texts/fr.ftl"),
            Self::Japanese => include_str!("../texts/ja.ftl"),
        }
    }

    /// The language of a session, chosen as gettext does: `LANGUAGE` is a list of wishes that
    /// counts unless the locale is C.
    pub fn of_session(variable: impl Fn(&str) -> Option<String>) -> Self {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(&variable)
            .find(|value| !value.is_empty());
        let Some(locale) = locale else {
            return Self::English;
        };
        if ["C", "POSIX"].contains(&without_encoding(&locale)) {
            return Self::English;
        }
        let wishes = variable("LANGUAGE").unwrap_or_default();
        wishes
            .split(':')
            .chain([locale.as_str()])
            .find_map(Self::of_locale)
            .unwrap_or(Self::English)
    }

    /// `de_AT.UTF-8` is German.
    fn of_locale(locale: &str) -> Option<Self> {
        let tag = without_encoding(locale).split(['_', '-']).next()?;
        let mut known = Self::ALL.into_iter();
        known.find(|language| language.tag().eq_ignore_ascii_case(tag))
    }
}

fn without_encoding(locale: &str) -> &str {
    locale.split(['.', '@']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(variables: &[(&str, &str)]) -> TextLanguage {
        TextLanguage::of_session(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_language_is_the_one_that_other_programs_choose() {
        assert_eq!(of(&[]), TextLanguage::English);
        assert_eq!(of(&[("LANG", "de_AT.UTF-8")]), TextLanguage::German);
        assert_eq!(of(&[("LANG", "pt_BR.UTF-8")]), TextLanguage::English);
        let all_wins = [("LC_ALL", "ja_JP.utf8"), ("LANG", "de_DE")];
        assert_eq!(of(&all_wins), TextLanguage::Japanese);
        let empty_is_unset = [("LC_ALL", ""), ("LC_MESSAGES", "fr_FR@euro")];
        assert_eq!(of(&empty_is_unset), TextLanguage::French);
        let wishes = [("LANGUAGE", "pt:fr:de"), ("LANG", "de_DE.UTF-8")];
        assert_eq!(of(&wishes), TextLanguage::French);
        let none = [("LANGUAGE", "fr"), ("LANG", "C.UTF-8")];
        assert_eq!(of(&none), TextLanguage::English);
    }

    proptest! {
        #[test]
        fn any_locale_is_some_language(value in ".{0,20}") {
            of(&[("LANG", &value), ("LANGUAGE", &value)]);
        }
    }
}
