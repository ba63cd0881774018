//! Bytes that rot on the disk: never served, made again, and an alarm until then.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use vyveska_central::maintenance::DAMAGED;
use vyveska_wire::manifest::ContentRef;
use vyveska_wire::section::{InformationSection, SettingsSection};

use crate::device::{Device, refusal};
use crate::preparation::{prepare_as, sample};
use crate::publisher::Publisher;
use crate::retention::file_of;
use crate::town::{Town, config};

pub(crate) fn file(town: &Town, content: ContentRef) -> PathBuf {
    file_of(town, &content.hash.to_string())
}

/// Flips one bit, as a bad cell does: the size and the time of modification stay.
pub(crate) fn flip(town: &Town, content: ContentRef) {
    let path = file(town, content);
    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(modified).unwrap();
}

/// Puts a link to what cannot be read in the place of a file.
fn replace_by_link(town: &Town, content: ContentRef) {
    let path = file(town, content);
    std::fs::remove_file(&path).unwrap();
    // Nothing is mapped at the address 0.
    symlink("/proc/self/mem", &path).unwrap();
}

async fn document(device: &Device<'_>) -> ContentRef {
    let notices = device.notices().await.notices;
    notices[0].documents[0].content.unwrap()
}

pub(crate) async fn refused(device: &Device<'_>, content: ContentRef) -> (u16, String) {
    refusal(device.get(&format!("content/{}", content.hash)).await).await
}

pub(crate) fn damaged() -> (u16, String) {
    (503, "content_damaged".to_owned())
}

async fn alarms(town: &Town) -> Vec<String> {
    let alarms = town.central.alarms().await.unwrap().into_iter();
    let damaged = alarms.filter(|alarm| alarm.kind == DAMAGED);
    damaged.map(|alarm| alarm.subject).collect()
}

#[tokio::test]
async fn a_damaged_document_is_not_served_and_fetched_again() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let content = document(&device).await;
    device.content(content).await;
    flip(&town, content);
    assert_eq!(refused(&device, content).await, damaged());
    let page = format!("/lipnice/document/{}", content.hash);
    assert_eq!(town.get(&page).await.status(), 503);
    town.central.tick().await;
    assert_eq!(alarms(&town).await, [content.hash.to_string()]);
    town.central.tick().await;
    device.content(content).await;
    assert_eq!(town.publisher.asked("/files/0.pdf"), 2);
    assert_eq!(alarms(&town).await.len(), 0);
}

#[tokio::test]
async fn a_damaged_document_that_nobody_asks_for_heals_at_its_recheck() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let content = document(&device).await;
    flip(&town, content);
    town.clock.advance(TimeDelta::hours(24));
    town.central.tick().await;
    device.content(content).await;
    town.central.tick().await;
    assert_eq!(alarms(&town).await.len(), 0);
}

#[tokio::test]
async fn a_document_that_its_publisher_no_longer_has_stays_an_alarm() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let content = document(&device).await;
    town.publisher.edit(|shared| shared.documents.clear());
    std::fs::remove_file(file(&town, content)).unwrap();
    for _ in 0..5 {
        assert_eq!(refused(&device, content).await, damaged());
        town.central.tick().await;
    }
    assert_eq!(alarms(&town).await, [content.hash.to_string()]);
    assert_eq!(
        town.publisher.asked("/files/0.pdf"),
        2,
        "the publisher is asked once, not with every request of a display"
    );
}

#[tokio::test]
async fn a_damaged_section_is_built_again() {
    let town = Town::posting(3).await;
    let device = Device::new(&town, 1);
    let sections = device.manifest().await.sections;
    for section in [sections.notices, sections.settings] {
        device.content(section).await;
        flip(&town, section);
        assert_eq!(refused(&device, section).await, damaged());
        town.central.tick().await;
        device.content(section).await;
        assert_eq!(alarms(&town).await, [section.hash.to_string()]);
        town.central.tick().await;
        assert_eq!(alarms(&town).await.len(), 0);
    }
    assert_eq!(device.manifest().await.sections, sections);
}

