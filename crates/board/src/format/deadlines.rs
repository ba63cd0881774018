//! „zbývají 3 dny": how long a notice stays posted, in words.

use crate::Language;

use super::counting::counted;
use super::typography::NO_BREAK;

/// The text for a notice that is posted until `days` days after today; with the time of day where its last day ends by that.
pub fn deadline(days: u32, time: &str, language: Language) -> String {
    let s = NO_BREAK;
    match (language, days) {
        (Language::Czech, 0) if time.is_empty() => "končí dnes".to_owned(),
        (Language::Czech, 1) if time.is_empty() => "končí zítra".to_owned(),
        (Language::Czech, 0) => format!("dnes do{s}{time}"),
        (Language::Czech, 1) => format!("zítra do{s}{time}"),
        (Language::German, 0) if time.is_empty() => "endet heute".to_owned(),
        (Language::German, 1) if time.is_empty() => "endet morgen".to_owned(),
        (Language::German, 0) => format!("heute bis {time}"),
        (Language::German, 1) => format!("morgen bis {time}"),
        (Language::English, 0) if time.is_empty() => "ends today".to_owned(),
        (Language::English, 1) if time.is_empty() => "ends tomorrow".to_owned(),
        (Language::English, 0) => format!("today until {time}"),
        (Language::English, 1) => format!("tomorrow until {time}"),
        (_, _) => days_left(days, language),
    }
}

/// „zbývá 1 den", „zbývají 3 dny", „noch 5 Tage".
pub fn days_left(days: u32, language: Language) -> String {
    let forms = [
        ["den", "dny", "dní"],
        ["Tag", "Tage", "Tage"],
        ["day", "days", "days"],
    ];
    let counted = counted(days as usize, forms, language);
    match (language, days) {
        (Language::Czech, 2..=4) => format!("zbývají {counted}"),
        (Language::Czech, _) => format!("zbývá {counted}"),
        (Language::German, _) => format!("noch {counted}"),
        (Language::English, _) => format!("{counted} left"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `~` stands for the non-breaking space.
    #[track_caller]
    fn check(language: Language, expected: [&str; 5]) {
        let written = [0, 1, 2, 4, 5].map(|days| deadline(days, "", language));
        assert_eq!(written.map(|text| text.replace(NO_BREAK, "~")), expected);
    }

    #[test]
    fn days_are_counted_as_each_language_counts() {
        check(
            Language::Czech,
            [
                "končí dnes",
                "končí zítra",
                "zbývají 2~dny",
                "zbývají 4~dny",
                "zbývá 5~dní",
            ],
        );
        check(
            Language::German,
            [
                "endet heute",
                "endet morgen",
                "noch 2~Tage",
                "noch 4~Tage",
                "noch 5~Tage",
            ],
        );
        check(
            Language::English,
            [
                "ends today",
                "ends tomorrow",
                "2~days left",
                "4~days left",
                "5~days left",
            ],
        );
    }

    #[test]
    fn a_single_day_is_one() {
        let left = |language| days_left(1, language).replace(NO_BREAK, "~");
        assert_eq!(left(Language::Czech), "zbývá 1~den");
        assert_eq!(left(Language::German), "noch 1~Tag");
        assert_eq!(left(Language::English), "1~day left");
    }

    #[test]
    fn the_last_day_says_until_when() {
        let at = |days, language| deadline(days, "14.00", language).replace(NO_BREAK, "~");
        assert_eq!(at(0, Language::Czech), "dnes do~14.00");
        assert_eq!(at(1, Language::German), "morgen bis 14.00");
        assert_eq!(at(0, Language::English), "today until 14.00");
        assert_eq!(
            at(3, Language::Czech),
            "zbývají 3~dny",
            "the time stands with the date"
        );
    }
}
