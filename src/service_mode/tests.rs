//! Orders and what becomes of them, on a device that pretends.

use std::sync::Mutex;

use super::*;
use crate::hardware::command::tests::script;
use crate::hardware::{AuthorityError, NetworkManager, Pretended, SystemInspector};
use crate::state::service::{Addressing, Authority, MAX_AUTHORITY_BYTES};

/// A way to central that answers as told.
#[derive(Clone, Default)]
struct FakeLine(Arc<Mutex<LineState>>);

#[derive(Default)]
struct LineState {
    transport: Transport,
    /// How many attempts fail from now on.
    failures: u32,
    tried: u32,
    refuses: bool,
}

impl CentralLine for FakeLine {
    fn use_transport(&self, transport: &Transport) -> Result<(), Trouble> {
        let mut line = self.0.lock().unwrap();
        if line.refuses {
            return Err(TroubleKind::CertificateUnusable.into());
        }
        line.transport = transport.clone();
        Ok(())
    }

    fn try_central(&self) -> Result<(), Trouble> {
        let mut line = self.0.lock().unwrap();
        line.tried += 1;
        if line.failures == 0 {
            return Ok(());
        }
        line.failures -= 1;
        Err(TroubleKind::CentralUnconnected.into())
    }

    fn wake(&self) {}
}

struct World {
    folder: tempfile::TempDir,
    device: Pretended,
    line: FakeLine,
    told: mpsc::Receiver<ServiceEvent>,
    desk: Desk,
}

impl World {
    fn new() -> Self {
        Self::on(
            tempfile::tempdir().unwrap(),
            Pretended::default(),
            FakeLine::default(),
        )
    }

    fn on(folder: tempfile::TempDir, device: Pretended, line: FakeLine) -> Self {
        let (tell, told) = mpsc::channel();
        let inspector = SystemInspector::new(folder.path(), None);
        let desk = Desk {
            parts: DeskParts {
                memory: ServiceMemory::open(folder.path()),
                hardware: Hardware::pretended(&device, inspector),
                line: Box::new(line.clone()),
                restart_program: Box::new(|| ()),
                tell: Box::new(move |event| tell.send(event).unwrap()),
            },
            trying: None,
            not_back: None,
            pause: Duration::ZERO,
        };
        Self {
            folder,
            device,
            line,
            told,
            desk,
        }
    }

    /// As after a power cut.
    fn again(self) -> Self {
        Self::on(self.folder, self.device, self.line)
    }

    /// Follows these orders, and everything that comes by itself after them.
    fn order(&mut self, orders: impl IntoIterator<Item = ServiceOrder>) -> Vec<ServiceEvent> {
        let (sender, receiver) = mpsc::channel();
        for order in orders {
            sender.send(order).unwrap();
        }
        drop(sender);
        self.desk.work(&receiver);
        while self.desk.trying.is_some() {
            self.desk.try_central();
        }
        self.told.try_iter().collect()
    }

    fn check(&mut self, pin: &str, hash: &str, failures: u32) -> Vec<ServiceEvent> {
        self.order([ServiceOrder::CheckPin {
            pin: Pin::of(pin),
            hash: hash.into(),
            failures,
        }])
    }
}

fn fixed() -> NetworkSettings {
    NetworkSettings {
        wiring: Wiring {
            addressing: Addressing::Fixed {
                address: [10, 0, 0, 2].into(),
                prefix: 8,
                gateway: Some([10, 0, 0, 1].into()),
                dns: vec![[10, 0, 0, 1].into()],
            },
            time_server: Some("ntp.obec.example".to_owned()),
        },
        transport: Transport {
            proxy: Some("http://proxy:3128".to_owned()),
            authority: Some(authority()),
        },
    }
}

fn authority() -> Authority {
    crate::hardware::authority_of(include_bytes!("../../tests/fixtures/tls/authority.pem")).unwrap()
}

fn apply(settings: NetworkSettings) -> ServiceOrder {
    ServiceOrder::ApplyNetwork(Box::new(settings))
}

