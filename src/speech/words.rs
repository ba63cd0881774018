//! The narrator's own phrases, in every language of the interface.

use vyveska_board::Language;
use vyveska_board::format::counting::one_of;

use super::element::Role;
use super::utterance::{Rate, Volume};

/// The narrator's own phrases in a language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words(pub(super) Language);

impl Words {
    fn pick(
        self,
        czech: &'static str,
        german: &'static str,
        english: &'static str,
    ) -> &'static str {
        match self.0 {
            Language::Czech => czech,
            Language::German => german,
            Language::English => english,
        }
    }

    pub(super) fn switched_on(self) -> &'static str {
        self.pick(
            "Předčítání je zapnuto. Šipkami dolů a nahoru procházíte, klávesou Enter volíte; na obrazovce první dotyk přečte a druhý zvolí. Nápověda je klávesa F1.",
            "Vorlesen ist eingeschaltet. Mit den Pfeiltasten nach unten und oben gehen Sie weiter und zurück, mit Enter wählen Sie; auf dem Bildschirm liest die erste Berührung vor und die zweite wählt. Hilfe gibt die Taste F1.",
            "Reading aloud is on. The down and up arrow keys go on and back, Enter chooses; on the screen the first touch reads and the second chooses. The F1 key gives help.",
        )
    }

    pub(super) fn asks_for_headphones(self) -> &'static str {
        self.pick(
            "Předčítání je připraveno. Zapojte sluchátka, ať je slyšíte jen vy. Má-li se číst nahlas z reproduktoru, stiskněte kteroukoli klávesu nebo se dotkněte obrazovky.",
            "Das Vorlesen ist bereit. Stecken Sie Kopfhörer ein, dann hören nur Sie es. Soll es aus dem Lautsprecher kommen, drücken Sie irgendeine Taste oder berühren Sie den Bildschirm.",
            "Reading aloud is ready. Plug in headphones to hear it privately. To have it from the loudspeaker, press any key or touch the screen.",
        )
    }

    pub(super) fn switched_off(self) -> &'static str {
        self.pick(
            "Předčítání je vypnuto.",
            "Vorlesen ist ausgeschaltet.",
            "Reading aloud is off.",
        )
    }

    pub(super) fn help(self) -> &'static str {
        self.pick(
            "Šipka dolů: dál. Šipka nahoru: zpět o jednu položku. Šipka vpravo a vlevo: další a předchozí oddíl. Enter: zvolit. Escape: návrat nebo zavření. Home: celá deska. End: ovládací lišta dole. F5: zopakovat. Mezerník: ticho. F2 a F3: pomaleji a rychleji. F4 a F6: tišeji a hlasitěji. F7: číst dokument. F8: vypnout předčítání.",
            "Pfeil nach unten: weiter. Pfeil nach oben: ein Element zurück. Pfeil nach rechts und links: nächster und voriger Abschnitt. Enter: wählen. Escape: zurück oder schließen. Pos 1: ganze Tafel. Ende: die Leiste unten. F5: wiederholen. Leertaste: Stille. F2 und F3: langsamer und schneller. F4 und F6: leiser und lauter. F7: Dokument vorlesen. F8: Vorlesen ausschalten.",
            "Down arrow: on. Up arrow: one item back. Right and left arrow: next and previous section. Enter: choose. Escape: go back or close. Home: the whole board. End: the bar at the bottom. F5: repeat. Space: silence. F2 and F3: slower and faster. F4 and F6: quieter and louder. F7: read the document. F8: switch reading aloud off.",
        )
    }

    pub(super) fn role(self, role: Role) -> &'static str {
        match role {
            Role::Button => self.pick("tlačítko", "Schaltfläche", "button"),
            Role::Combobox => self.pick("rozbalovací seznam", "Auswahlliste", "list to unfold"),
            Role::Checkbox => self.pick("přepínač", "Schalter", "switch"),
            Role::RadioButton => self.pick("volba", "Auswahl", "choice"),
            Role::Tab => self.pick("záložka", "Registerkarte", "tab"),
            Role::TextInput => self.pick("textové pole", "Textfeld", "text field"),
            Role::Slider => self.pick("posuvník", "Schieberegler", "slider"),
            Role::Image => self.pick("obrázek", "Bild", "picture"),
            Role::ListItem | Role::Progress | Role::Text => "",
        }
    }

    pub(super) fn on_or_off(self, on: bool) -> &'static str {
        if on {
            self.pick("zapnuto", "ein", "on")
        } else {
            self.pick("vypnuto", "aus", "off")
        }
    }

    pub(super) fn selected(self) -> &'static str {
        self.pick("vybráno", "ausgewählt", "chosen")
    }

    pub(super) fn unfolded(self, unfolded: bool) -> &'static str {
        if unfolded {
            self.pick("rozbaleno", "aufgeklappt", "unfolded")
        } else {
            self.pick("sbaleno", "zugeklappt", "folded")
        }
    }

    pub(super) fn not_now(self) -> &'static str {
        self.pick(
            "teď nelze použít",
            "jetzt nicht verfügbar",
            "not available now",
        )
    }

    pub(super) fn empty(self) -> &'static str {
        self.pick("prázdné", "leer", "empty")
    }

    pub(super) fn done(self) -> &'static str {
        self.pick("Hotovo.", "Erledigt.", "Done.")
    }

    pub(super) fn nothing_to_do(self) -> &'static str {
        self.pick(
            "Tady není co zvolit.",
            "Hier gibt es nichts zu wählen.",
            "There is nothing to choose here.",
        )
    }

    pub(super) fn rate(self, rate: Rate) -> String {
        let (step, steps) = rate.step();
        let word = self.pick("Rychlost", "Tempo", "Speed");
        format!("{word} {}", one_of(self.0, step.into(), steps.into()))
    }

    pub(super) fn volume(self, volume: Volume) -> String {
        let (step, steps) = volume.step();
        let word = self.pick("Hlasitost", "Lautstärke", "Volume");
        format!("{word} {}", one_of(self.0, step.into(), steps.into()))
    }

    pub(super) fn page(self, number: usize, count: usize) -> String {
        let word = self.pick("Strana", "Seite", "Page");
        let bounded = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        format!(
            "{word} {}.",
            one_of(self.0, bounded(number), bounded(count))
        )
    }

    pub(super) fn recognised(self) -> &'static str {
        self.pick(
            "Text je rozpoznán strojem a může obsahovat chyby.",
            "Der Text wurde maschinell erkannt und kann Fehler enthalten.",
            "The text was recognised by a machine and may contain errors.",
        )
    }

    pub(super) fn doubtful(self) -> &'static str {
        self.pick(
            "Na této straně je rozpoznání velmi nejisté.",
            "Auf dieser Seite ist die Erkennung sehr unsicher.",
            "On this page the recognition is very doubtful.",
        )
    }

    pub(super) fn page_without_text(self) -> &'static str {
        self.pick(
            "Na této straně není text, který by šel přečíst.",
            "Auf dieser Seite ist kein Text, der vorgelesen werden kann.",
            "This page has no text that can be read.",
        )
    }

    pub(super) fn document_without_text(self) -> &'static str {
        self.pick(
            "Tento dokument nemá text, který by šel přečíst.",
            "Dieses Dokument hat keinen Text, der vorgelesen werden kann.",
            "This document has no text that can be read.",
        )
    }

    pub(super) fn text_not_here(self) -> &'static str {
        self.pick(
            "Text dokumentu zatím nepřišel z úřadu.",
            "Der Text des Dokuments ist vom Amt noch nicht eingetroffen.",
            "The text of the document has not arrived from the office yet.",
        )
    }

    pub(super) fn no_document(self) -> &'static str {
        self.pick(
            "Tady není žádný dokument k přečtení.",
            "Hier ist kein Dokument zum Vorlesen.",
            "There is no document to read here.",
        )
    }

    pub(super) fn end_of_document(self) -> &'static str {
        self.pick(
            "Konec dokumentu.",
            "Ende des Dokuments.",
            "End of the document.",
        )
    }

    pub(super) fn cut(self) -> &'static str {
        self.pick(
            "Další text dokumentu tu není.",
            "Der weitere Text des Dokuments ist hier nicht verfügbar.",
            "The rest of the document's text is not available here.",
        )
    }

    pub(super) fn first_again(self) -> &'static str {
        self.pick(
            "Znovu od začátku.",
            "Wieder von vorn.",
            "From the beginning again.",
        )
    }
}
