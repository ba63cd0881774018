//! Headphones first: the loudspeaker says nothing of the screen before the user has chosen it.

use super::*;

fn asked() -> (Narrator, String) {
    let mut narrator = Narrator::default();
    let effects = narrator.switch_on(board(), Listening::Loudspeaker);
    let [Effect::Say(said)] = &effects[..] else {
        panic!("{effects:?}");
    };
    let first = said.text.clone();
    (narrator, first)
}

/// Everything said from these effects on, each piece to its end.
fn hear(narrator: &mut Narrator, effects: Vec<Effect>) -> Vec<String> {
    let mut listener = Listener {
        narrator: narrator.clone(),
        wants: Vec::new(),
    };
    let said = listener.hear(effects);
    *narrator = listener.narrator;
    said
}

#[test]
fn the_loudspeaker_says_how_to_listen_privately_and_nothing_of_the_screen() {
    let (mut narrator, first) = asked();
    assert_eq!(first, "Předčítání je připraveno.");
    assert!(narrator.asks_for_headphones());
    let number = narrator.speaking().unwrap().number;
    let effects = narrator.said(number);
    let rest = hear(&mut narrator, effects);
    assert!(rest[0].contains("sluchátka"), "{rest:?}");
    assert!(rest.iter().all(|said| !said.contains("Záměr")));
    // A change of the screen must not be said to the street.
    assert!(narrator.screen(notice()).is_empty());
}

#[test]
fn the_next_key_chooses_the_loudspeaker_and_acts_on_nothing() {
    let (mut narrator, _) = asked();
    let effects = narrator.press(TactileKey::Act);
    assert!(
        effects
            .iter()
            .all(|effect| !matches!(effect, Effect::Act(_)))
    );
    let said = hear(&mut narrator, effects);
    assert!(said.contains(&"Všechna oznámení".to_owned()), "{said:?}");
    assert!(!narrator.asks_for_headphones());
}

#[test]
fn so_does_a_touch_and_so_do_headphones() {
    let (mut narrator, _) = asked();
    let touch = |phase| Finger {
        phase,
        x: 10.0,
        y: 250.0,
        at: Duration::ZERO,
    };
    let effects = narrator.explore(touch(FingerPhase::Down));
    assert!(narrator.explore(touch(FingerPhase::Up)).is_empty());
    let said = hear(&mut narrator, effects);
    assert!(said.contains(&"Všechna oznámení".to_owned()), "{said:?}");

    let (mut narrator, _) = asked();
    let effects = narrator.settle_listening();
    let said = hear(&mut narrator, effects);
    assert!(said.contains(&"Všechna oznámení".to_owned()), "{said:?}");
    assert!(narrator.settle_listening().is_empty(), "it is said once");
}

#[test]
fn the_speech_key_takes_it_back() {
    let (mut narrator, _) = asked();
    let effects = narrator.press(TactileKey::Speech);
    assert!(effects.contains(&Effect::Want(Want::ToggleSpeech)));
    assert!(narrator.asks_for_headphones(), "nothing was chosen");
}