#[test]
fn attempts_are_counted_before_they_are_judged_and_survive_a_power_cut() {
    let hash = ServicePinHash::of("4829", &[7; 16]).unwrap();
    let mut world = World::new();
    assert_eq!(
        world.check("1111", hash.as_str(), 3),
        [ServiceEvent::PinChecked { right: false }]
    );
    let mut world = world.again();
    assert_eq!(world.desk.parts.memory.failures(), 3);
    assert_eq!(
        world.check("4829", hash.as_str(), 4),
        [ServiceEvent::PinChecked { right: true }]
    );
    assert_eq!(world.again().desk.parts.memory.failures(), 0);
}

#[test]
fn a_hash_that_is_none_opens_nothing() {
    let mut world = World::new();
    assert_eq!(
        world.check("4829", "4829", 1),
        [ServiceEvent::PinChecked { right: false }]
    );
}

#[test]
fn damaging_the_memory_helps_no_guesser() {
    let mut world = World::new();
    world.order([ServiceOrder::RememberHash(Some("hash".into()))]);
    let file = world.folder.path().join("service.json");
    std::fs::write(file, "{").unwrap();
    let memory = ServiceMemory::open(world.folder.path());
    assert!(memory.failures() > 3);
    assert_eq!(memory.pin_hash(), None);
}

#[test]
fn the_hash_of_a_board_is_remembered_for_a_time_without_one() {
    let mut world = World::new();
    world.order([ServiceOrder::RememberHash(Some("hash".into()))]);
    let mut world = world.again();
    assert_eq!(world.desk.parts.memory.pin_hash(), Some("hash"));
    world.order([ServiceOrder::RememberHash(None)]);
    assert_eq!(world.again().desk.parts.memory.pin_hash(), None);
}

#[test]
fn a_network_that_reaches_central_is_kept_through_restarts() {
    let mut world = World::new();
    world.line.0.lock().unwrap().failures = 2;
    let told = world.order([apply(fixed())]);
    assert_eq!(
        told,
        [
            ServiceEvent::NetworkApplied(Ok(())),
            ServiceEvent::CentralTried(Ok(()))
        ]
    );
    assert_eq!(world.line.0.lock().unwrap().tried, 3);
    world.order([ServiceOrder::KeepNetwork]);
    let mut world = world.again();
    world.desk.take_back_what_was_tried();
    assert_eq!(world.device.addressing(), fixed().wiring.addressing);
    let told = world.order([ServiceOrder::ReadNetwork]);
    assert_eq!(told, [ServiceEvent::NetworkRead(Ok(fixed()))]);
    assert_eq!(*world.desk.parts.memory.transport(), fixed().transport);
}

#[test]
fn a_network_without_gateway_and_name_servers_is_kept_and_comes_back() {
    let lone = |last: u8| NetworkSettings {
        wiring: Wiring {
            addressing: Addressing::Fixed {
                address: [10, 0, 0, last].into(),
                prefix: 24,
                gateway: None,
                dns: Vec::new(),
            },
            time_server: None,
        },
        transport: Transport::default(),
    };
    let mut world = World::new();
    world.order([apply(lone(2)), ServiceOrder::KeepNetwork]);
    world.order([apply(lone(3))]);
    let mut world = world.again();
    world.desk.take_back_what_was_tried();
    let told = world.order([ServiceOrder::ReadNetwork]);
    assert_eq!(told.last(), Some(&ServiceEvent::NetworkRead(Ok(lone(2)))));
}

#[test]
fn a_network_without_central_is_taken_back_by_order() {
    let mut world = World::new();
    world.line.0.lock().unwrap().failures = u32::MAX;
    let told = world.order([apply(fixed())]);
    assert!(matches!(
        told.last(),
        Some(ServiceEvent::CentralTried(Err(_)))
    ));
    assert_eq!(world.device.addressing(), fixed().wiring.addressing);
    let told = world.order([ServiceOrder::RevertNetwork]);
    assert_eq!(told, [ServiceEvent::NetworkReverted(Ok(()))]);
    assert_eq!(world.device.addressing(), Addressing::Dhcp);
    assert_eq!(world.device.state().time_server, None);
    assert_eq!(world.line.0.lock().unwrap().transport, Transport::default());
    let told = world.order([ServiceOrder::ReadNetwork]);
    assert_eq!(
        told,
        [ServiceEvent::NetworkRead(Ok(NetworkSettings::default()))]
    );
    // Once more changes nothing.
    assert_eq!(
        world.order([ServiceOrder::RevertNetwork]),
        [ServiceEvent::NetworkReverted(Ok(()))]
    );
}

