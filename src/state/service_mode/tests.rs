//! The way into service mode, and its functions.

use proptest::prelude::*;

use super::*;
use crate::state::{Event, Intent, Now};
use crate::store::samples;

/// A state whose time the test advances.
struct World {
    state: State,
    now: Now,
}

impl World {
    /// Before any board.
    fn new() -> Self {
        let now = Now {
            clock: vyveska_board::ClockBounds::exact("2026-11-21T12:00:00Z".parse().unwrap()),
            monotonic: Duration::from_secs(1000),
        };
        Self {
            state: State::new(now),
            now,
        }
    }

    fn with_board(pin_hash: Option<&str>) -> Self {
        let mut world = Self::new();
        world.board(pin_hash);
        world
    }

    fn board(&mut self, pin_hash: Option<&str>) {
        let sample = samples::board(1, &[]);
        let content = sample.verify().unwrap().content();
        let mut content = (*content).clone();
        content.settings.service_pin_hash = pin_hash.map(str::to_owned);
        self.apply(Event::BoardChanged(Arc::new(content)));
    }

    fn apply(&mut self, event: Event) {
        self.state.apply(event, self.now);
    }

    fn does(&mut self, intent: ServiceIntent) {
        self.apply(Event::Intent(Intent::Service(intent)));
    }

    fn send(&mut self, event: ServiceEvent) {
        self.apply(Event::Service(event));
    }

    fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.now.monotonic += Duration::from_secs(1);
            self.apply(Event::Tick);
        }
    }

    fn hold_corner(&mut self) {
        self.does(ServiceIntent::CornerTouched);
        self.pass(6);
        self.does(ServiceIntent::CornerLeft);
    }

    /// The pause between deliberate key presses is longer than the debounce time.
    fn press(&mut self, intent: ServiceIntent) {
        self.now.monotonic += Duration::from_millis(120);
        self.does(intent);
    }

    fn type_pin(&mut self, pin: &str) {
        for digit in pin.bytes() {
            self.press(ServiceIntent::Digit(digit - b'0'));
        }
        self.does(ServiceIntent::EnterPin);
    }

    fn commands(&mut self) -> Vec<ServiceCommand> {
        self.state.take_service_commands()
    }

    fn enter(&mut self) {
        self.hold_corner();
        self.type_pin("4829");
        self.send(ServiceEvent::PinChecked { right: true });
        assert!(self.state.open_service().is_some());
    }

    /// Unlocked, the network read, no command left.
    fn inside() -> Self {
        let mut world = Self::with_board(Some("hash"));
        world.enter();
        world.send(ServiceEvent::NetworkRead(Ok(NetworkSettings::default())));
        world.send(ServiceEvent::Brightness(Ok(80)));
        world.commands();
        world
    }

    fn stage(&self) -> NetworkStage {
        self.state.service_network().unwrap().1.clone()
    }

    fn write(&mut self, field: Field, text: &str) {
        self.does(ServiceIntent::Edit(field));
        for letter in text.chars() {
            self.press(ServiceIntent::Type(letter));
        }
        self.press(ServiceIntent::DoneEditing);
        self.now.monotonic += Duration::from_millis(120);
    }
}

fn settings_of(commands: &[ServiceCommand]) -> Option<NetworkSettings> {
    commands.iter().find_map(|command| match command {
        ServiceCommand::ApplyNetwork(settings) => Some((**settings).clone()),
        _ => None,
    })
}

#[test]
fn the_corner_has_to_be_held_for_five_seconds() {
    let mut world = World::with_board(Some("hash"));
    world.does(ServiceIntent::CornerTouched);
    world.pass(4);
    world.does(ServiceIntent::CornerLeft);
    world.pass(10);
    assert!(!world.state.is_service_in_front());
    world.hold_corner();
    assert!(world.state.pin_pad().is_some());
    assert!(world.state.open_service().is_none());
}

