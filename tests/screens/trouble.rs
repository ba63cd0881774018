//! Failures as a technician reads them: in the interface's language, with the system's own words only after that.

use std::collections::BTreeMap;

use slint::ComponentHandle;
use vyveska::app::elements;
use vyveska::state::service_mode::{Trouble, TroubleKind};
use vyveska_board::Language;

use crate::{Kiosk, scenes};

/// Words of no language.
const WORDS: &str = "xqz 111";

#[test]
fn every_trouble_is_said_in_the_language_of_whoever_reads_it() {
    let mut kiosk = Kiosk::new(1080, 1920, |_| ());
    kiosk.stop_painting();
    let mut said = BTreeMap::new();
    for (language, says) in [
        (Language::English, "The system says: "),
        (Language::Czech, "Systém hlásí: "),
        (Language::German, "Das System meldet: "),
    ] {
        for kind in TroubleKind::ALL {
            let trouble = Trouble::new(kind, WORDS);
            kiosk.show_view(&scenes::service_in_trouble(language, trouble));
            let elements = elements::on_screen(kiosk.ui.window().window());
            let labels: Vec<&str> = elements.iter().map(|element| &*element.label).collect();
            let words = format!("{says}{WORDS}");
            let at = labels.iter().position(|label| *label == words);
            let sentence = at.and_then(|at| labels.get(at.checked_sub(1)?));
            let sentence = sentence.unwrap_or_else(|| panic!("{kind:?}: {labels:?}"));
            let before = said.insert((*sentence).to_owned(), (language, kind));
            assert_eq!(
                before, None,
                "{sentence:?} is said of {language:?}, {kind:?} too"
            );
        }
    }
}