#[test]
fn a_network_that_could_not_be_taken_back_is_taken_back_later() {
    let mut world = World::new();
    world.order([ServiceOrder::ApplyNetwork(Box::new(fixed()))]);
    world.device.state().refuses = true;
    let told = world.order([ServiceOrder::RevertNetwork]);
    assert!(matches!(&told[..], [ServiceEvent::NetworkReverted(Err(_))]));
    // Whoever looks later learns of it too.
    let told = world.order([ServiceOrder::ReadNetwork]);
    assert!(matches!(
        &told[..],
        [ServiceEvent::NetworkRead(Ok(_)), ServiceEvent::NetworkReverted(Err(reason))]
            if reason.kind() == TroubleKind::Refused
    ));
    assert_ne!(world.device.addressing(), Addressing::Dhcp);
    world.desk.take_back_what_was_tried();
    assert_eq!(world.device.addressing(), Addressing::Dhcp);
    assert!(world.desk.not_back.is_none());
    let told: Vec<_> = world.told.try_iter().collect();
    assert_eq!(told, [ServiceEvent::NetworkReverted(Ok(()))]);
}

#[test]
fn a_power_cut_while_a_network_is_tried_brings_the_old_one_back() {
    let mut world = World::new();
    world.line.0.lock().unwrap().failures = u32::MAX;
    world.order([apply(fixed())]);
    let mut world = world.again();
    assert_eq!(
        *world.desk.parts.memory.transport(),
        Transport::default(),
        "what was tried is not used"
    );
    world.desk.take_back_what_was_tried();
    assert_eq!(world.device.addressing(), Addressing::Dhcp);
    assert!(world.again().desk.parts.memory.network_before().is_none());
}

/// A device with a second connection that the system may pick.
fn with_another() -> World {
    let world = World::new();
    world
        .device
        .state()
        .connections
        .insert("another".to_owned(), another());
    world
}

fn another() -> Addressing {
    Addressing::Fixed {
        address: [172, 16, 0, 9].into(),
        prefix: 24,
        gateway: None,
        dns: Vec::new(),
    }
}

#[track_caller]
fn check_that_the_first_is_back(world: &World) {
    let device = world.device.state();
    assert_eq!(
        device.active, "wired",
        "the very connection that was in use"
    );
    assert_eq!(device.connections["wired"], Addressing::Dhcp);
    assert_eq!(device.connections["another"], another(), "never touched");
}

#[test]
fn a_connection_that_does_not_come_up_is_taken_back_though_the_system_picked_another() {
    let mut world = with_another();
    world.device.state().picks_another = true;
    let told = world.order([apply(fixed())]);
    assert!(matches!(told[..], [ServiceEvent::NetworkApplied(Err(_))]));
    check_that_the_first_is_back(&world);
    assert!(world.desk.parts.memory.network_before().is_none());
}

#[test]
fn a_power_cut_in_the_trial_brings_the_very_connection_back_that_was_in_use() {
    let mut world = with_another();
    world.line.0.lock().unwrap().failures = u32::MAX;
    world.order([apply(fixed())]);
    world.device.state().active = "another".to_owned();
    let mut world = world.again();
    // Whoever looks before it is back sees the connection that is being tried.
    let told = world.order([ServiceOrder::ReadNetwork]);
    assert!(matches!(
        &told[..],
        [ServiceEvent::NetworkRead(Ok(read))] if read.wiring.addressing == fixed().wiring.addressing
    ));
    world.desk.take_back_what_was_tried();
    check_that_the_first_is_back(&world);
}

#[test]
fn a_connection_that_was_set_up_again_and_not_brought_up_comes_up_at_the_next_start() {
    let mut world = with_another();
    world.order([apply(fixed())]);
    world.device.state().picks_another = true;
    let told = world.order([ServiceOrder::RevertNetwork]);
    assert!(matches!(told[..], [ServiceEvent::NetworkReverted(Err(_))]));
    // In use, but still with the address that was tried: nothing but its coming up makes it what it was.
    world.device.state().active = "wired".to_owned();
    let mut world = world.again();
    world.device.state().ups = 0;
    world.desk.take_back_what_was_tried();
    assert_eq!(world.device.state().ups, 1);
    check_that_the_first_is_back(&world);
}