#[test]
fn the_pin_of_the_settings_opens_the_screen() {
    let mut world = World::with_board(Some("hash"));
    world.commands();
    world.hold_corner();
    world.type_pin("482");
    assert_eq!(world.commands(), [], "too short to be a PIN");
    world.type_pin("9");
    let commands = world.commands();
    let [
        ServiceCommand::CheckPin {
            pin,
            hash,
            failures,
        },
    ] = &commands[..]
    else {
        panic!("the PIN is verified once");
    };
    assert_eq!((pin.digits(), &**hash, *failures), ("4829", "hash", 1));
    world.type_pin("1111");
    assert_eq!(world.commands(), [], "one at a time");
    world.send(ServiceEvent::PinChecked { right: true });
    assert_eq!(
        world.commands(),
        [
            ServiceCommand::Report,
            ServiceCommand::ReadNetwork,
            ServiceCommand::ReadBrightness
        ]
    );
}

#[test]
fn repeated_key_presses_type_a_pin_and_an_address_once() {
    let type_at = |world: &mut World, keys: &[(u64, ServiceIntent)]| {
        for (gap, key) in keys {
            world.now.monotonic += Duration::from_millis(*gap);
            world.does(key.clone());
        }
    };
    let one = ServiceIntent::Digit(1);
    let mut world = World::with_board(Some("hash"));
    world.hold_corner();
    let typed = |world: &World| world.state.pin_pad().unwrap().typed();
    type_at(
        &mut world,
        &[(0, one.clone()), (40, one.clone()), (99, one.clone())],
    );
    assert_eq!(typed(&world), 1, "a repeated press is ignored");
    type_at(&mut world, &[(100, one.clone()), (150, one.clone())]);
    assert_eq!(typed(&world), 3, "a PIN may have the same digit again");
    type_at(
        &mut world,
        &[(1, ServiceIntent::Digit(2)), (1, one.clone())],
    );
    assert_eq!(typed(&world), 5, "another key counts at once");
    let erase = ServiceIntent::EraseDigit;
    type_at(
        &mut world,
        &[(0, erase.clone()), (50, erase.clone()), (100, erase)],
    );
    assert_eq!(typed(&world), 3);
    // Low reach lengthens the debounce time.
    world.apply(Event::Intent(Intent::ToggleReach));
    type_at(&mut world, &[(1000, one.clone()), (499, one.clone())]);
    assert_eq!(typed(&world), 4);
    type_at(&mut world, &[(500, one)]);
    assert_eq!(typed(&world), 5);

    let mut world = World::inside();
    let (letter, erase) = (ServiceIntent::Type('w'), ServiceIntent::EraseLetter);
    world.does(ServiceIntent::Edit(Field::Proxy));
    type_at(&mut world, &[(0, letter.clone()), (60, letter.clone())]);
    type_at(&mut world, &[(120, letter.clone()), (120, letter)]);
    type_at(&mut world, &[(0, erase.clone()), (60, erase)]);
    let text = |world: &World| {
        world
            .state
            .service_network()
            .unwrap()
            .0
            .text(Field::Proxy)
            .to_owned()
    };
    assert_eq!(text(&world), "ww");
    // The button that tries the network appears where the key was that ends editing.
    let done = ServiceIntent::DoneEditing;
    type_at(&mut world, &[(0, done), (60, ServiceIntent::ApplyNetwork)]);
    assert_eq!(world.commands(), []);
    type_at(&mut world, &[(150, ServiceIntent::ApplyNetwork)]);
    assert!(settings_of(&world.commands()).is_some());
}

#[test]
fn a_wrong_pin_costs_time_that_doubles_and_survives_restarts() {
    let mut world = World::with_board(Some("hash"));
    for seconds in [1, 2, 4] {
        world.hold_corner();
        world.commands();
        world.type_pin("1111");
        world.send(ServiceEvent::PinChecked { right: false });
        assert!(world.state.pin_pad().unwrap().is_refused());
        let wait = world.state.pin_wait(world.now.monotonic);
        assert_eq!(wait, Duration::from_secs(seconds));
        world.commands();
        world.type_pin("4829");
        assert_eq!(world.commands(), [], "not yet");
        world.pass(seconds);
        world.does(ServiceIntent::Leave);
    }

    let mut again = World::with_board(Some("hash"));
    again.send(ServiceEvent::Remembered {
        failures: 11,
        hash: Some("hash".into()),
        device_hash: None,
    });
    let wait = again.state.pin_wait(again.now.monotonic);
    assert_eq!(wait, Duration::from_secs(900));
    again.hold_corner();
    again.commands();
    again.type_pin("4829");
    assert_eq!(again.commands(), []);
}