#[tokio::test]
async fn a_damaged_section_that_nobody_asks_for_heals_at_the_next_poll() {
    let town = Town::posting(3).await;
    let device = Device::new(&town, 1);
    let section = device.manifest().await.sections.notices;
    flip(&town, section);
    town.poll_after(15).await;
    device.content(section).await;
}

#[tokio::test]
async fn a_damaged_text_is_prepared_again() {
    let town = Town::quiet(1).await;
    town.publisher.edit(|shared| {
        let document = ("application/pdf", sample("zm21-bod-01.pdf"));
        shared.documents.insert("0.pdf".into(), document);
    });
    town.poll().await;
    town.central.prepare_documents().await.unwrap();
    let device = Device::new(&town, 1);
    let text = device.notices().await.notices[0].documents[0].text.unwrap();
    flip(&town, text);
    assert_eq!(refused(&device, text).await, damaged());
    town.central.tick().await;
    assert_eq!(alarms(&town).await, [text.hash.to_string()]);
    town.central.prepare_documents().await.unwrap();
    device.content(text).await;
    town.central.tick().await;
    assert_eq!(alarms(&town).await.len(), 0);
}

#[tokio::test]
async fn a_damaged_rendition_is_made_again() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let made = b"%PDF-1.7 drawn right";
    let rendition = prepare_as(&town, made, &[]).await;
    town.poll_after(15).await;
    device.content(rendition).await;
    flip(&town, rendition);
    assert_eq!(refused(&device, rendition).await, damaged());
    town.central.tick().await;
    assert_eq!(alarms(&town).await, [rendition.hash.to_string()]);
    // The document waits for its preparation again.
    assert_eq!(prepare_as(&town, made, &[]).await, rendition);
    device.content(rendition).await;
    town.central.tick().await;
    assert_eq!(alarms(&town).await.len(), 0);
}

#[tokio::test]
async fn a_damaged_rendition_keeps_no_text_from_being_made() {
    let town = Town::quiet(1).await;
    town.publisher.edit(|shared| {
        let document = ("application/pdf", sample("zm21-bod-01.pdf"));
        shared.documents.insert("0.pdf".into(), document);
    });
    town.poll().await;
    let device = Device::new(&town, 1);
    let rendition = prepare_as(&town, &sample("zm21-bod-07.pdf"), &[]).await;
    town.poll_after(15).await;
    device.content(rendition).await;
    // Its text waits to be made anew.
    flip(&town, rendition);
    assert_eq!(refused(&device, rendition).await, damaged());
    town.central.tick().await;
    town.central.prepare_documents().await.unwrap();
    let text = device.notices().await.notices[0].documents[0].text;
    device.content(text.unwrap()).await;
}

#[tokio::test]
async fn a_damaged_picture_of_a_page_is_read_again() {
    let town = crate::information::town().await;
    let device = Device::new(&town, 1);
    let section = device.manifest().await.sections.information;
    let section: InformationSection = device.section(section).await;
    let map = section.pages[0].map.as_ref().unwrap().content;
    flip(&town, map);
    assert_eq!(refused(&device, map).await, damaged());
    town.central.tick().await;
    device.content(map).await;
}

#[tokio::test]
async fn what_cannot_be_read_any_more_is_made_again_or_stays_refused_with_an_alarm() {
    let publisher = Publisher::start(1).await;
    let feed = publisher.feed_url();
    let town = Town::with(publisher, |data| {
        let mut config = config(data, &feed, "");
        std::fs::write(data.join("arms.png"), b"\x89PNG\r\n\x1A\n arms").unwrap();
        config.boards[0].coat_of_arms = Some(data.join("arms.png"));
        config
    })
    .await;
    town.poll().await;
    let device = Device::new(&town, 1);
    let sections = device.manifest().await.sections;
    let settings: SettingsSection = device.section(sections.settings).await;
    let arms = settings.coat_of_arms.unwrap();
    for content in [arms, document(&device).await, sections.notices] {
        device.content(content).await;
        replace_by_link(&town, content);
        assert_eq!(refused(&device, content).await, damaged());
        town.central.tick().await;
        assert_eq!(alarms(&town).await, [content.hash.to_string()]);
        town.central.tick().await;
        device.content(content).await;
        town.central.tick().await;
        assert_eq!(alarms(&town).await.len(), 0);
    }
    // The file it came from is gone as well.
    std::fs::remove_file(town.data.path().join("arms.png")).unwrap();
    replace_by_link(&town, arms);
    for _ in 0..3 {
        assert_eq!(refused(&device, arms).await, damaged());
        town.central.tick().await;
        assert_eq!(alarms(&town).await, [arms.hash.to_string()]);
    }
    // What cannot be stored again keeps nothing else from it.
    replace_by_link(&town, sections.notices);
    assert_eq!(refused(&device, sections.notices).await, damaged());
    town.central.tick().await;
    device.content(sections.notices).await;
    // It is tried again.
    std::fs::write(town.data.path().join("arms.png"), b"\x89PNG\r\n\x1A\n arms").unwrap();
    town.clock.advance(TimeDelta::minutes(1));
    town.central.tick().await;
    device.content(arms).await;
    town.central.tick().await;
    assert_eq!(alarms(&town).await.len(), 0);
}

