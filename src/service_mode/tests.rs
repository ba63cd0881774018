//! Commands and their outcomes, on a simulated device.

use std::sync::Mutex;

use super::*;
use crate::device::command::tests::script;
use crate::device::{AuthorityError, FakeDevice, NetworkManager, SystemInspector};
use crate::state::service_mode::{Addressing, Authority, MAX_AUTHORITY_BYTES};

/// A connection to central whose answers the test chooses.
#[derive(Clone, Default)]
struct FakeConnection(Arc<Mutex<ConnectionState>>);

#[derive(Default)]
struct ConnectionState {
    transport: Transport,
    /// How many attempts fail from now on.
    failures: u32,
    tried: u32,
    refuses: bool,
}

impl CentralConnection for FakeConnection {
    fn use_transport(&self, transport: &Transport) -> Result<(), Trouble> {
        let mut connection = self.0.lock().unwrap();
        if connection.refuses {
            return Err(TroubleKind::CertificateUnusable.into());
        }
        connection.transport = transport.clone();
        Ok(())
    }

    fn try_central(&self) -> Result<(), Trouble> {
        let mut connection = self.0.lock().unwrap();
        connection.tried += 1;
        if connection.failures == 0 {
            return Ok(());
        }
        connection.failures -= 1;
        Err(TroubleKind::CentralUnconnected.into())
    }

    fn wake(&self) {}
}

struct Fixture {
    folder: tempfile::TempDir,
    device: FakeDevice,
    connection: FakeConnection,
    events: mpsc::Receiver<ServiceEvent>,
    worker: ServiceThread,
}

impl Fixture {
    fn new() -> Self {
        Self::on(
            tempfile::tempdir().unwrap(),
            FakeDevice::default(),
            FakeConnection::default(),
        )
    }

    fn on(folder: tempfile::TempDir, device: FakeDevice, connection: FakeConnection) -> Self {
        let (sender, events) = mpsc::channel();
        let inspector = SystemInspector::new(folder.path(), None);
        let worker = ServiceThread {
            parts: ServiceWorkerParts {
                memory: ServiceMemory::open(folder.path()),
                hardware: Hardware::fake(&device, inspector),
                connection: Box::new(connection.clone()),
                restart_program: Box::new(|| ()),
                send: Box::new(move |event| sender.send(event).unwrap()),
            },
            trying: None,
            revert_failure: None,
            pause: Duration::ZERO,
        };
        Self {
            folder,
            device,
            connection,
            events,
            worker,
        }
    }

    /// Restarts the worker, as after a power cut.
    fn again(self) -> Self {
        Self::on(self.folder, self.device, self.connection)
    }

    /// Runs these commands and the attempts that follow from them.
    fn run(&mut self, commands: impl IntoIterator<Item = ServiceCommand>) -> Vec<ServiceEvent> {
        let (sender, receiver) = mpsc::channel();
        for command in commands {
            sender.send(command).unwrap();
        }
        drop(sender);
        self.worker.work(&receiver);
        while self.worker.trying.is_some() {
            self.worker.try_central();
        }
        self.events.try_iter().collect()
    }