#[test]
fn an_attempt_somebody_walked_away_from_is_judged_before_the_next() {
    let mut world = World::with_board(Some("hash"));
    world.hold_corner();
    world.type_pin("1111");
    world.does(ServiceIntent::Leave);
    world.commands();
    // The verification takes long: no other PIN can be tried meanwhile.
    world.hold_corner();
    world.type_pin("2222");
    assert_eq!(world.commands(), []);
    world.send(ServiceEvent::PinChecked { right: true });
    assert!(
        world.state.open_service().is_none(),
        "the right PIN of somebody else opens nothing"
    );
}

#[test]
fn who_gets_in_follows_from_the_board() {
    let bare = |board: bool| {
        let mut world = World::new();
        if board {
            world.board(None);
        }
        world.hold_corner();
        assert!(world.state.is_service_in_front() && !world.state.has_service_pin());
        world.commands();
        world.type_pin("4829");
        world.send(ServiceEvent::PinChecked { right: true });
        assert_eq!(world.commands(), []);
        assert!(world.state.open_service().is_none(), "no PIN, no way in");
    };
    bare(true);
    bare(false);

    // A new display opens to the PIN it was started with, until its board has one.
    let mut new = World::new();
    new.send(ServiceEvent::Remembered {
        failures: 0,
        hash: None,
        device_hash: Some("device".into()),
    });
    let asked = |world: &mut World| {
        world.hold_corner();
        world.type_pin("4829");
        let commands = world.commands();
        world.send(ServiceEvent::PinChecked { right: false });
        world.does(ServiceIntent::Leave);
        commands.into_iter().find_map(|command| match command {
            ServiceCommand::CheckPin { hash, .. } => Some(hash.to_string()),
            _ => None,
        })
    };
    assert_eq!(asked(&mut new).as_deref(), Some("device"));
    new.board(None);
    assert_eq!(asked(&mut new).as_deref(), Some("device"));
    new.board(Some("board"));
    assert_eq!(asked(&mut new).as_deref(), Some("board"));

    let mut lost = World::new();
    lost.send(ServiceEvent::Remembered {
        failures: 0,
        hash: Some("hash".into()),
        device_hash: None,
    });
    lost.hold_corner();
    assert!(lost.state.pin_pad().is_some(), "a display that had a board");

    lost.board(Some("other"));
    assert!(
        lost.commands()
            .contains(&ServiceCommand::RememberHash(Some("other".into())))
    );
    lost.board(None);
    assert_eq!(lost.commands(), [ServiceCommand::RememberHash(None)]);
}

#[test]
fn a_screen_that_is_left_alone_closes() {
    let mut world = World::inside();
    world.pass(125);
    assert!(world.state.countdown(world.now.monotonic).is_some());
    world.pass(20);
    assert!(!world.state.is_service_in_front());

    // A PIN verified right after the user has left opens nothing.
    let mut world = World::with_board(Some("hash"));
    world.hold_corner();
    world.type_pin("4829");
    world.pass(60);
    world.send(ServiceEvent::PinChecked { right: true });
    assert!(!world.state.is_service_in_front());
}

#[test]
fn whoever_waits_for_a_trial_is_not_sent_away() {
    let mut world = World::inside();
    world.does(ServiceIntent::ApplyNetwork);
    world.pass(80);
    world.send(ServiceEvent::NetworkApplied(Ok(())));
    world.pass(80);
    world.send(ServiceEvent::CentralTried(Err(
        TroubleKind::CentralSlow.into()
    )));
    world.pass(55);
    assert!(matches!(world.stage(), NetworkStage::Unreached { .. }));
    world.does(ServiceIntent::KeepNetwork);
    assert!(world.commands().contains(&ServiceCommand::KeepNetwork));
    // An event nobody waits for does not keep the screen open.
    world.pass(80);
    world.send(ServiceEvent::CentralTried(Ok(())));
    world.pass(65);
    assert!(!world.state.is_service_in_front());
}