#[tokio::test]
async fn what_is_no_file_is_damage_and_never_waited_for() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let content = document(&device).await;
    let path = file(&town, content);
    let spoils: [fn(&Path); 5] = [
        |path: &Path| std::fs::create_dir_all(path.join("full")).unwrap(),
        |path: &Path| symlink(path.file_name().unwrap(), path).unwrap(),
        |path: &Path| symlink("/dev/zero", path).unwrap(),
        |path: &Path| {
            let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
            rustix::fs::mkfifoat(rustix::fs::CWD, path, mode).unwrap();
        },
        |path: &Path| std::fs::create_dir(path).unwrap(),
    ];
    for spoil in spoils {
        std::fs::remove_file(&path).unwrap();
        spoil(&path);
        assert_eq!(refused(&device, content).await, damaged());
        town.central.tick().await;
        assert_eq!(alarms(&town).await, [content.hash.to_string()]);
        town.central.tick().await;
        device.content(content).await;
        town.central.tick().await;
        assert_eq!(alarms(&town).await.len(), 0);
    }
    let aside = town.data.path().join("documents/damaged");
    assert!(aside.join(content.hash.to_string()).join("full").exists());
}

#[tokio::test]
async fn damage_that_cannot_be_noted_is_not_forgotten() {
    let town = Town::posting(1).await;
    let device = Device::new(&town, 1);
    let section = device.manifest().await.sections.notices;
    let database = town.database().await;
    let rename = async |from: &str, to: &str| {
        let rename = format!("ALTER TABLE {from} RENAME TO {to}");
        let rename = sqlx::raw_sql(sqlx::AssertSqlSafe(rename));
        rename.execute(&database).await.unwrap();
    };
    flip(&town, section);
    assert_eq!(refused(&device, section).await, damaged());
    rename("alarm", "away").await;
    town.central.tick().await;
    assert_eq!(refused(&device, section).await, damaged());
    rename("away", "alarm").await;
    town.central.tick().await;
    device.content(section).await;
    assert_eq!(alarms(&town).await, [section.hash.to_string()]);
}

#[tokio::test]
async fn a_damaged_section_of_an_older_publication_is_refused_and_the_newest_is_served() {
    let town = Town::posting(3).await;
    let device = Device::new(&town, 1);
    let older = device.manifest().await.sections.notices;
    let publish = async |title: &str| {
        town.publisher
            .edit(|shared| shared.notices[0]["název"]["cs"] = title.into());
        town.poll_after(15).await;
        device.manifest().await.sections.notices
    };
    let newest = publish("a").await;
    assert_ne!(older, newest);
    device.content(older).await;
    flip(&town, older);
    // A display in the middle of fetching it asks for the manifest again, and gets the newest.
    for _ in 0..3 {
        assert_eq!(refused(&device, older).await, damaged());
        town.central.tick().await;
        assert_eq!(alarms(&town).await, [older.hash.to_string()]);
        assert_eq!(device.manifest().await.sections.notices, newest);
        device.content(newest).await;
    }
    publish("b").await;
    publish("c").await;
    let unknown = (404, "unknown_content".to_owned());
    assert_eq!(refused(&device, older).await, unknown);
    town.central.tick().await;
    assert_eq!(alarms(&town).await.len(), 0);
}