#[test]
fn a_connection_that_somebody_removed_is_not_put_onto_another() {
    let mut world = with_another();
    world.line.0.lock().unwrap().failures = u32::MAX;
    world.order([apply(fixed())]);
    {
        let mut device = world.device.state();
        device.connections.remove("wired");
        device.active = "another".to_owned();
    }
    world.order([ServiceOrder::RevertNetwork]);
    assert!(world.desk.parts.memory.network_before().is_none());
    let device = world.device.state();
    assert_eq!(device.connections["another"], another());
    assert_eq!(device.connections.len(), 1);
}

#[test]
fn a_connection_without_a_cable_does_not_hold_the_old_settings_up() {
    let mut world = with_another();
    world.device.state().active = String::new();
    let connection = Connection {
        uuid: "wired".to_owned(),
        active: false,
    };
    let before = NetworkBefore {
        settings: NetworkSettings::default(),
        connection: Some(connection.clone()),
        up_due: false,
    };
    let memory = &mut world.desk.parts.memory;
    memory.begin_trying(&before, Transport::default()).unwrap();
    let network = &world.desk.parts.hardware.network;
    network.set_addressing(&connection, &another()).unwrap();
    world.device.state().picks_another = true;
    world.desk.take_back_what_was_tried();
    assert!(world.desk.parts.memory.network_before().is_none());
    assert_eq!(world.device.state().connections["wired"], Addressing::Dhcp);
}

#[test]
fn what_the_device_or_the_certificate_refuses_leaves_everything_as_it_was() {
    let mut world = World::new();
    world.device.state().refuses = true;
    let told = world.order([apply(fixed())]);
    assert!(matches!(told[..], [ServiceEvent::NetworkApplied(Err(_))]));
    assert_eq!(world.device.addressing(), Addressing::Dhcp);
    assert_eq!(world.line.0.lock().unwrap().transport, Transport::default());
    assert!(world.desk.parts.memory.network_before().is_none());

    world.line.0.lock().unwrap().refuses = true;
    let told = world.order([apply(fixed())]);
    assert!(matches!(told[..], [ServiceEvent::NetworkApplied(Err(_))]));
    assert_eq!(world.device.addressing(), Addressing::Dhcp);
}

#[test]
fn two_of_the_largest_authorities_are_kept_and_nothing_larger_is() {
    let largest = |letter: char| {
        let text = letter.to_string().repeat(MAX_AUTHORITY_BYTES - 200);
        let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
        // As it is read: in lines, which is longer.
        crate::hardware::authority_of(pem.as_bytes())
    };
    assert_eq!(largest('A'), Err(AuthorityError::TooLarge));
    let whole = "A".repeat(MAX_AUTHORITY_BYTES + 1);
    assert_eq!(Authority::new(whole, String::new()), None);

    let lines = MAX_AUTHORITY_BYTES / 65 - 1;
    let of = |byte: u8| {
        let mut der = vec![byte; lines * 48];
        der[0] = 0x30;
        let mut settings = fixed();
        settings.transport.authority = Some(crate::hardware::authority_of(&der).unwrap());
        settings
    };
    let mut world = World::new();
    world.order([apply(of(1)), ServiceOrder::KeepNetwork, apply(of(2))]);
    let world = world.again();
    assert_eq!(*world.desk.parts.memory.transport(), of(1).transport);
}

#[test]
fn a_memory_that_could_not_be_read_again_is_not_written() {
    let mut world = World::new();
    world.order([ServiceOrder::RememberHash(Some("hash".into()))]);
    let endless = "x".repeat(1_000_000);
    world.order([ServiceOrder::RememberHash(Some(endless.into()))]);
    assert_eq!(world.again().desk.parts.memory.pin_hash(), Some("hash"));
}

#[test]
fn brightness_and_restarts_reach_the_device() {
    let mut world = World::new();
    let told = world.order([
        ServiceOrder::SetBrightness(30),
        ServiceOrder::ReadBrightness,
        ServiceOrder::Restart(Restart::Device),
    ]);
    assert_eq!(told, [ServiceEvent::Brightness(Ok(30))]);
    assert_eq!(world.device.state().restarts, 1);
    world.device.state().refuses = true;
    let told = world.order([ServiceOrder::Restart(Restart::Device)]);
    assert!(matches!(told[..], [ServiceEvent::RestartFailed(_)]));
    // A panel that stays as it was is shown as it is, and why.
    world.device.state().refuses = true;
    let told = world.order([ServiceOrder::SetBrightness(90)]);
    assert!(matches!(
        told[..],
        [
            ServiceEvent::Brightness(Ok(30)),
            ServiceEvent::BrightnessRefused(_)
        ]
    ));
}