#[test]
fn the_list_is_one_touch_away() {
    let mut world = World::inside();
    world.apply(Event::Intent(Intent::ShowBoard));
    assert!(world.state.is_board_in_front());
}

#[test]
fn a_network_that_reaches_central_stays() {
    let mut world = World::inside();
    world.does(ServiceIntent::UseDhcp(false));
    world.does(ServiceIntent::ApplyNetwork);
    assert_eq!(world.commands(), [], "nothing is written yet");
    let (form, _, _) = world.state.service_network().unwrap();
    assert_eq!(form.problems.get(&Field::Address), Some(&Problem::Missing));

    world.write(Field::Address, "192.168.1.20");
    world.write(Field::Mask, "24");
    world.write(Field::Gateway, "192.168.1.1");
    world.write(Field::Dns, "192.168.1.1");
    world.does(ServiceIntent::ApplyNetwork);
    let settings = settings_of(&world.commands()).unwrap();
    assert!(matches!(
        settings.wiring.addressing,
        Addressing::Fixed { prefix: 24, .. }
    ));
    assert_eq!(world.stage(), NetworkStage::Applying);
    world.send(ServiceEvent::NetworkApplied(Ok(())));
    assert_eq!(world.stage(), NetworkStage::Trying);
    world.send(ServiceEvent::CentralTried(Ok(())));
    assert_eq!(world.stage(), NetworkStage::Reached);
    assert_eq!(world.commands(), [ServiceCommand::KeepNetwork]);
    world.does(ServiceIntent::Leave);
    assert_eq!(world.commands(), [], "nothing is taken back");
}

#[test]
fn a_network_without_central_is_taken_back_when_nobody_says_otherwise() {
    let tried = || {
        let mut world = World::inside();
        world.write(Field::Proxy, "proxy:3128");
        world.does(ServiceIntent::ApplyNetwork);
        world.send(ServiceEvent::NetworkApplied(Ok(())));
        world.send(ServiceEvent::CentralTried(Err(
            TroubleKind::CentralSlow.into()
        )));
        assert!(matches!(world.stage(), NetworkStage::Unreached { .. }));
        world.commands();
        world
    };

    // No decision.
    let mut world = tried();
    world.pass(59);
    assert!(!world.commands().contains(&ServiceCommand::RevertNetwork));
    world.pass(1);
    assert!(world.commands().contains(&ServiceCommand::RevertNetwork));
    world.send(ServiceEvent::NetworkReverted(Ok(())));
    assert_eq!(world.stage(), NetworkStage::Reverted);

    // Leaving.
    let mut world = tried();
    world.apply(Event::Intent(Intent::ShowBoard));
    assert_eq!(world.commands(), [ServiceCommand::RevertNetwork]);

    // Reverting.
    let mut world = tried();
    world.does(ServiceIntent::RevertNetwork);
    world.does(ServiceIntent::RevertNetwork);
    assert_eq!(world.commands(), [ServiceCommand::RevertNetwork]);

    // Keeping.
    let mut world = tried();
    world.does(ServiceIntent::KeepNetwork);
    world.does(ServiceIntent::Leave);
    assert_eq!(world.commands(), [ServiceCommand::KeepNetwork]);
}

#[test]
fn what_the_device_refuses_is_as_before() {
    let mut world = World::inside();
    world.does(ServiceIntent::ApplyNetwork);
    world.send(ServiceEvent::NetworkApplied(Err(
        TroubleKind::NotPermitted.into()
    )));
    assert!(matches!(world.stage(), NetworkStage::Refused { .. }));
    world.commands();
    world.does(ServiceIntent::Leave);
    assert_eq!(world.commands(), []);
}

