//! A central service at `http://` on another computer is not asked. A file of its own, because a process has one
//! interface.

mod town;

use town::{PATIENCE, Town};
use vyveska::app::HeadlessKiosk;
use vyveska::state::Link;

#[test]
fn over_http_beyond_this_computer_nothing_is_asked_and_the_screen_says_why() {
    let town = Town::start();
    let mut options = town.options(1080, 1920);
    // The name does not resolve, so asking it would fail for another reason.
    options.central = "http://central.invalid/".parse().unwrap();
    let kiosk = HeadlessKiosk::start(&options).unwrap();
    kiosk
        .until("a word of the connection", PATIENCE, |shown| {
            shown.waiting.link.is_some()
        })
        .unwrap();
    assert_eq!(kiosk.shown().unwrap().waiting.link, Some(Link::PlainHttp));
    kiosk.stop();
}