#[test]
fn a_real_desk_answers_from_its_own_thread() {
    let folder = tempfile::tempdir().unwrap();
    let (tell, told) = mpsc::channel();
    let device = Pretended::default();
    let mut desk = ServiceDesk::start(DeskParts {
        memory: ServiceMemory::open(folder.path()),
        hardware: Hardware::pretended(&device, SystemInspector::new(folder.path(), None)),
        line: Box::new(FakeLine::default()),
        restart_program: Box::new(|| ()),
        tell: Box::new(move |event| tell.send(event).unwrap()),
    })
    .unwrap();
    desk.order(ServiceOrder::ReadBrightness);
    desk.stop();
    assert_eq!(told.recv(), Ok(ServiceEvent::Brightness(Ok(80))));
}

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_tool_of_the_system_that_never_ends_is_ended_with_the_kiosk() {
    let folder = tempfile::tempdir().unwrap();
    let begun = folder.path().join("begun");
    let made = std::process::Command::new("mkfifo").arg(&begun).status();
    assert!(made.unwrap().success());
    let body = format!("echo $$ > {}; exec tail -f /dev/null", begun.display());
    let nmcli = script(folder.path(), "nmcli", &body);

    let (tell, told) = mpsc::channel();
    let inspector = SystemInspector::new(folder.path(), None);
    let mut hardware = Hardware::pretended(&Pretended::default(), inspector);
    hardware.network = Box::new(NetworkManager::by(nmcli, &hardware.ending));
    let mut desk = ServiceDesk::start(DeskParts {
        memory: ServiceMemory::open(folder.path()),
        hardware,
        line: Box::new(FakeLine::default()),
        restart_program: Box::new(|| ()),
        tell: Box::new(move |event| tell.send(event).unwrap()),
    })
    .unwrap();
    desk.order(ServiceOrder::ReadNetwork);
    let process = std::fs::read_to_string(&begun).unwrap();
    desk.stop_within(Duration::ZERO, PATIENCE);
    match told.recv().unwrap() {
        ServiceEvent::NetworkRead(Err(reason)) => {
            assert_eq!(
                reason.kind(),
                TroubleKind::Ending,
                "not waited for: {reason}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert!(!Path::new("/proc").join(process.trim()).exists());
}

/// A way to central that nobody comes back from.
struct StuckLine {
    begun: Sender<()>,
    end: Mutex<mpsc::Receiver<()>>,
}

impl CentralLine for StuckLine {
    fn use_transport(&self, _: &Transport) -> Result<(), Trouble> {
        Ok(())
    }

    fn try_central(&self) -> Result<(), Trouble> {
        self.begun.send(()).unwrap();
        assert!(self.end.lock().unwrap().recv().is_err());
        Ok(())
    }

    fn wake(&self) {}
}

#[test]
fn the_kiosk_ends_though_an_order_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let (begun, has_begun) = mpsc::channel();
    let (end, ends) = mpsc::channel();
    let inspector = SystemInspector::new(folder.path(), None);
    let mut desk = ServiceDesk::start(DeskParts {
        memory: ServiceMemory::open(folder.path()),
        hardware: Hardware::pretended(&Pretended::default(), inspector),
        line: Box::new(StuckLine {
            begun,
            end: Mutex::new(ends),
        }),
        restart_program: Box::new(|| ()),
        tell: Box::new(|_| ()),
    })
    .unwrap();
    desk.order(apply(fixed()));
    has_begun.recv().unwrap();
    let (stopped, has_stopped) = mpsc::channel();
    std::thread::spawn(move || {
        desk.stop_within(Duration::ZERO, Duration::ZERO);
        stopped.send(()).unwrap();
    });
    assert_eq!(has_stopped.recv_timeout(PATIENCE), Ok(()));
    drop::<Sender<()>>(end);
}