#[test]
fn a_network_that_is_not_back_yet_says_so_until_it_is() {
    let mut world = World::inside();
    world.write(Field::Proxy, "proxy:3128");
    world.does(ServiceIntent::ApplyNetwork);
    world.send(ServiceEvent::NetworkApplied(Err(
        TroubleKind::Refused.into()
    )));
    let reason = Trouble::new(TroubleKind::TooSlow, "nmcli");
    world.send(ServiceEvent::NetworkReverted(Err(reason.clone())));
    assert_eq!(world.stage(), NetworkStage::NotBack { reason });
    world.commands();
    world.send(ServiceEvent::NetworkReverted(Ok(())));
    assert_eq!(world.stage(), NetworkStage::Reverted);
    assert_eq!(world.commands(), [ServiceCommand::ReadNetwork]);
    // Later events do not disturb the editing.
    world.does(ServiceIntent::UseDhcp(true));
    world.send(ServiceEvent::NetworkReverted(Ok(())));
    assert_eq!(world.stage(), NetworkStage::Writing);
    assert_eq!(world.commands(), []);
}

#[test]
fn a_certificate_that_is_not_there_changes_nothing() {
    let mut world = World::inside();
    world.does(ServiceIntent::FindAuthority);
    let reason = Trouble::from(TroubleKind::NoCertificate);
    world.send(ServiceEvent::AuthorityFound(Err(reason.clone())));
    assert_eq!(world.stage(), NetworkStage::AuthorityNotRead { reason });
    world.commands();
    world.does(ServiceIntent::ApplyNetwork);
    assert!(settings_of(&world.commands()).is_some());
}

#[test]
fn a_network_that_cannot_be_set_up_is_looked_at_again_while_somebody_waits() {
    let mut world = World::with_board(Some("hash"));
    let unread = || ServiceEvent::NetworkRead(Err(TroubleKind::NoConnection.into()));
    world.enter();
    world.send(unread());
    world.does(ServiceIntent::Show(ServiceSection::Network));
    world.commands();
    world.pass(30);
    assert_eq!(
        world.commands(),
        [ServiceCommand::ReadNetwork],
        "once until it is answered"
    );
    world.send(unread());
    world.pass(5);
    assert_eq!(world.commands(), [ServiceCommand::ReadNetwork]);
    // The network cable has been plugged in.
    world.send(ServiceEvent::NetworkRead(Ok(NetworkSettings::default())));
    assert_eq!(world.stage(), NetworkStage::Writing);
    world.pass(30);
    assert_eq!(world.commands(), []);
}

#[test]
fn a_panel_that_does_not_change_says_why_until_it_is_tried_again() {
    let mut world = World::inside();
    let refused = |world: &World| {
        let session = world.state.open_service().unwrap();
        session.brightness_refused.clone()
    };
    world.does(ServiceIntent::Darker);
    world.send(ServiceEvent::Brightness(Ok(80)));
    let reason = Trouble::from(TroubleKind::NotPermitted);
    world.send(ServiceEvent::BrightnessRefused(reason.clone()));
    assert_eq!(refused(&world), Some(reason));
    world.does(ServiceIntent::Darker);
    assert_eq!(refused(&world), None);
}

#[test]
fn a_restart_has_to_be_confirmed() {
    let mut world = World::inside();
    world.does(ServiceIntent::ConfirmRestart);
    assert_eq!(world.commands(), []);
    world.does(ServiceIntent::AskRestart(Restart::Device));
    world.does(ServiceIntent::CancelRestart);
    world.does(ServiceIntent::ConfirmRestart);
    assert_eq!(world.commands(), []);
    world.does(ServiceIntent::AskRestart(Restart::Program));
    world.does(ServiceIntent::ConfirmRestart);
    assert_eq!(
        world.commands(),
        [ServiceCommand::Restart(Restart::Program)]
    );
}

#[test]
fn the_panel_is_never_dark() {
    let mut world = World::inside();
    for _ in 0..20 {
        world.does(ServiceIntent::Darker);
    }
    assert_eq!(
        world.commands().last(),
        Some(&ServiceCommand::SetBrightness(10))
    );
    for _ in 0..20 {
        world.does(ServiceIntent::Brighter);
    }
    assert_eq!(
        world.commands().last(),
        Some(&ServiceCommand::SetBrightness(100))
    );
}