    fn check(&mut self, pin: &str, hash: &str, failures: u32) -> Vec<ServiceEvent> {
        self.run([ServiceCommand::CheckPin {
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
    crate::device::authority_of(include_bytes!("../../tests/fixtures/tls/authority.pem")).unwrap()
}

fn apply(settings: NetworkSettings) -> ServiceCommand {
    ServiceCommand::ApplyNetwork(Box::new(settings))
}

#[test]
fn attempts_are_counted_before_they_are_checked_and_survive_a_power_cut() {
    let hash = ServicePinHash::of("4829", &[7; 16]).unwrap();
    let mut fixture = Fixture::new();
    assert_eq!(
        fixture.check("1111", hash.as_str(), 3),
        [ServiceEvent::PinChecked { right: false }]
    );
    let mut fixture = fixture.again();
    assert_eq!(fixture.worker.parts.memory.failures(), 3);
    assert_eq!(
        fixture.check("4829", hash.as_str(), 4),
        [ServiceEvent::PinChecked { right: true }]
    );
    assert_eq!(fixture.again().worker.parts.memory.failures(), 0);
}

#[test]
fn an_invalid_hash_opens_nothing() {
    let mut fixture = Fixture::new();
    assert_eq!(
        fixture.check("4829", "4829", 1),
        [ServiceEvent::PinChecked { right: false }]
    );
}

#[test]
fn damaging_the_memory_does_not_reset_the_attempts() {
    let mut fixture = Fixture::new();
    fixture.run([ServiceCommand::RememberHash(Some("hash".into()))]);
    let file = fixture.folder.path().join("service.json");
    std::fs::write(file, "{").unwrap();
    let memory = ServiceMemory::open(fixture.folder.path());
    assert!(memory.failures() > 3);
    assert_eq!(memory.pin_hash(), None);
}

#[test]
fn the_hash_of_a_board_is_remembered_for_a_time_without_one() {
    let mut fixture = Fixture::new();
    fixture.run([ServiceCommand::RememberHash(Some("hash".into()))]);
    let mut fixture = fixture.again();
    assert_eq!(fixture.worker.parts.memory.pin_hash(), Some("hash"));
    fixture.run([ServiceCommand::RememberHash(None)]);
    assert_eq!(fixture.again().worker.parts.memory.pin_hash(), None);
}

#[test]
fn a_network_that_reaches_central_is_kept_through_restarts() {
    let mut fixture = Fixture::new();
    fixture.connection.0.lock().unwrap().failures = 2;
    let events = fixture.run([apply(fixed())]);
    assert_eq!(
        events,
        [
            ServiceEvent::NetworkApplied(Ok(())),
            ServiceEvent::CentralTried(Ok(()))
        ]
    );
    assert_eq!(fixture.connection.0.lock().unwrap().tried, 3);
    fixture.run([ServiceCommand::KeepNetwork]);
    let mut fixture = fixture.again();
    fixture.worker.revert_unconfirmed();
    assert_eq!(fixture.device.addressing(), fixed().wiring.addressing);
    let events = fixture.run([ServiceCommand::ReadNetwork]);
    assert_eq!(events, [ServiceEvent::NetworkRead(Ok(fixed()))]);
    assert_eq!(*fixture.worker.parts.memory.transport(), fixed().transport);
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
    let mut fixture = Fixture::new();
    fixture.run([apply(lone(2)), ServiceCommand::KeepNetwork]);
    fixture.run([apply(lone(3))]);
    let mut fixture = fixture.again();
    fixture.worker.revert_unconfirmed();
    let events = fixture.run([ServiceCommand::ReadNetwork]);
    assert_eq!(events.last(), Some(&ServiceEvent::NetworkRead(Ok(lone(2)))));
}

#[test]
fn a_network_without_central_is_reverted_on_command() {
    let mut fixture = Fixture::new();
    fixture.connection.0.lock().unwrap().failures = u32::MAX;
    let events = fixture.run([apply(fixed())]);
    assert!(matches!(
        events.last(),
        Some(ServiceEvent::CentralTried(Err(_)))
    ));
    assert_eq!(fixture.device.addressing(), fixed().wiring.addressing);
    let events = fixture.run([ServiceCommand::RevertNetwork]);
    assert_eq!(events, [ServiceEvent::NetworkReverted(Ok(()))]);
    assert_eq!(fixture.device.addressing(), Addressing::Dhcp);
    assert_eq!(fixture.device.state().time_server, None);
    assert_eq!(
        fixture.connection.0.lock().unwrap().transport,
        Transport::default()
    );
    let events = fixture.run([ServiceCommand::ReadNetwork]);
    assert_eq!(
        events,
        [ServiceEvent::NetworkRead(Ok(NetworkSettings::default()))]
    );
    // Reverting again changes nothing.
    assert_eq!(
        fixture.run([ServiceCommand::RevertNetwork]),
        [ServiceEvent::NetworkReverted(Ok(()))]
    );
}

#[test]
fn a_network_that_could_not_be_reverted_is_reverted_later() {
    let mut fixture = Fixture::new();
    fixture.run([ServiceCommand::ApplyNetwork(Box::new(fixed()))]);
    fixture.device.state().refuses = true;
    let events = fixture.run([ServiceCommand::RevertNetwork]);
    assert!(matches!(
        &events[..],
        [ServiceEvent::NetworkReverted(Err(_))]
    ));
    // A later read reports the failure too.
    let events = fixture.run([ServiceCommand::ReadNetwork]);
    assert!(matches!(
        &events[..],
        [ServiceEvent::NetworkRead(Ok(_)), ServiceEvent::NetworkReverted(Err(reason))]
            if reason.kind() == TroubleKind::Refused
    ));
    assert_ne!(fixture.device.addressing(), Addressing::Dhcp);
    fixture.worker.revert_unconfirmed();
    assert_eq!(fixture.device.addressing(), Addressing::Dhcp);
    assert!(fixture.worker.revert_failure.is_none());
    let events: Vec<_> = fixture.events.try_iter().collect();
    assert_eq!(events, [ServiceEvent::NetworkReverted(Ok(()))]);
}

#[test]
fn a_power_cut_during_a_network_test_restores_the_old_one() {
    let mut fixture = Fixture::new();
    fixture.connection.0.lock().unwrap().failures = u32::MAX;
    fixture.run([apply(fixed())]);
    let mut fixture = fixture.again();
    assert_eq!(
        *fixture.worker.parts.memory.transport(),
        Transport::default(),
        "what was tried is not used"
    );
    fixture.worker.revert_unconfirmed();
    assert_eq!(fixture.device.addressing(), Addressing::Dhcp);
    assert!(
        fixture
            .again()
            .worker
            .parts
            .memory
            .network_before()
            .is_none()
    );
}

/// A device with a second connection, which the system may pick.
fn with_another() -> Fixture {
    let fixture = Fixture::new();
    fixture
        .device
        .state()
        .connections
        .insert("another".to_owned(), another());
    fixture
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
fn check_first_is_restored(fixture: &Fixture) {
    let device = fixture.device.state();
    assert_eq!(
        device.active, "wired",
        "the very connection that was in use"
    );
    assert_eq!(device.connections["wired"], Addressing::Dhcp);
    assert_eq!(device.connections["another"], another(), "never touched");
}

#[test]
fn a_connection_that_does_not_come_up_is_reverted_though_the_system_picked_another() {
    let mut fixture = with_another();
    fixture.device.state().picks_another = true;
    let events = fixture.run([apply(fixed())]);
    assert!(matches!(events[..], [ServiceEvent::NetworkApplied(Err(_))]));
    check_first_is_restored(&fixture);
    assert!(fixture.worker.parts.memory.network_before().is_none());
}

#[test]
fn a_power_cut_during_a_test_restores_the_connection_that_was_in_use() {
    let mut fixture = with_another();
    fixture.connection.0.lock().unwrap().failures = u32::MAX;
    fixture.run([apply(fixed())]);
    fixture.device.state().active = "another".to_owned();
    let mut fixture = fixture.again();
    // Before it is restored, the tested connection is shown.
    let events = fixture.run([ServiceCommand::ReadNetwork]);
    assert!(matches!(
        &events[..],
        [ServiceEvent::NetworkRead(Ok(read))] if read.wiring.addressing == fixed().wiring.addressing
    ));
    fixture.worker.revert_unconfirmed();
    check_first_is_restored(&fixture);
}

#[test]
fn a_restored_connection_that_did_not_come_up_comes_up_at_the_next_start() {
    let mut fixture = with_another();
    fixture.run([apply(fixed())]);
    fixture.device.state().picks_another = true;
    let events = fixture.run([ServiceCommand::RevertNetwork]);
    assert!(matches!(
        events[..],
        [ServiceEvent::NetworkReverted(Err(_))]
    ));
    // In use, but still with the tested address, until it is brought up again.
    fixture.device.state().active = "wired".to_owned();
    let mut fixture = fixture.again();
    fixture.device.state().ups = 0;
    fixture.worker.revert_unconfirmed();
    assert_eq!(fixture.device.state().ups, 1);
    check_first_is_restored(&fixture);
}

#[test]
fn a_removed_connection_does_not_change_another() {
    let mut fixture = with_another();
    fixture.connection.0.lock().unwrap().failures = u32::MAX;
    fixture.run([apply(fixed())]);
    {
        let mut device = fixture.device.state();
        device.connections.remove("wired");
        device.active = "another".to_owned();
    }
    fixture.run([ServiceCommand::RevertNetwork]);
    assert!(fixture.worker.parts.memory.network_before().is_none());
    let device = fixture.device.state();
    assert_eq!(device.connections["another"], another());
    assert_eq!(device.connections.len(), 1);
}

#[test]
fn a_connection_without_a_cable_does_not_block_restoring_the_settings() {
    let mut fixture = with_another();
    fixture.device.state().active = String::new();
    let connection = Connection {
        uuid: "wired".to_owned(),
        active: false,
    };
    let before = NetworkBefore {
        settings: NetworkSettings::default(),
        connection: Some(connection.clone()),
        up_due: false,
    };
    let memory = &mut fixture.worker.parts.memory;
    memory.begin_trying(&before, Transport::default()).unwrap();
    let network = &fixture.worker.parts.hardware.network;
    network.set_addressing(&connection, &another()).unwrap();
    fixture.device.state().picks_another = true;
    fixture.worker.revert_unconfirmed();
    assert!(fixture.worker.parts.memory.network_before().is_none());
    assert_eq!(
        fixture.device.state().connections["wired"],
        Addressing::Dhcp
    );
}

#[test]
fn a_refusal_by_the_device_or_the_certificate_changes_nothing() {
    let mut fixture = Fixture::new();
    fixture.device.state().refuses = true;
    let events = fixture.run([apply(fixed())]);
    assert!(matches!(events[..], [ServiceEvent::NetworkApplied(Err(_))]));
    assert_eq!(fixture.device.addressing(), Addressing::Dhcp);
    assert_eq!(
        fixture.connection.0.lock().unwrap().transport,
        Transport::default()
    );
    assert!(fixture.worker.parts.memory.network_before().is_none());

    fixture.connection.0.lock().unwrap().refuses = true;
    let events = fixture.run([apply(fixed())]);
    assert!(matches!(events[..], [ServiceEvent::NetworkApplied(Err(_))]));
    assert_eq!(fixture.device.addressing(), Addressing::Dhcp);
}

#[test]
fn two_of_the_largest_authorities_are_kept_and_nothing_larger_is() {
    let largest = |letter: char| {
        let text = letter.to_string().repeat(MAX_AUTHORITY_BYTES - 200);
        let pem = format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n");
        // As it is read: in lines, which is longer.
        crate::device::authority_of(pem.as_bytes())
    };
    assert_eq!(largest('A'), Err(AuthorityError::TooLarge));
    let whole = "A".repeat(MAX_AUTHORITY_BYTES + 1);
    assert_eq!(Authority::new(whole, String::new()), None);

    let lines = MAX_AUTHORITY_BYTES / 65 - 1;
    let of = |byte: u8| {
        let mut der = vec![byte; lines * 48];
        der[0] = 0x30;
        let mut settings = fixed();
        settings.transport.authority = Some(crate::device::authority_of(&der).unwrap());
        settings
    };
    let mut fixture = Fixture::new();
    fixture.run([apply(of(1)), ServiceCommand::KeepNetwork, apply(of(2))]);
    let fixture = fixture.again();
    assert_eq!(*fixture.worker.parts.memory.transport(), of(1).transport);
}

#[test]
fn a_memory_too_large_to_be_read_is_not_written() {
    let mut fixture = Fixture::new();
    fixture.run([ServiceCommand::RememberHash(Some("hash".into()))]);
    let endless = "x".repeat(1_000_000);
    fixture.run([ServiceCommand::RememberHash(Some(endless.into()))]);
    assert_eq!(fixture.again().worker.parts.memory.pin_hash(), Some("hash"));
}

#[test]
fn brightness_and_restarts_reach_the_device() {
    let mut fixture = Fixture::new();
    let events = fixture.run([
        ServiceCommand::SetBrightness(30),
        ServiceCommand::ReadBrightness,
        ServiceCommand::Restart(Restart::Device),
    ]);
    assert_eq!(events, [ServiceEvent::Brightness(Ok(30))]);
    assert_eq!(fixture.device.state().restarts, 1);
    fixture.device.state().refuses = true;
    let events = fixture.run([ServiceCommand::Restart(Restart::Device)]);
    assert!(matches!(events[..], [ServiceEvent::RestartFailed(_)]));
    // When setting fails, the actual brightness and the reason are reported.
    fixture.device.state().refuses = true;
    let events = fixture.run([ServiceCommand::SetBrightness(90)]);
    assert!(matches!(
        events[..],
        [
            ServiceEvent::Brightness(Ok(30)),
            ServiceEvent::BrightnessRefused(_)
        ]
    ));
}

#[test]
fn a_started_worker_answers_from_its_own_thread() {
    let folder = tempfile::tempdir().unwrap();
    let (sender, events) = mpsc::channel();
    let device = FakeDevice::default();
    let mut worker = ServiceWorker::start(ServiceWorkerParts {
        memory: ServiceMemory::open(folder.path()),
        hardware: Hardware::fake(&device, SystemInspector::new(folder.path(), None)),
        connection: Box::new(FakeConnection::default()),
        restart_program: Box::new(|| ()),
        send: Box::new(move |event| sender.send(event).unwrap()),
    })
    .unwrap();
    worker.send(ServiceCommand::ReadBrightness);
    worker.stop();
    assert_eq!(events.recv(), Ok(ServiceEvent::Brightness(Ok(80))));
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

    let (sender, events) = mpsc::channel();
    let inspector = SystemInspector::new(folder.path(), None);
    let mut hardware = Hardware::fake(&FakeDevice::default(), inspector);
    hardware.network = Box::new(NetworkManager::by(nmcli, &hardware.ending));
    let mut worker = ServiceWorker::start(ServiceWorkerParts {
        memory: ServiceMemory::open(folder.path()),
        hardware,
        connection: Box::new(FakeConnection::default()),
        restart_program: Box::new(|| ()),
        send: Box::new(move |event| sender.send(event).unwrap()),
    })
    .unwrap();
    worker.send(ServiceCommand::ReadNetwork);
    let process = std::fs::read_to_string(&begun).unwrap();
    worker.stop_within(Duration::ZERO, PATIENCE);
    match events.recv().unwrap() {
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

/// A connection whose attempt never returns.
struct StuckConnection {
    begun: Sender<()>,
    end: Mutex<mpsc::Receiver<()>>,
}

impl CentralConnection for StuckConnection {
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
fn the_kiosk_ends_although_a_command_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let (begun, has_begun) = mpsc::channel();
    let (end, ends) = mpsc::channel();
    let inspector = SystemInspector::new(folder.path(), None);
    let mut worker = ServiceWorker::start(ServiceWorkerParts {
        memory: ServiceMemory::open(folder.path()),
        hardware: Hardware::fake(&FakeDevice::default(), inspector),
        connection: Box::new(StuckConnection {
            begun,
            end: Mutex::new(ends),
        }),
        restart_program: Box::new(|| ()),
        send: Box::new(|_| ()),
    })
    .unwrap();
    worker.send(apply(fixed()));
    has_begun.recv().unwrap();
    let (stopped, has_stopped) = mpsc::channel();
    std::thread::spawn(move || {
        worker.stop_within(Duration::ZERO, Duration::ZERO);
        stopped.send(()).unwrap();
    });
    assert_eq!(has_stopped.recv_timeout(PATIENCE), Ok(()));
    drop::<Sender<()>>(end);
}