fn any_intent() -> impl Strategy<Value = Intent> {
    prop_oneof![
        Just(Intent::ShowBoard),
        Just(Intent::Back),
        Just(Intent::NextLanguage),
        Just(Intent::ToggleReach),
        Just(Intent::NextTextSize),
        Just(Intent::ShowSearch),
        any_service_intent().prop_map(Intent::Service),
    ]
}

pub(in crate::state) fn any_service_intent() -> impl Strategy<Value = ServiceIntent> {
    prop_oneof![
        Just(ServiceIntent::CornerLeft),
        (0_u8..10).prop_map(ServiceIntent::Digit),
        Just(ServiceIntent::EraseDigit),
        Just(ServiceIntent::EnterPin),
        Just(ServiceIntent::Show(ServiceSection::Network)),
        Just(ServiceIntent::UseDhcp(false)),
        Just(ServiceIntent::Edit(Field::Proxy)),
        "[a-z:/.0-9]".prop_map(|text| ServiceIntent::Type(text.chars().next().unwrap_or('a'))),
        Just(ServiceIntent::ApplyNetwork),
        Just(ServiceIntent::KeepNetwork),
        Just(ServiceIntent::RevertNetwork),
        Just(ServiceIntent::AskRestart(Restart::Device)),
        Just(ServiceIntent::ConfirmRestart),
        Just(ServiceIntent::Darker),
        Just(ServiceIntent::Leave),
    ]
}

pub(in crate::state) fn any_answer() -> impl Strategy<Value = ServiceEvent> {
    let outcome = || prop_oneof![Just(Ok(())), Just(Err(Trouble::from(TroubleKind::Refused)))];
    prop_oneof![
        Just(ServiceEvent::PinChecked { right: true }),
        Just(ServiceEvent::PinChecked { right: false }),
        Just(ServiceEvent::Report(DeviceReport::default())),
        outcome().prop_map(ServiceEvent::NetworkApplied),
        outcome().prop_map(ServiceEvent::CentralTried),
        outcome().prop_map(ServiceEvent::NetworkReverted),
        Just(ServiceEvent::NetworkRead(Ok(NetworkSettings::default()))),
        Just(ServiceEvent::Brightness(Ok(50))),
    ]
}

/// A random sequence of a technician's actions.
pub(in crate::state) fn any_session() -> impl Strategy<Value = Vec<ServiceIntent>> {
    prop::collection::vec(any_service_intent(), 0..8)
}

proptest! {
    #[test]
    fn without_the_corner_there_is_no_way_in(
        steps in prop::collection::vec((any_intent(), any_answer(), 0_u64..30), 0..40)
    ) {
        let mut world = World::with_board(Some("hash"));
        world.commands();
        for (intent, answer, seconds) in steps {
            world.apply(Event::Intent(intent));
            world.send(answer);
            world.pass(seconds);
            prop_assert!(!world.state.is_service_in_front());
            prop_assert_eq!(world.commands(), []);
        }
    }

    #[test]
    fn every_network_that_is_applied_is_kept_or_taken_back(
        steps in prop::collection::vec((any_service_intent(), any_answer(), 0_u64..30), 0..60)
    ) {
        let mut world = World::inside();
        let mut applied = 0_i32;
        let mut settled = 0_i32;
        let mut refused = 0_i32;
        let mut count = |world: &mut World| {
            for command in world.commands() {
                match command {
                    ServiceCommand::ApplyNetwork(_) => applied += 1,
                    ServiceCommand::KeepNetwork | ServiceCommand::RevertNetwork => settled += 1,
                    _ => {}
                }
            }
            applied - settled
        };
        for (intent, answer, seconds) in steps {
            world.does(intent);
            prop_assert!((0..=1).contains(&(count(&mut world) - refused)));
            let applying = world
                .state
                .service_network()
                .is_some_and(|(_, stage, _)| *stage == NetworkStage::Applying);
            if applying && matches!(answer, ServiceEvent::NetworkApplied(Err(_))) {
                // Then everything is unchanged.
                refused += 1;
            }
            world.send(answer);
            world.pass(seconds);
        }
        world.apply(Event::Intent(Intent::ShowBoard));
        world.pass(1);
        prop_assert_eq!(count(&mut world) - refused, 0);
    }
}
